"""The settings that every source on the web has, and how it is visited by them."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from blocks.database import product_contents
from blocks.database.fetched import Known, Target
from blocks.documents.product_data import ProductData, full_address
from blocks.systems.http import user_agent
from blocks.systems.limits import MaxInFlight
from blocks.systems.manufacturers.addresses import Addresses
from blocks.systems.manufacturers.contract import Collected, Log, Maker, ManufacturerSource, Wanted
from blocks.systems.manufacturers.fetching import Answer, Fetcher
from blocks.systems.manufacturers.signing_in import Secrets

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Connection, Database
    from blocks.systems.manufacturers.collecting import Before

MEGABYTE = 1 << 20
_AT_ONCE = 8
MEDIA_TYPES = ("image/", "application/pdf", "application/octet-stream", "binary/octet-stream")
"""As which a picture or document may be sent; what it is, its bytes tell."""


class Visited(Maker, ManufacturerSource):
    """A source that is asked address by address, politely."""

    _block_type_name = "Visited Source"

    merchant: str = Field(
        default="",
        max_length=200,
        pattern=r"^[ -~]*$",
        description="Who asks, told to the maker in each request: name and contact in plain letters, e.g. 'Lampenhaus"
        " Berlin, +https://lampenhaus.example'.",
    )
    hosts: list[str] = Field(
        default_factory=list,
        description="Further hosts that may be asked, e.g. for data sheets: files.example.com, or .example.com for all"
        " below it. Others are left alone, also when a page links or redirects to them.",
    )
    local_servers: list[str] = Field(
        default_factory=list,
        description="Servers inside your own network that may be asked, each as host:port. Addresses of private"
        " networks are otherwise left alone.",
    )
    calls_per_second: float = Field(
        default=2.0,
        gt=0,
        le=1000,
        description="Requests that may begin at one host in any second, all workers together. A longer pause that the"
        " host's robots.txt asks for is kept.",
    )
    max_in_flight: MaxInFlight = Field(default=_AT_ONCE)
    fresh_hours: float = Field(
        default=12.0, ge=0, le=24 * 90, description="What was fetched within so many hours is not asked for again."
    )
    largest_megabytes: int = Field(
        default=16, ge=1, le=256, description="Of an answer that is larger, no more is read."
    )
    shows_media: bool = Field(
        default=False,
        description="Whether the maker's licence lets you show its pictures and documents in your shop: then they are"
        " fetched and offered to it, otherwise only named. The licence must be noted above.",
    )
    media_each: int = Field(
        default=10, ge=0, le=50, description="Fetch at most so many pictures and documents of one product."
    )
    timeout: float = Field(default=30.0, gt=0, le=300, description="Seconds to wait for each piece of an answer.")

    @field_validator("hosts", "local_servers")
    @classmethod
    def _are_hosts(cls, named: list[str]) -> list[str]:
        for name in named:
            if not name or "/" in name or "@" in name or not name.isprintable() or "*" in name:
                raise ValueError("names hosts, e.g. files.example.com, without https:// and without a path")
        return [name.strip().lower() for name in named]

    @field_validator("local_servers")
    @classmethod
    def _have_ports(cls, named: list[str]) -> list[str]:
        if any(not name.rpartition(":")[2].isdigit() for name in named):
            raise ValueError("names each server with its port, e.g. 192.168.1.5:8080")
        return named

    @model_validator(mode="after")
    def _has_a_licence_for_media(self) -> "Visited":
        if self.shows_media and not self.licence.strip():
            raise ValueError("pictures and documents can be shown only with a licence: note what the maker allows")
        return self

    @property
    def obeys_robots(self) -> bool:
        """Return whether robots.txt is asked for and obeyed."""
        return True

    @abstractmethod
    def own_addresses(self) -> Iterable[str]:
        """Yield addresses of the settings: their hosts may be asked."""

    @abstractmethod
    def roots(self, wanted: Sequence[Wanted]) -> Iterable[Target]:
        """Yield where to begin."""

    @abstractmethod
    def accepts(self, role: str) -> tuple[str, ...]:
        """Return the media types that can be meant."""

    @abstractmethod
    def found(self, known: Known, answer: Answer) -> Iterable[Target]:
        """Return what a new content lists or links to. Raises Unreadable where it must be kept by no means."""

    def media(self, products: Iterable[ProductData], known: Known) -> Iterator[Target]:
        """Yield the pictures and documents that products name and that may be fetched, to be offered to the shop."""
        if not self.shows_media:
            return
        allowed, seen = self.addresses(), set[str]()
        for product in products:
            about = {name: value for name in ("gtin", "mpn", "sku") if (value := getattr(product, name))}
            named = dict.fromkeys(full_address(known.url, medium.address) for medium in product.media)
            for address in islice((each for each in named if not allowed.objection(each)), self.media_each):
                if address not in seen:
                    seen.add(address)
                    yield Target(address, "medium", 2, parent=known.url, about=about)

    def pace(self) -> float:
        """Return how many requests may begin in a second."""
        return self.calls_per_second

    def at_once(self) -> int:
        """Return how many requests may be under way."""
        return self.max_in_flight or _AT_ONCE

    def addresses(self) -> Addresses:
        """Return the addresses that this connection may ask."""
        own = [urlsplit(address).hostname or "" for address in self.own_addresses()]
        return Addresses({*own, *self.hosts} - {""}, self.local_servers)

    def secrets(self) -> Secrets:
        """Return what gives headers and query parameters that prove who asks, for each address anew."""
        return lambda _url: ({}, {})

    def fetcher(self, source: str, before: "Before") -> Fetcher:
        """Return what asks the addresses of this connection."""
        agent = f"{user_agent()} ({self.merchant})" if self.merchant else user_agent()
        return Fetcher(
            self.addresses(),
            system=f"{self.manufacturer} ({source})",
            headers={"User-Agent": agent, "Accept-Language": self.language},
            secrets=self.secrets(),
            before=before,
            timeout=self.timeout,
            limit=self.largest_megabytes * MEGABYTE,
            connections=self.at_once(),
        )

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
        """Fetch what is due and keep the bytes of each new content in the inbox, once."""
        from blocks.systems.manufacturers.collecting import visit  # noqa: PLC0415 - what only reads does without

        return visit(self, database, actor, source=source, wanted=wanted, again=again, log=log)

    def offered(self, connection: "Connection", source: str) -> Iterator[product_contents.Offered]:
        """Yield what the source offers now, without its bytes; parents before what they link to."""
        return product_contents.offered(connection, source)
