"""Tryton: sales and purchase requests in; articles, stock and what moves it out, over its JSON-RPC."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field, SecretStr

from blocks.documents.bills import BillRequest, BillSeen
from blocks.documents.purchases import PurchaseRequest
from blocks.documents.sales import Sale, SaleRequest
from blocks.documents.statuses import StatusNotice, StatusSeen, Vocabulary
from blocks.documents.stock import GoodsDue, StockLevel
from blocks.documents.supply import PurchaseLine, ReceiptLine, SupplierParty
from blocks.errors import TryAgainLater
from blocks.systems.answers import Answer
from blocks.systems.erps import (
    tryton_bills,
    tryton_goods_due,
    tryton_purchases,
    tryton_statuses,
    tryton_stock,
    tryton_supply,
)
from blocks.systems.erps.contract import Erp, ErpCapabilities
from blocks.systems.erps.tryton_booking import Booking
from blocks.systems.erps.tryton_places import storage_locations, to_stock_level
from blocks.systems.erps.tryton_reads import find_sales
from blocks.systems.erps.tryton_rpc import PAGE, TrytonRpc
from blocks.systems.erps.tryton_sales import Services
from blocks.systems.limits import CallsPerSecond, MaxInFlight
from blocks.systems.stock import Movements

BATCH = 25
"""Sales booked, or purchases asked for, at once: a sale holds Tryton's locks for 0.2 s, so others wait 5 s at most."""


