"""What a system that knows stock, and one that shows stock, can do; a further system is one file that does this."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from blocks.documents.stock import GoodsDue, ListingChange, ShownArticle, StockLevel, StockMovement
from blocks.systems.answers import Answer


@dataclass(frozen=True, slots=True)
class Movements:
    """A page of what happened to stock, oldest first.

    Attributes:
        movements: What happened.
        closed_sales: Our references of sales of which nothing is left to ship.
        position: Where to go on; opaque to the caller, kept until the next poll.
    """

    movements: tuple[StockMovement, ...]
    closed_sales: tuple[str, ...]
    position: str


class StockSource(ABC):
    """A system that knows stock. Raises TryAgainLater, Refused, Unreadable or Unsupported; never sleeps."""

    @abstractmethod
    def stock(self) -> Iterator[tuple[StockLevel, ...]]:
        """Yield the stock of every article per warehouse and storage location, in pages; zero stock included."""

    @abstractmethod
    def movements(self, position: str) -> Iterator[Movements]:
        """Yield what happened after a position, in pages; from now on when it is empty. One page when nothing did."""

    @abstractmethod
    def goods_due(self) -> Iterator[tuple[GoodsDue, ...]]:
        """Yield what is on its way to the warehouses, in pages."""


class StockTarget(ABC):
    """A system that shows stock to customers. Raises as a StockSource does; never sleeps."""

    @abstractmethod
    def shown(self, skus: Sequence[str] = ()) -> Iterator[tuple[ShownArticle, ...]]:
        """Yield what is shown of these articles, or of all, in pages; a SKU used twice is yielded twice."""

    @abstractmethod
    def show(self, changes: Sequence[ListingChange]) -> list[Answer]:
        """Bring each article to what shall be shown; one answer per change, in order. Safe to call again."""
