"""The merchant's settings of stock as a document: who serves whom, what is kept back, packs, guards, feeds, reordering.

Read from YAML by ``load`` and activated with `soms stock rules activate`; what a text does not say stands as the
defaults here, which are version 0.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError, model_validator

from blocks.documents import yaml_text
from blocks.documents.base import Document
from blocks.errors import Unreadable, WrongUse

KIND, NAME = "stock_rules", "default"
LONGEST_RULES = 20_000_000
"""Characters: room for what is kept back of a hundred thousand articles one by one."""

Key = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Pieces = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=4, allow_inf_nan=False)]
SomePieces = Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=4, allow_inf_nan=False)]
FeedName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Connection = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")]
"""Type and name of a connection's block."""
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class AtZero(StrEnum):
    """Which articles a shop goes on showing at zero, to be sold beyond stock: those marked so, none, all."""

    FLAGGED = "flagged"
    NEVER = "never"
    ALL = "all"


class HiddenInStock(StrEnum):
    """Whom to believe where a shop hides what is in stock, SOMS never hid it and no event explains it.

    ``first_time``: the first reading of a shop finds its old mistakes, which are repaired; afterwards it was a person.
    """

    FIRST_TIME = "first_time"
    SHOW = "show"
    PERSON = "person"


class ChannelStock(Document):
    """What one channel may sell from, and what it shows."""

    warehouses: tuple[Key, ...] = Field(default=(), description="Warehouses that serve it; empty: all there are.")
    at_zero: AtZero = Field(
        default=AtZero.FLAGGED, description="What is shown at zero, to be sold beyond stock: as marked, nothing, all."
    )
    hidden_in_stock: HiddenInStock = Field(
        default=HiddenInStock.FIRST_TIME,
        description="What is hidden in stock without a reason: shown again at the first reading, always, or left to the"
        " person who hid it.",
    )
    hide: bool = Field(default=True, description="Whether SOMS hides what cannot be sold and shows it again.")


class SafetyStock(Document):
    """Pieces that are never promised. Of the entries that fit an article in a warehouse the most particular counts."""

    sku: Key | None = Field(default=None, description="One article; without it, all.")
    warehouse: Key | None = Field(default=None, description="One warehouse; without it, each.")
    pieces: Pieces = Field(description="How many are kept back in each warehouse it fits.")


class Pack(Document):
    """So many pieces of another article, sold under a number of their own; stock is kept of the pieces."""

    of: Key = Field(description="SKU of the single article.")
    pieces: SomePieces = Field(description="How many of it one pack has.")


class Guard(Document):
    """When a whole picture of stock is stopped instead of being believed."""

    from_rows: int = Field(default=20, ge=0, description="Smaller pictures are not judged by shares, only by defects.")
    fewest_rows: Share = Field(default=0.9, description="Rows at least, as a share of the articles known before.")
    most_turned_zero: Share = Field(default=0.2, description="Of the articles with stock, how many may go to zero.")
    most_zeroes: Share = Field(default=0.95, description="Rows with nothing on hand, at most.")
    most_changed: Share = Field(default=0.5, description="Rows that differ from what is known, at most.")
    most_unknown: Share = Field(default=0.05, description="Rows of articles nobody knows, at most.")
    most_negative: Share = Field(default=0.01, description="Rows below zero, at most.")
    most_hidden: Share = Field(default=0.2, description="Of the articles a shop shows, how many one run may hide.")
    oldest_hours: float = Field(default=26, gt=0, le=8760, description="How old a picture may be, by its own word.")

    @property
    def oldest(self) -> timedelta:
        """Return how old a picture may be."""
        return timedelta(hours=self.oldest_hours)


class FeedFormat(StrEnum):
    """How a feed is written."""

    CSV = "csv"
    XML = "xml"


class Feed(Document):
    """A stock feed: one channel's sellable stock, delivered whole at a set interval."""

    channel: Key = Field(description="Whose articles it lists.")
    target: Connection = Field(description="Where it goes, e.g. feed-folder/marketplace.")
    format: FeedFormat = Field(default=FeedFormat.CSV, description="How it is written.")
    every_minutes: int = Field(
        default=60, ge=5, le=10080, description="The interval; what divides a day counts from midnight, UTC."
    )
    grace_minutes: int = Field(default=0, ge=0, le=1440, description="How late it may be before an alarm is opened.")
    file: str = Field(
        default="stock",
        pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$",
        description="Name of the file without ending; each delivery replaces the one before.",
    )
    delimiter: str = Field(default=";", pattern=r"^[;,|\t]$", description="Between the fields of a CSV.")
    sold_out_too: bool = Field(default=True, description="Whether articles that cannot be sold are listed, with 0.")

    @property
    def every(self) -> timedelta:
        """Return the interval."""
        return timedelta(minutes=self.every_minutes)

    @property
    def grace(self) -> timedelta:
        """Return how late it may be."""
        return timedelta(minutes=self.grace_minutes)

    @property
    def file_name(self) -> str:
        """Return the file's name with its ending."""
        return f"{self.file}.{self.format}"