class TrytonErp(Erp):
    """A Tryton 8 database, reached through its JSON-RPC with a user of its own.

    The user needs the groups Sales, Stock and Account, and English as language. The service articles below
    must exist in Tryton; the one for rounding belongs to an accounting category without taxes.

    To tell what is on its way the user also needs the group Purchase, and Purchase Request where that module is
    active. To be asked to buy, Tryton needs the module purchase_requisition, and the user its two groups and an
    employee of its own. Suppliers' invoices need an account payable, a journal of expenses and, for VAT categories
    other than S, the names of Tryton's taxes in ``taxes``; their reference of ours stands in Tryton's description.

    Example:
        >>> erp = Erp.load("tryton-erp/main")
    """

    _block_type_name = "Tryton ERP"
    _block_type_slug = "tryton-erp"
    _description = (
        "A Tryton ERP: SOMS books sales in it, reads its articles, stock and what moves it, and asks it to buy."
    )

    status_words: ClassVar[Vocabulary | None] = tryton_statuses.WORDS

    url: str = Field(
        description="Address of the Tryton server without the database, e.g. https://erp.example.com.",
        pattern=r"^https?://[^/]+/?$",
    )
    database: str = Field(
        description="Name of the database, as in the login window of Tryton.", pattern=r"^[A-Za-z0-9_.-]+$"
    )
    user: str = Field(description="Login of the user SOMS works as; with the groups named above.")
    password: SecretStr = Field(description="Password of that user; stored encrypted.")
    timeout: float = Field(default=30.0, gt=0, description="Seconds to wait for one answer before trying again later.")
    shipping_article: str = Field(default="SHIPPING", description="Code of the service article for shipping costs.")
    payment_fee_article: str = Field(default="PAYMENT-FEE", description="Code of the service article for payment fees.")
    discount_article: str = Field(default="DISCOUNT", description="Code of the service article for discounts.")
    rounding_article: str = Field(
        default="ROUNDING", description="Code of the service article, outside tax, that declares rounding differences."
    )
    payment_term: str = Field(
        default="", description="Name of the payment term of every sale; empty leaves it to Tryton's own default."
    )

    bills_until: Literal["draft", "validated", "posted"] = Field(
        default="posted", description="How far suppliers' invoices are taken in Tryton."
    )
    taxes: dict[str, str] = Field(
        default_factory=dict,
        description="Tryton's tax for suppliers' invoices by VAT category and rate, e.g. AE:19 → its name; category S"
        " is found by its rate.",
    )
    expense_account: str = Field(
        default="", description="Code of the account for billed lines without an article; empty: Tryton's own default."
    )

    note_language: Literal["de", "en"] = Field(
        default="de", description="Language of the notes that show a status Tryton has no word for."
    )
    charge_articles: tuple[str, ...] = Field(
        default=("FREIGHT", "PACKING", "SHIPPING"),
        description="Codes of the service articles that freight and packing are ordered on from suppliers.",
    )
    max_in_flight: MaxInFlight = None
    calls_per_second: CallsPerSecond = None

    @property
    def capabilities(self) -> ErpCapabilities:
        """Return what Tryton can do: everything, at once."""
        return ErpCapabilities(
            sales=True,
            stock_by_location=True,
            articles=True,
            movements=True,
            goods_due=True,
            purchases=True,
            supply=True,
            bills=True,
        )

    def stock(self) -> Iterator[tuple[StockLevel, ...]]:
        """Yield the stock of all goods, page by page, location by location, in the order of Tryton's ids.

        A storage location that has others beneath it is a location of its own: what lies beneath isn't counted in.

        Raises:
            TryAgainLater: Tryton can't answer now.
            Refused: Credentials or rights are missing.
            Unreadable: The answer is not Tryton's.
        """
        with self._conversation() as tryton:
            for number, warehouse, location in storage_locations(tryton):
                where = {"locations": [number], "with_childs": False}
                domain = [["type", "=", "goods"], ["code", "!=", None]]
                fields = ["code", "quantity", "forecast_quantity"]
                for page in tryton.read_all("product.product", domain, fields, where):
                    yield tuple(to_stock_level(record, warehouse, location) for record in page)

    def movements(self, position: str) -> Iterator[Movements]:
        """Yield what came into and left the storage zones after a position, and the sales closed since, in pages.

        A movement happens when Tryton writes it, by Tryton's clock; its day of effect, which people may set back,
        doesn't matter. A count comes as the adjustment it made, for Tryton counts storage locations one by one. Begin
        with an empty position before the levels are first read: what happens meanwhile is told afterwards.

        Raises:
            TryAgainLater: Tryton can't answer now.
            Refused: Credentials or rights are missing, or the position isn't ours.
            Unreadable: The answer is not Tryton's.
        """
        with self._conversation() as tryton:
            yield from tryton_stock.movements(tryton, position)

    def goods_due(self) -> Iterator[tuple[GoodsDue, ...]]:
        """Yield what is bought, sent or at the door, and without a day what is drafted or asked for; each piece once.

        Raises:
            TryAgainLater: Tryton can't answer now.
            Refused: Credentials or rights are missing.
            Unreadable: The answer is not Tryton's.
        """
        with self._conversation() as tryton:
            yield from tryton_goods_due.goods_due(tryton)

    def request_purchases(self, requests: Sequence[PurchaseRequest]) -> list[Answer]:
        """Have Tryton make a purchase request of each, by an approved requisition of its own. Raises nothing.

        When Tryton can't answer, the rest of the requests isn't tried.
        """
        answers: list[Answer] = []
        with self._conversation() as tryton:
            for start in range(0, len(requests), BATCH):
                answers += tryton_purchases.request_purchases(tryton, requests[start : start + BATCH])
                if isinstance(answers[-1], TryAgainLater):
                    break
        rest = len(requests) - len(answers)
        return answers + [TryAgainLater("Tryton could not answer for an earlier purchase; not tried yet.")] * rest

    def book_bills(self, requests: Sequence[BillRequest]) -> list[Answer]:
        """Book each supplier's invoice exactly once, as far as ``bills_until`` says; one answer each. Raises nothing.

        The total is the invoice's to the cent: a difference of up to a cent per line, and two, is declared on a line
        of its own, a larger one is refused. When Tryton can't answer, the rest of the requests isn't tried.
        """
        answers: list[Answer] = []
        with self._conversation() as tryton:
            for start in range(0, len(requests), BATCH):
                some = requests[start : start + BATCH]
                answers += tryton_bills.book_bills(
                    tryton, some, until=self.bills_until, taxes=self.taxes, account=self.expense_account
                )
                if isinstance(answers[-1], TryAgainLater):
                    break
        rest = len(requests) - len(answers)
        return answers + [TryAgainLater("Tryton could not answer for an earlier invoice; not tried yet.")] * rest

    def bill_states(self, references: Sequence[str]) -> dict[str, BillSeen]:
        """Return what Tryton says of the invoices with these references, and when they were settled.

        Raises:
            TryAgainLater: Tryton can't answer now.
            Refused: Credentials or rights are missing.
            Unreadable: The answer is not Tryton's.
        """
        with self._conversation() as tryton:
            return tryton_bills.states(tryton, references)

    def suppliers(self) -> Iterator[tuple[SupplierParty, ...]]:
        """Yield the parties with purchases, supplier prices or bank accounts, in pages.

        Raises:
            TryAgainLater: Tryton can't answer now.
            Refused: Credentials or rights are missing.
            Unreadable: The answer is not Tryton's.
        """
        with self._conversation() as tryton:
            yield from tryton_supply.suppliers(tryton)

    def purchase_lines_changed(self, since: datetime) -> Iterator[tuple[PurchaseLine, ...]]:
        """Yield the lines of numbered purchases written since a time, with the order or without it, in pages.

        Raises:
            TryAgainLater: Tryton can't answer now.
            Refused: Credentials or rights are missing.
            Unreadable: The answer is not Tryton's.
        """
        with self._conversation() as tryton:
            yield from tryton_supply.purchase_lines(tryton, since, self.charge_articles)

    def receipt_lines_changed(self, since: datetime) -> Iterator[tuple[ReceiptLine, ...]]:
        """Yield what came from suppliers or went back to them and was written since a time, in pages.

        Raises:
            TryAgainLater: Tryton can't answer now.
            Refused: Credentials or rights are missing.
            Unreadable: The answer is not Tryton's.
        """
        with self._conversation() as tryton:
            yield from tryton_supply.receipt_lines(tryton, since)

    def article_codes(self) -> frozenset[str]:
        """Return the codes of all saleable articles but the service articles SOMS itself books on.

        Raises:
            TryAgainLater: Tryton can't answer now.
            Refused: Credentials or rights are missing.
            Unreadable: The answer is not Tryton's.
        """
        own = {self.shipping_article, self.payment_fee_article, self.discount_article, self.rounding_article}
        with self._conversation() as tryton:
            pages = tryton.read_all("product.product", [["salable", "=", True], ["code", "!=", None]], ["code"])
            return frozenset(record["code"] for page in pages for record in page) - own

    def book_sales(self, requests: Sequence[SaleRequest]) -> list[Answer]:
        """Book each sale exactly once and confirm it; one answer per request, in order. Raises nothing.

        The total in Tryton is the agreed one to the cent: a difference of up to a cent per line, and two, is declared
        on a line of its own, a larger one is refused. When Tryton can't answer, the rest of the requests isn't tried.
        """
        answers: list[Answer] = []
        with self._conversation() as tryton:
            for start in range(0, len(requests), BATCH):
                batch = requests[start : start + BATCH]
                answers += Booking(tryton, self._services(), self.payment_term, batch).answers()
                if isinstance(answers[-1], TryAgainLater):
                    break
        rest = len(requests) - len(answers)
        return answers + [TryAgainLater("Tryton could not answer for an earlier sale; not tried yet.")] * rest

    def find_sales(self, references: Sequence[str]) -> dict[str, list[Sale]]:
        """Return every sale that carries one of these references, cancelled ones too.

        Raises:
            TryAgainLater: Tryton can't answer now.
            Refused: Credentials or rights are missing.
            Unreadable: The answer is not Tryton's.
        """
        found: dict[str, list[Sale]] = {}
        with self._conversation() as tryton:
            for start in range(0, len(references), PAGE):
                found |= find_sales(tryton, self._services(), references[start : start + PAGE])
        return found

    def sales_changed(self, since: datetime) -> Iterator[tuple[tuple[str, str, datetime], ...]]:
        """Yield reference, number and time of change of sales written since a time, oldest first, in pages.

        Raises:
            TryAgainLater: Tryton can't answer now.
            Refused: Credentials or rights are missing.
            Unreadable: The answer is not Tryton's.
        """
        with self._conversation() as tryton:
            yield from tryton_statuses.changed(tryton, since)

    def sale_states(self, references: Sequence[str]) -> dict[str, StatusSeen]:
        """Return what Tryton says of the sales with these references, and when they were last written.

        Raises:
            TryAgainLater: Tryton can't answer now.
            Refused: Credentials or rights are missing.
            Unreadable: The answer is not Tryton's.
        """
        with self._conversation() as tryton:
            return tryton_statuses.states(tryton, references)

    def set_status(self, notices: Sequence[StatusNotice]) -> list[Answer]:
        """Ship or cancel sales by Tryton's own buttons, or show a status as a note; one answer each. Raises nothing."""
        if not notices:
            return []
        with self._conversation() as tryton:
            return tryton_statuses.tell(tryton, notices, language=self.note_language)

    def _conversation(self) -> TrytonRpc:
        return TrytonRpc(self.url, self.database, self.user, self.password.get_secret_value(), self.timeout)

    def _services(self) -> Services:
        return Services(self.shipping_article, self.payment_fee_article, self.discount_article, self.rounding_article)
