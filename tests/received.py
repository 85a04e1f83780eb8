"""Invoices that came: taken, judged and decided without flows, held against a supply that tests say."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from blocks.database import invoice_verdicts, rulebooks
from blocks.database.audit import Actor
from blocks.database.received_invoices import Destination
from blocks.documents.invoice_limits import KIND, NAME
from blocks.documents.invoice_verdicts import FindingClass, Gravity, InvoiceFinding, InvoiceVerdict
from blocks.documents.invoices import Delivery, Invoice, PostalAddress
from tasks.invoice_validation import deciding, judging
from tasks.invoice_validation.booking import Held, Hold, Tally
from tasks.invoice_validation.judging_files import ToJudge, judge_one
from tests import desk
from tests.suppliers import SOURCE, Suppliers, an_invoice, as_ubl

ACTOR = Actor(process="invoice_validation", run_id="run-1")
ONWARD = Destination("tryton-erp/main", "smtp-mailbox/orders")


def a_right_invoice(number: str, **changes: Any) -> Invoice:
    """Return an invoice that nothing is to be said against."""
    plain = an_invoice(number, **changes)
    seller = plain.seller.model_copy(
        update={"address": PostalAddress(line_1="Domstrasse 1", postcode="50668", city="Köln", country="DE")}
    )
    buyer = plain.buyer.model_copy(
        update={"address": PostalAddress(line_1="Kastanienallee 1", postcode="10435", city="Berlin", country="DE")}
    )
    delivery = Delivery(delivered_on=date(2026, 11, 1))
    return plain.model_copy(update={"seller": seller, "buyer": buyer, "delivery": delivery})


def supplied(wrong: Mapping[int, str] | None = None) -> Hold:
    """Return a supply that agrees with every invoice but the ones named, each with what is said of it."""

    def hold(_connection: Any, _trail: Any, ids: Any) -> Held:
        return Held({number: tuple(_against(number, wrong or {})) for number in ids}, version="1")

    return hold


def _against(number: int, wrong: Mapping[int, str]) -> Iterator[InvoiceFinding]:
    if number in wrong:
        yield InvoiceFinding(
            rule="price-above-order", rule_set="supply", kind=FindingClass.SUPPLY, gravity=Gravity.FATAL,
            text=wrong[number], text_de=wrong[number],
        )  # fmt: skip


def here(items: Iterable[ToJudge]) -> Iterator[tuple[int, InvoiceVerdict]]:
    """Judge in this process."""
    return ((item.invoice, judge_one(item)) for item in items)


class Office:
    """Where invoices come in and people decide on them."""

    def __init__(self, suppliers: Suppliers) -> None:
        """Begin with suppliers who have sent nothing."""
        self.suppliers, self.database = suppliers, suppliers.database

    def take_in(self, *numbers: str, **changes: Any) -> None:
        """Let invoices come, be read, and be taken."""
        files = {f"{number.lower()}_xml": as_ubl(a_right_invoice(number, **changes)) for number in numbers}
        self.suppliers.take_in(**files)
        self.take()

    def take(self) -> int:
        """Take what was read."""
        return judging.take(self.database, ACTOR, SOURCE, ONWARD)

    def judge(self, hold: Hold | None = None, *, again: bool = False) -> Tally:
        """Judge what nobody has decided."""
        with self.database.connect() as connection:
            found = judging.chunks_of(connection, SOURCE)
        tally = Tally()
        for chunk in found:
            tally += judging.judge(self.database, ACTOR, chunk, hold=hold or supplied(), judge_files=here, again=again)[
                0
            ]
        return tally

    def limit(self, content: str) -> None:
        """Put limits in force."""
        with self.database.audited(ACTOR) as (connection, trail):
            rulebooks.activate(connection, trail, kind=KIND, name=NAME, content=content, by="ada", reason="Agreed.")

    def invoices(self) -> list[dict[str, Any]]:
        """Return all invoices, oldest first."""
        return desk.ask(self.database, "SELECT * FROM received_invoice ORDER BY id")

    def states(self) -> dict[str, str]:
        """Return the state of each invoice by its number."""
        return {row["number"]: row["state"] for row in self.invoices()}

    def view(self, invoice: int) -> str:
        """Return what names the view that a person has of an invoice now."""
        with self.database.connect() as connection:
            return invoice_verdicts.newest(connection, [invoice])[invoice].view_hash

    def decide(
        self, action: Callable[..., str], invoice: int, *, by: str = "ada", seen: str | None = None, why: str = "Seen."
    ) -> str:
        """Decide as a person does who has just looked, or has seen something else."""
        wish = deciding.Wish(invoice, by, why, self.view(invoice) if seen is None else seen)
        with self.database.audited(ACTOR) as (connection, trail):
            return action(connection, trail, wish)

    def effects(self) -> list[tuple[str, str]]:
        """Return kind and business key of what is due."""
        return [
            (row["kind"], row["business_key"])
            for row in desk.ask(
                self.database, "SELECT kind, business_key FROM effect WHERE process = 'invoice_validation' ORDER BY id"
            )
        ]
