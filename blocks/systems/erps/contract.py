"""What every ERP can do, and which of it a given ERP can't."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from prefect.blocks.core import Block

from blocks.documents.bills import BillRequest, BillSeen
from blocks.documents.purchases import PurchaseRequest
from blocks.documents.sales import Sale, SaleRequest
from blocks.documents.statuses import StatusNotice, StatusSeen, Vocabulary
from blocks.documents.stock import GoodsDue, StockLevel
from blocks.documents.supply import PurchaseLine, ReceiptLine, SupplierParty
from blocks.errors import Unsupported
from blocks.systems.answers import Answer
from blocks.systems.stock import Movements, StockSource


@dataclass(frozen=True, slots=True)
class ErpCapabilities:
    """What an ERP can do, as data; a missing one is a named error at the caller."""

    sales: bool
    stock_by_location: bool
    articles: bool
    answers_at_once: bool = True
    """False: a sale is handed over first (Outstanding), and a later call brings the ERP's answer."""
    movements: bool = False
    """It tells what moved its stock, and which sales are closed."""
    goods_due: bool = False
    """It tells what is on its way to its warehouses."""
    purchases: bool = False
    """It can be asked to buy."""
    supply: bool = False
    """It tells whom goods are bought from, what was ordered of them and what came."""
    bills: bool = False
    """It books suppliers' invoices, and tells when they are paid."""


class Erp(Block, StockSource):
    """An ERP. Connectors raise TryAgainLater, Refused or Unreadable and nothing else; they never sleep."""

    _block_type_name = "ERP"
    status_words: ClassVar[Vocabulary | None] = None
    """What this ERP says of a sale's status and can be told; None: it neither says nor is told anything."""

    @property
    @abstractmethod
    def capabilities(self) -> ErpCapabilities:
        """Return what this ERP, as it is set up, can do; asking for anything else raises Unsupported."""

    @abstractmethod
    def stock(self) -> Iterator[tuple[StockLevel, ...]]:
        """Yield the stock of every article per warehouse and storage location, in pages; zero stock included."""

    def movements(self, position: str) -> Iterator[Movements]:
        """Yield what happened to stock after a position, as ``StockSource`` says."""
        del position
        raise Unsupported(f"{self._block_type_name} does not say what moved its stock: its whole levels are read.")

    def goods_due(self) -> Iterator[tuple[GoodsDue, ...]]:
        """Yield what is on its way to the warehouses, as ``StockSource`` says; what is asked for, without a day."""
        raise Unsupported(f"{self._block_type_name} does not say what goods are on their way.")

    @abstractmethod
    def article_codes(self) -> frozenset[str]:
        """Return the codes of all saleable articles."""

    @abstractmethod
    def book_sales(self, requests: Sequence[SaleRequest]) -> list[Answer]:
        """Book each sale exactly once and bring it to its confirmed state; one answer per request, in order.

        Every reference is looked up first; what is found is adopted and carried on from the state it is in,
        so calling again after a crash or a lost answer is safe. Parties are found by code or created once.
        ``Done.facts`` hold ``number``, ``state``, ``total`` and ``rounding`` (text). An ERP that answers later
        (``capabilities.answers_at_once``) gives Outstanding until it has answered.
        """

    @abstractmethod
    def find_sales(self, references: Sequence[str]) -> dict[str, list[Sale]]:
        """Return every sale with one of these references, cancelled ones too; keys without a sale are missing."""

    def sales_changed(self, since: datetime) -> Iterator[tuple[tuple[str, str, datetime], ...]]:
        """Yield reference, number and time of change of sales changed at or after a time, oldest first, in pages."""
        raise Unsupported(f"{self._block_type_name} does not say which sales have changed since {since:%Y-%m-%d}.")

    def sale_states(self, references: Sequence[str]) -> dict[str, StatusSeen]:
        """Return what the ERP says of the sales with these references, and since when; unknown ones are missing."""
        raise Unsupported(f"{self._block_type_name} says nothing of the status of {len(references)} sales.")

    def set_status(self, notices: Sequence[StatusNotice]) -> list[Answer]:
        """Bring each sale (by our reference) to its status, looked up first; one answer per notice, in order."""
        return [Unsupported(f"{self._block_type_name} cannot be told of statuses.")] * len(notices)

    def request_purchases(self, requests: Sequence[PurchaseRequest]) -> list[Answer]:
        """Ask for each purchase exactly once, looked up by its reference first; one answer per request, in order.

        ``Done.facts`` hold ``number`` and ``state`` (text). Raises nothing.
        """
        return [Unsupported(f"{self._block_type_name} cannot be asked to buy.")] * len(requests)

    def book_bills(self, requests: Sequence[BillRequest]) -> list[Answer]:
        """Book each supplier's invoice exactly once, looked up by its reference first; one answer each, in order.

        ``Done.facts`` hold ``id``, ``number``, ``state``, ``total`` and ``rounding`` (text). Raises nothing.
        """
        return [Unsupported(f"{self._block_type_name} does not book suppliers' invoices.")] * len(requests)

    def bill_states(self, references: Sequence[str]) -> dict[str, BillSeen]:
        """Return what the ERP says of the bills with these references; unknown ones are missing."""
        raise Unsupported(f"{self._block_type_name} says nothing of the state of {len(references)} bills.")

    def suppliers(self) -> Iterator[tuple[SupplierParty, ...]]:
        """Yield whom goods are bought from, with the numbers and accounts their invoices show, in pages."""
        raise Unsupported(f"{self._block_type_name} does not say whom goods are bought from.")

    def purchase_lines_changed(self, since: datetime) -> Iterator[tuple[PurchaseLine, ...]]:
        """Yield the lines of orders to suppliers that were written at or after a time (by its clock), in pages.

        An order that is cancelled is told again with all of its lines. What was written by a long transaction may turn
        up behind its time: read again some minutes behind the newest change.
        """
        raise Unsupported(f"{self._block_type_name} does not say what was ordered since {since:%Y-%m-%d}.")

    def receipt_lines_changed(self, since: datetime) -> Iterator[tuple[ReceiptLine, ...]]:
        """Yield what came from suppliers or went back and was written at or after a time, in pages; as with orders."""
        raise Unsupported(f"{self._block_type_name} does not say what has come since {since:%Y-%m-%d}.")
