"""What every source of a manufacturer's product data can do: fetch what is due, and read what was fetched."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from prefect.blocks.core import Block
from pydantic import Field

from blocks.database import product_contents
from blocks.documents.product_data import ProductData, SourceKind

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Connection, Database

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An article to be asked about; at least one of GTIN, part number and SKU is given."""

    sku: str = ""
    gtin: str = ""
    mpn: str = ""
    brand: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a source can deliver: as which kinds of file, and whether it can be asked for single articles."""

    kinds: frozenset[SourceKind]
    by_article: bool = False


@dataclass(frozen=True, slots=True)
class Collected:
    """What became of one visit.

    Attributes:
        asked: Requests that were answered, whatever they said.
        new: Contents that had not been seen.
        unchanged: Confirmed by 304, or the same bytes as before.
        gone: Addresses that are not there any more (404, 410).
        refused: Addresses that must not be asked (robots.txt, hosts that are not allowed) or were refused.
        failed: Addresses that did not answer usably now; asked again by the next call.
        bytes: Of all answers as they came over the wire, without headers.
        listed: Addresses of product data that the source lists now.
        listed_before: The same before this visit.
        findings: Whole sentences for people: the first of each kind.
    """

    asked: int = 0
    new: int = 0
    unchanged: int = 0
    gone: int = 0
    refused: int = 0
    failed: int = 0
    bytes: int = 0
    listed: int = 0
    listed_before: int = 0
    findings: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Fetched:
    """A content that a source offers now, and how to read it.

    Attributes:
        address: Its URL, or the name of a file.
        kind: What it is; None where only its bytes tell.
        name: A file name for it, for sentences.
        sha256: Of its bytes: the same again needs no second reading.
        fetched_at: When it was last delivered or confirmed.
        licence: What the maker allows with its texts and media.
        language: Of its texts where they do not say.
        inbox_id: Where its bytes are kept.
        parent: Address of the page or answer that linked to it and whose article it is about; empty where none did.
        about: What the source said of the article when it named the address: gtin, mpn, sku, name, brand.
        read: Loads the bytes and yields the products in them; raises Unreadable where they cannot be read.
    """

    address: str
    kind: SourceKind | None
    name: str
    sha256: str
    fetched_at: datetime
    licence: str
    language: str
    inbox_id: int
    parent: str
    about: Mapping[str, str]
    read: Callable[[], Iterable[ProductData]]


class ManufacturerSource(Block):
    """A place that says what a manufacturer's products are. Raises TryAgainLater or Refused and nothing else."""

    _block_type_name = "Manufacturer Source"

    if TYPE_CHECKING:
        # Every source has these settings; each declares them by ``Maker``, where its form is to show them.
        manufacturer: str
        language: str
        licence: str

    @property
    @abstractmethod
    def offer(self) -> Offer:
        """Return what this source can deliver."""

    @abstractmethod
    def collect(
        self,
        database: "Database",
        actor: "Actor",
        *,
        source: str,
        wanted: Sequence[Wanted] = (),
        again: bool = False,
        log: Log,
    ) -> Collected:
        """Fetch what is due and keep the bytes of each new content in the inbox, once.

        Safe to be killed anywhere and called again: what was kept is not asked for a second time within the
        connection's ``fresh_hours``, and after that conditionally. Two at once: the second leaves it to the first.

        Args:
            database: Where contents are kept.
            actor: Who acts.
            source: Type and name of this connection.
            wanted: The articles to ask for, where the source can be asked so (see ``offer``); empty for all it has.
            again: Ask also for what was fetched a short while ago.
            log: Says what a person should know.

        Raises:
            TryAgainLater: Part of it did not answer; all that did is kept.
            Refused: A person must look at the connection's settings.
        """

    @abstractmethod
    def offered(self, connection: "Connection", source: str) -> Iterator[product_contents.Offered]:
        """Yield what the source offers now, without its bytes; parents before what they link to."""

    @abstractmethod
    def read(self, thing: product_contents.Thing) -> Iterable[ProductData]:
        """Yield the products of one content.

        Raises:
            Unreadable: While iterating: its bytes cannot be read (on).
        """

    def things(self, database: "Database", *, source: str) -> Iterator[Fetched]:
        """Yield what the source offers now: new, confirmed, and what merely did not answer this time.

        Not what is gone (404), no longer listed, or was never delivered.
        """
        with database.connect(autocommit=True) as connection:
            for each in self.offered(connection, source):
                yield Fetched(
                    each.url, _kind(each), each.url.partition("?")[0].rstrip("/").rpartition("/")[2], each.sha256,
                    each.fetched_at, self.licence, self.language, each.inbox_id, each.parent, each.about,
                    _Reader(self, database, connection, each.inbox_id),
                )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one content when it is asked to."""

    system: ManufacturerSource
    database: "Database"
    listing: "Connection"
    inbox_id: int

    def __call__(self) -> Iterator[ProductData]:
        for thing in self._loaded():
            yield from self.system.read(thing)

    def _loaded(self) -> list[product_contents.Thing]:
        if not self.listing.closed:  # thousands of contents are read one by one: no connection for each
            return product_contents.things(self.listing, [self.inbox_id])
        with self.database.connect() as connection:
            return product_contents.things(connection, [self.inbox_id])


def _kind(content: product_contents.Offered) -> SourceKind | None:
    kind = content.content_type.lower()
    if "html" in kind:
        return SourceKind.PAGE
    if "json" in kind and content.role in ("item", "list"):
        return SourceKind.API
    return SourceKind.DATASHEET if "pdf" in kind or content.role == "sheet" else None


class Maker(Block):
    """The settings that every manufacturer's source has."""

    _block_type_name = "Maker"

    manufacturer: str = Field(min_length=1, description="Whose products these are: the brand as articles name it.")
    language: str = Field(
        default="de", pattern=r"^[a-z]{2}$", description="Language of its texts where it does not say (ISO 639-1)."
    )
    licence: str = Field(
        default="",
        max_length=500,
        description="What the maker allows you to do with texts, pictures and documents; kept beside each of them.",
    )
