"""Smartstore: the settings of one shop and what SOMS asks of it, over its OData Web API."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field, HttpUrl, SecretStr

from blocks.documents.orders import Order
from blocks.documents.product_content import ContentChange, MediumChange, ShownContent
from blocks.documents.products import Article
from blocks.documents.statuses import StatusNotice, StatusSeen, Vocabulary
from blocks.documents.stock import ListingChange, ShownArticle
from blocks.systems.answers import Answer
from blocks.systems.limits import CallsPerSecond, MaxInFlight
from blocks.systems.shops.contract import Page, Placed, Received, Shop, ShopCapabilities, Takeover
from blocks.systems.shops.smartstore_articles import article_pages
from blocks.systems.shops.smartstore_batch import MOST_CHANGES
from blocks.systems.shops.smartstore_changes import changed_pages, key_of, order_page
from blocks.systems.shops.smartstore_content import shown_of
from blocks.systems.shops.smartstore_content_changes import write
from blocks.systems.shops.smartstore_listings import show, shown_pages
from blocks.systems.shops.smartstore_measures import Measures
from blocks.systems.shops.smartstore_media import write_media
from blocks.systems.shops.smartstore_orders import EXPAND, to_order
from blocks.systems.shops.smartstore_placed import placed_between, placed_pages, used_ids
from blocks.systems.shops.smartstore_shelf import HidingBy
from blocks.systems.shops.smartstore_statuses import WORDS, tell, to_status
from blocks.systems.shops.smartstore_takeovers import mark
from blocks.systems.shops.smartstore_web_api import MAX_IDS, MAX_TOP, WebApi, any_of, is_id
from blocks.systems.stock import StockTarget


class SmartstoreShop(Shop, StockTarget):
    """A Smartstore shop, reached through its OData Web API (module "Web API", shop version 5.1 and later).

    In the shop, create an API user (Configuration / Web API), and give its role the rights to read orders, products
    and customers, to update orders and shipments, to update customers (the shop keeps notes of other programs, its
    generic attributes, under that right), and to update products and their variants, where SOMS shows stock there.

    Example:
        >>> shop = SmartstoreShop.load("berlin")
    """

    _block_type_name = "Smartstore Shop"
    _block_type_slug = "smartstore-shop"
    _description = (
        "A Smartstore shop: SOMS takes orders and articles from it, tells it of orders and shows stock there."
    )

    capabilities: ClassVar[ShopCapabilities] = ShopCapabilities(
        orders_by_change=True, orders_by_id=True, takeover_marks=True, orders_by_placing=True
    )
    status_words: ClassVar[Vocabulary | None] = WORDS

    url: HttpUrl = Field(description="Address of the shop, without /odata, e.g. https://shop.example.com.")
    public_key: str = Field(min_length=1, description="Public key of the API user, 32 characters.")
    secret_key: SecretStr = Field(description="Secret key of the API user, 32 characters; stored encrypted.")
    currency: str = Field(
        default="EUR",
        pattern=r"^[A-Z]{3}$",
        description="The shop's primary currency (ISO 4217): its orders' amounts are in it, whatever was shown.",
    )
    payment_methods: dict[str, str] = Field(
        default_factory=dict,
        description="The shop's system name of each payment method and what SOMS calls it, e.g. "
        '{"Payments.Prepayment": "prepayment"}. An order with a method missing here is put aside, never guessed.',
    )
    shipping_methods: dict[str, str] = Field(
        default_factory=dict,
        description='The shop\'s name of each shipping method and what SOMS calls it, e.g. {"Parcel": "parcel"}. '
        "An order with a method missing here is put aside, never guessed.",
    )
    time_zone: str = Field(default="Europe/Berlin", description="The merchant's zone: an order's day is a day there.")
    sends_confirmation_mail: bool = Field(
        default=True,
        description="Whether the shop confirms orders to its customers itself; if not, SOMS writes to them.",
    )
    note_language: Literal["de", "en"] = Field(
        default="de", description="Language of the notes that show customers a status the shop has no word for."
    )
    notifies_of_statuses: bool = Field(
        default=True,
        description="Whether the shop mails its customer when SOMS ships, delivers or cancels an order there.",
    )
    store_ids: list[int] = Field(
        default_factory=list,
        description="Ids of the stores whose orders are taken, when the shop runs several; empty takes all.",
    )
    page_size: int = Field(
        default=50, ge=1, le=MAX_TOP, description="Orders per request. The shop joins their lines: 50 is gentle to it."
    )
    timeout: float = Field(default=30.0, gt=0, le=300, description="Seconds to wait for each step of an answer.")
    hiding_by: HidingBy = Field(
        default=HidingBy.MIDDLEWARE,
        title="Hiding by",
        description="Who hides what is sold out and shows it again. 'middleware': SOMS does, for products, variants and"
        " bundles, and switches the shop's own low-stock rule off where it would interfere. 'shop': the shop's own rule"
        " does wherever it comes to the same, and SOMS sees to the rest.",
    )
    changes_per_request: int = Field(
        default=MOST_CHANGES,
        ge=1,
        le=MOST_CHANGES,
        description="Articles whose stock is changed in one request (an OData batch); 1 changes each by itself.",
    )
    weight_unit: Literal["kg", "g", "lb", "oz"] = Field(
        default="kg", description="The shop's base weight, as under Configuration / Measures / Weights."
    )
    length_unit: Literal["m", "cm", "mm", "in", "ft"] = Field(
        default="m", description="The shop's base dimension, as under Configuration / Measures / Dimensions."
    )
    max_in_flight: MaxInFlight = None
    calls_per_second: CallsPerSecond = None

    def _opened(self) -> AbstractContextManager[WebApi]:
        return WebApi.opened(str(self.url), self.public_key, self.secret_key.get_secret_value(), self.timeout)

    def server_time(self) -> datetime:
        """Return the shop's own clock; also shows that the API user may read orders."""
        with self._opened() as api:
            return api.page("Orders", top=1, select="Id").server_time

    def orders_changed(self, since: datetime | None, until: datetime | None = None) -> Iterator[Page]:
        """Yield pages of raw orders changed from ``since`` to ``until``, oldest change first.

        The last page's ``position`` is the shop's clock when the poll began.
        """
        stores = any_of("StoreId", sorted(self.store_ids)) if self.store_ids else ""
        with self._opened() as api:
            yield from changed_pages(api, since=since, until=until, condition=stores, page_size=self.page_size)

    def orders_by_id(self, order_ids: Sequence[str]) -> Iterator[Page]:
        """Yield the raw orders with these ids, whatever their store; unknown ids are simply missing.

        These pages say nothing about how far the shop has been read: their ``position`` is their oldest change.
        """
        numbers = sorted({int(each) for each in order_ids if is_id(each)})
        with self._opened() as api:
            for start in range(0, len(numbers), MAX_IDS):
                wanted = any_of("Id", numbers[start : start + MAX_IDS])
                for page in api.pages("Orders", condition=wanted, expand=EXPAND, top=min(self.page_size, MAX_IDS)):
                    oldest = min((key[0][0] for key in map(key_of, page.rows) if key), default=page.server_time)
                    yield order_page(page, oldest)

    def orders_placed(self, since: datetime, until: datetime) -> Iterator[tuple[Placed, ...]]:
        """Yield id and time of every order of our stores created in the window, deleted ones excepted."""
        with self._opened() as api:
            yield from placed_pages(api, self._placed(since, until))

    def count_placed(self, since: datetime, until: datetime) -> int:
        """Return how many orders the shop counts in the window."""
        with self._opened() as api:
            return api.count("Orders", condition=self._placed(since, until))

    def ids_in_use(self, order_ids: Sequence[str]) -> frozenset[str]:
        """Return which of some ids are orders, of whatever store; nothing but their ids is read."""
        numbers = sorted({int(each) for each in order_ids if is_id(each)})
        with self._opened() as api:
            return frozenset(used_ids(api, numbers))

    def _placed(self, since: datetime, until: datetime) -> str:
        stores = any_of("StoreId", sorted(self.store_ids)) if self.store_ids else ""
        return placed_between(since, until, stores)

    def read_order(self, received: Received, channel: str) -> Order:
        """Translate one raw order. Raises Unreadable with every defect found. Touches no network."""
        return to_order(received.body, channel=channel, currency=self.currency)

    def articles(self, channel: str) -> Iterator[tuple[Article, ...]]:
        """Yield all articles, variants and bundles in pages; a duplicate SKU is yielded each time it occurs.

        A product that is sold as variants yields these and not itself. Raises Unreadable after the last page when
        some products could not be read.
        """
        with self._opened() as api:
            yield from article_pages(api, channel)

    def mark_taken_over(self, takeovers: Sequence[Takeover]) -> list[Answer]:
        """Leave a sync mapping and a note at each order, once however often called; one answer each, in order."""
        if not takeovers:
            return []
        with self._opened() as api:
            return mark(api, takeovers)

    def read_status(self, received: Received) -> StatusSeen:
        """Read what one raw order says of its status, and since when. Raises Unreadable. Touches no network."""
        return to_status(received.body)

    def set_status(self, notices: Sequence[StatusNotice]) -> list[Answer]:
        """Bring each order to its status by the shop's own actions, looked up first; one answer each, in order.

        A status the shop has no word for is shown as a note to the customer and in the attribute ``Oms.Status``.
        """
        if not notices:
            return []
        with self._opened() as api:
            return tell(api, notices, language=self.note_language, notify=self.notifies_of_statuses)

    def shown(self, skus: Sequence[str] = ()) -> Iterator[tuple[ShownArticle, ...]]:
        """Yield what is shown of these articles, or of all, in pages; a SKU used twice is yielded twice.

        Raises Unreadable after the last page when some products could not be read.
        """
        with self._opened() as api:
            yield from shown_pages(api, skus)

    def show(self, changes: Sequence[ListingChange]) -> list[Answer]:
        """Bring each article to what shall be shown, in batches; one answer per change, in order.

        ``facts`` of what is done: ``quantity`` and ``visible`` as they are shown now, ``was_quantity`` and
        ``was_visible`` before, ``own_rule``; or ``gone`` where the shop has the article no more.
        """
        if not changes:
            return []
        with self._opened() as api:
            return show(api, changes, hiding_by=self.hiding_by, at_once=self.changes_per_request)

    def content(self, product_ids: Sequence[str], variant_ids: Sequence[str] = ()) -> dict[str, ShownContent]:
        """Return what the shop shows of these products and variants, 25 per request; unknown ids are missing."""
        with self._opened() as api:
            return shown_of(api, product_ids, variant_ids, Measures(self.weight_unit, self.length_unit))

    def write_content(self, changes: Sequence[ContentChange]) -> list[Answer]:
        """Bring each value to what it shall be, compared first; one answer per change, in order.

        A product's own fields go out in one PATCH, and so do a variant's.
        """
        if not changes:
            return []
        with self._opened() as api:
            return write(api, changes, Measures(self.weight_unit, self.length_unit))

    def write_media(self, changes: Sequence[MediumChange]) -> list[Answer]:
        """Have products show pictures and documents, or no longer: each file once, named by its bytes.

        The API user's role needs the rights to upload media and to edit products' pictures.
        """
        if not changes:
            return []
        with self._opened() as api:
            return write_media(api, changes)
