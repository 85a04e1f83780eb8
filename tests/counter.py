"""A merchant with an order desk: articles with prices, a mailbox, an ERP that takes files, all real."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

from blocks.database import rulebooks
from blocks.database.engine import Database
from blocks.systems.desks.order_desk import OrderDesk
from blocks.systems.erps.file_erp import FileErp
from blocks.systems.mailboxes.smtp import SmtpMailbox
from deployments.apply import register
from tasks.order_entry.form import OrderForm
from tests import desk
from tests.sandbox import RunningSmtp

PRICES = {"LAMP": ("47.55", "Standard"), "BOOK": ("12.80", "Reduced")}
ADDRESS = {
    "first_name": "Jörg", "last_name": "Weiß", "street": "Domstraße 1", "postal_code": "50668", "city": "Köln",
    "email": "joerg@example.com", "phone": "+49 221 5550100",
}  # fmt: skip


def an_order_desk(**changes: Any) -> OrderDesk:
    """Return a desk that sells the articles of channel 'berlin'."""
    fields: dict[str, Any] = {
        "assortment": "berlin",
        "tax_rates": {"DE": {"Standard": 19, "Reduced": 7}},
        "shipping_charges": {"parcel": "4.90"},
        "payment_methods": {"invoice": "invoice", "prepayment": "prepayment"},
        "shipping_methods": {"parcel": "parcel"},
    }
    return OrderDesk.model_validate({**fields, **changes})


@dataclass(frozen=True, slots=True)
class Counter:
    """The connections of one test, saved under a name of its own."""

    name: str
    database: Database
    drop: Path
    server: RunningSmtp

    def form(self, **changes: Any) -> OrderForm:
        """Return a right form; what is changed overrides."""
        return OrderForm.model_validate(self.typed(**changes))

    def typed(self, **changes: Any) -> dict[str, Any]:
        """Return a right form as a person types it."""
        fields: dict[str, Any] = {
            "desk": f"order-desk/{self.name}", "erp": f"file-erp/{self.name}",
            "lines": [{"sku": "LAMP", "quantity": "2"}, {"sku": "BOOK"}], "billing": ADDRESS,
            "payment_method": "prepayment", "shipping_method": "parcel",
        }  # fmt: skip
        return {**fields, **changes}

    def ask(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Return the rows of a query."""
        return desk.ask(self.database, query, values)


def price(database: Database, channel: str = "berlin") -> None:
    """Give the articles their prices and tax categories."""
    with database.audited(desk.ACTOR) as (connection, trail):
        for sku, (amount, category) in PRICES.items():
            connection.execute(
                "UPDATE article SET price = %s, tax_category = %s WHERE channel = %s AND sku = %s",
                (Decimal(amount), category, channel, sku),
            )
        trail.add("article.changed", f"source/{channel}", [("article", f"{channel}:{sku}") for sku in PRICES])


@contextmanager
def open_counter(database: Database, folder: Path, server: RunningSmtp) -> Iterator[Counter]:
    """Save the connections and the master data of a desk; needs a Prefect server."""
    name = f"c{uuid4().hex[:8]}"
    desk.know(database, "LAMP", "BOOK")
    desk.count(database, 1000, "LAMP", "BOOK")
    price(database)
    for block_type in (OrderDesk, FileErp, SmtpMailbox):
        register(block_type)
    for part in ("orders", "sent", "acknowledgements"):
        (folder / "erp" / part).mkdir(parents=True)
    an_order_desk().save(name)
    FileErp(folder=str(folder / "erp")).save(name)
    SmtpMailbox(
        host="127.0.0.1", port=server.port, security="none", sender="orders@example.com", merchant="Lampenhaus",
        imprint="Lampenhaus GmbH",
    ).save(name)  # fmt: skip
    with database.audited(desk.ACTOR) as (connection, trail):
        content = f"mailbox: smtp-mailbox/{name}"
        rulebooks.activate(
            connection, trail, kind="order_rules", name="orders", content=content, by="test", reason="a test"
        )
    yield Counter(name, database, folder / "erp", server)