class Figures(Document):
    """What an article is reordered by; None: as the supplier's figures, or the merchant's, say."""

    supplier: str | None = Field(
        default=None, max_length=200, description="Code of the supplier in the ERP; empty: whom the ERP has for it."
    )
    lead_days: Annotated[int, Field(ge=0, le=1000)] | None = Field(
        default=None, description="Calendar days from the order to the shelf."
    )
    review_days: Annotated[int, Field(ge=1, le=366)] | None = Field(
        default=None, description="Days between two looks at what is to be bought."
    )
    service_level: Annotated[float, Field(ge=0.5, le=0.999)] | None = Field(
        default=None, description="Share of order cycles that shall see no stock-out, e.g. 0.95."
    )
    cover_days: Annotated[int, Field(ge=0, le=1000)] | None = Field(
        default=None, description="Days of expected demand that one order shall last for."
    )
    pack: SomePieces | None = Field(default=None, description="Bought in multiples of so many pieces.")
    minimum: Pieces | None = Field(default=None, description="Bought in no smaller quantity.")
    never: bool | None = Field(default=None, description="Not reordered at all, e.g. at the end of its season.")


class Reordering(Document):
    """All figures an article is reordered by, after the more particular has overruled the more general."""

    supplier: str = ""
    lead_days: int = 7
    review_days: int = 1
    service_level: float = 0.95
    cover_days: int = 14
    pack: Decimal = Decimal(1)
    minimum: Decimal = Decimal(1)
    never: bool = False


class Replenishment(Document):
    """What is bought again, and when: the article's own figures overrule its supplier's, and those the general ones."""

    general: Figures = Figures()
    suppliers: dict[Key, Figures] = Field(default_factory=dict)
    articles: dict[Key, Figures] = Field(
        default_factory=dict, description="By SKU, or by warehouse and SKU as in EAST:LAMP, which counts more."
    )
    warehouses: tuple[Key, ...] = Field(default=(), description="Warehouses that are bought for; empty: all there are.")
    erp: Connection = Field(default="tryton-erp/main", description="The ERP that buys.")
    history_days: int = Field(default=730, ge=28, le=1500, description="How far back demand is looked at.")
    overdue_days: int = Field(
        default=14,
        ge=0,
        le=365,
        description="Days beyond its lead time for which an order counts that the ERP shows neither as on its way nor"
        " as come in.",
    )
    ask_again_days: int = Field(
        default=7, ge=0, le=365, description="Days after which what a person declined is proposed again."
    )

    def of(self, sku: str, warehouse: str = "") -> Reordering:
        """Return the figures one article is reordered by, for one warehouse where one is named."""
        own, here = self.articles.get(sku, Figures()), self.articles.get(f"{warehouse}:{sku}", Figures())
        named = (each.supplier for each in (here, own, self.general))
        supplier = next((code for code in named if code is not None), "")
        layers = (self.general, self.suppliers.get(supplier, Figures()), own, here)
        said = {name: value for layer in layers for name, value in layer if value is not None}
        return Reordering(**{**said, "supplier": supplier})


class StockRules(Document):
    """All settings of stock in which merchants differ."""

    version: int = Field(default=0, description="Set from the rulebook's version; not part of its text.")
    channels: dict[Key, ChannelStock] = Field(default_factory=dict)
    safety: tuple[SafetyStock, ...] = Field(default=(), description="Empty: everything on hand may be promised.")
    packs: dict[Key, Pack] = Field(default_factory=dict, description="By the pack's SKU.")
    counted_by: dict[Key, Connection] = Field(
        default_factory=dict,
        description="By warehouse, the till whose counts hold there, e.g. BRANCH: pos-folder/branch; the ERP's levels"
        " leave such a warehouse alone.",
    )
    guard: Guard = Guard()
    feeds: dict[FeedName, Feed] = Field(default_factory=dict, description="By name.")
    replenishment: Replenishment = Replenishment()

    @model_validator(mode="after")
    def _are_consistent(self) -> "StockRules":
        for sku, pack in self.packs.items():
            if pack.of in self.packs:
                raise ValueError(f"pack {sku} is made of {pack.of}, which is a pack itself: say how many pieces it has")
        seen: set[tuple[str | None, str | None]] = set()
        for entry in self.safety:
            if (entry.sku, entry.warehouse) in seen:
                place = f"{entry.sku or 'all articles'} in {entry.warehouse or 'each warehouse'}"
                raise ValueError(f"safety stock of {place} stands twice")
            seen.add((entry.sku, entry.warehouse))
        return self

    def channel(self, name: str) -> ChannelStock:
        """Return what a channel may sell from and shows; the defaults when nothing is said of it."""
        return self.channels.get(name) or _ANY_CHANNEL

    def in_pieces(self, sku: str, quantity: Decimal) -> tuple[str, Decimal]:
        """Return the article that stock is kept of, and its pieces: 2 packs of 6 are 12 pieces of the single one."""
        pack = self.packs.get(sku)
        return (pack.of, quantity * pack.pieces) if pack else (sku, quantity)


_ANY_CHANNEL = ChannelStock()
DEFAULTS = StockRules()


@lru_cache(maxsize=4)
def load(text: str, version: int = 0) -> StockRules:
    """Return the settings a YAML text states.

    Raises:
        WrongUse: The text is no YAML, or a setting in it is unknown or has an impossible value; says where and what.
    """
    try:
        content = yaml_text.parse(text, what="The stock rules", longest=LONGEST_RULES)
    except Unreadable as error:
        raise WrongUse(str(error)) from None
    content = {} if content is None else content
    if not isinstance(content, dict) or "version" in content:
        raise WrongUse(
            "The stock rules must be a YAML mapping such as 'safety: [{sku: LAMP, pieces: 2}]', without 'version'."
        )
    try:
        return StockRules.model_validate({**content, "version": version})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "stock rules"
        raise WrongUse(f"{place}: {_said(first)}") from None


def _said(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such setting; `soms stock rules show` prints all of them."
    return f"{fault['msg'].removeprefix('Value error, ')}."
