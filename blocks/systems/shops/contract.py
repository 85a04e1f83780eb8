"""What every shop can do, and which of it a given shop can't."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from prefect.blocks.core import Block

from blocks.documents.base import Document, Moment
from blocks.documents.orders import Order
from blocks.documents.product_content import ContentChange, MediumChange, ShownContent
from blocks.documents.products import Article
from blocks.documents.statuses import StatusNotice, StatusSeen, Vocabulary
from blocks.errors import Refused, Unsupported
from blocks.systems.answers import Answer


@dataclass(frozen=True, slots=True)
class Received:
    """One record as it came: the exact bytes and the id the shop gives it."""

    external_id: str
    body: bytes
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, oldest change first, and how far the source has been read with them.

    Attributes:
        records: The raw records.
        position: Change time up to which everything has been yielded; a later poll may start here.
        server_time: The shop's own clock when it answered.
    """

    records: tuple[Received, ...]
    position: datetime
    server_time: datetime


@dataclass(frozen=True, slots=True)
class Placed:
    """An order as its shop lists it: its id and when it was placed, nothing else."""

    external_id: str
    placed_at: datetime


class Takeover(Document):
    """Tells the shop that SOMS has taken an order over and where it now stands."""

    order_id: str
    """The shop's id of the order."""
    reference: str
    """The unique reference of this takeover, e.g. 'SOMS-berlin-4711'."""
    erp_number: str
    taken_at: Moment


@dataclass(frozen=True, slots=True)
class ShopCapabilities:
    """What a shop can do, as data; a missing one is a named error at the caller."""

    orders_by_change: bool
    orders_by_id: bool
    takeover_marks: bool
    orders_by_placing: bool = False
    """Whether the shop lists and counts what was placed in a window, so that nothing can be missed unseen."""


class Shop(Block):
    """A web shop. Connectors raise TryAgainLater, Refused or Unreadable and nothing else; they never sleep."""

    _block_type_name = "Shop"
    capabilities: ClassVar[ShopCapabilities]
    tells_takeover: ClassVar[bool] = True
    status_words: ClassVar[Vocabulary | None] = None
    """What this shop says of an order's status and can be told; None: it neither says nor is told anything."""

    if TYPE_CHECKING:
        # Every shop has these settings; each declares them among its own fields, where its form is to show them.
        payment_methods: dict[str, str]
        """The shop's name of each payment method → the merchant's own. Orders with any other are put aside."""
        shipping_methods: dict[str, str]
        """The shop's name of each shipping method → the merchant's own. Orders with any other are put aside."""
        time_zone: str
        """The merchant's zone, e.g. 'Europe/Berlin': an order's day is a day there."""
        sends_confirmation_mail: bool
        """Whether the shop itself confirms orders by mail; where it doesn't, SOMS does."""

    @property
    def channel(self) -> str:
        """A shop is a channel of its own, named as its connection is."""
        return ""

    @property
    def assortment(self) -> str:
        """A shop sells its own articles."""
        return ""

    @abstractmethod
    def server_time(self) -> datetime:
        """Return the shop's own clock."""

    @abstractmethod
    def orders_changed(self, since: datetime | None, until: datetime | None = None) -> Iterator[Page]:
        """Yield pages of raw orders changed at or after ``since``, oldest first; all orders when it is None.

        The caller subtracts the overlap; an idle poll yields one page without records.
        """

    @abstractmethod
    def orders_by_id(self, order_ids: Sequence[str]) -> Iterator[Page]:
        """Yield the raw orders with these ids; unknown ids are simply missing."""

    def orders_placed(self, since: datetime, until: datetime) -> Iterator[tuple[Placed, ...]]:
        """Yield every order placed at or after ``since`` and before ``until``, by id, in pages.

        Raises:
            Unsupported: This shop does not list its orders by when they were placed.
        """
        raise Unsupported(f"{self._block_type_name} does not list what was placed from {since} to {until}.")

    def count_placed(self, since: datetime, until: datetime) -> int:
        """Return how many orders the shop itself counts in the same window.

        Raises:
            Unsupported: This shop does not count its orders by when they were placed.
        """
        raise Unsupported(f"{self._block_type_name} does not count what was placed from {since} to {until}.")

    def ids_in_use(self, order_ids: Sequence[str]) -> frozenset[str]:
        """Return which of some ids are orders of the shop, of whatever store and time.

        Raises:
            Unsupported: This shop cannot be asked for ids alone.
        """
        raise Unsupported(f"{self._block_type_name} cannot be asked which of {len(order_ids)} ids are orders.")

    @abstractmethod
    def read_order(self, received: Received, channel: str) -> Order:
        """Translate one raw order. Raises Unreadable with every defect found. Touches no network."""

    @abstractmethod
    def articles(self, channel: str) -> Iterator[tuple[Article, ...]]:
        """Yield all articles, variants and bundles in pages; a duplicate SKU is yielded each time it occurs."""

    @abstractmethod
    def mark_taken_over(self, takeovers: Sequence[Takeover]) -> list[Answer]:
        """Leave a mark and a note at each order, once however often called; one answer per takeover, in order."""

    def read_status(self, received: Received) -> StatusSeen:
        """Read what one raw order says of its status, and since when. Raises Unreadable. Touches no network."""
        raise Refused(f"{self._block_type_name} says nothing of the status of '{received.external_id}'.")

    def set_status(self, notices: Sequence[StatusNotice]) -> list[Answer]:
        """Bring each order to the status it is told of, looked up first; one answer per notice, in order."""
        return [Refused(f"{self._block_type_name} cannot be told of statuses.")] * len(notices)

    def content(self, product_ids: Sequence[str], variant_ids: Sequence[str] = ()) -> dict[str, ShownContent]:
        """Return what the shop shows of these products: texts, numbers, weights, features; unknown ids are missing.

        Variants stand by ``shown_key``, each with what is kept of itself and nothing of its product.

        Raises:
            Unsupported: This shop cannot be asked what it shows of its products.
        """
        raise Unsupported(
            f"{self._block_type_name} cannot be asked what it shows of {len(product_ids) + len(variant_ids)} products."
        )

    def write_content(self, changes: Sequence[ContentChange]) -> list[Answer]:
        """Bring each value to what it shall be, once however often called; one answer per change, in order.

        A value that is neither ``old`` nor ``new`` was written by a person and stays: ``Done`` with ``facts["kept"]``.
        """
        return [Refused(f"{self._block_type_name} cannot be told what to show of its products.")] * len(changes)

    def write_media(self, changes: Sequence[MediumChange]) -> list[Answer]:
        """Have products show pictures and documents, or no longer, once however often called; one answer each."""
        return [Refused(f"{self._block_type_name} cannot be given pictures or documents.")] * len(changes)
