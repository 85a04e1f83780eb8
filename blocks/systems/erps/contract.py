"""What every ERP can do, and which of it a given ERP can't."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from prefect.blocks.core import Block

from blocks.documents.sales import Sale, SaleRequest
from blocks.documents.stock import StockLevel
from blocks.systems.answers import Answer


@dataclass(frozen=True, slots=True)
class ErpCapabilities:
    """What an ERP can do, as data; a missing one is a named error at the caller."""

    sales: bool
    stock_by_location: bool
    articles: bool


class Erp(Block):
    """An ERP. Connectors raise TryAgainLater, Refused or Unreadable and nothing else; they never sleep."""

    _block_type_name = "ERP"
    capabilities: ClassVar[ErpCapabilities]

    @abstractmethod
    def stock(self) -> Iterator[tuple[StockLevel, ...]]:
        """Yield the stock of every article per warehouse and storage location, in pages; zero stock included."""

    @abstractmethod
    def article_codes(self) -> frozenset[str]:
        """Return the codes of all saleable articles."""

    @abstractmethod
    def book_sales(self, requests: Sequence[SaleRequest]) -> list[Answer]:
        """Book each sale exactly once and bring it to its confirmed state; one answer per request, in order.

        Every reference is looked up first; what is found is adopted and carried on from the state it is in,
        so calling again after a crash or a lost answer is safe. Parties are found by code or created once.
        ``Done.facts`` hold ``number``, ``state``, ``total`` and ``rounding`` (text).
        """

    @abstractmethod
    def find_sales(self, references: Sequence[str]) -> dict[str, list[Sale]]:
        """Return every sale with one of these references, cancelled ones too; keys without a sale are missing."""
