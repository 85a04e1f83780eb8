"""A manufacturer's REST/JSON API, described by data: no code for a new one as long as it lists or finds products."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote, urljoin

import httpx
from pydantic import Field, SecretStr, model_validator

from blocks.database.fetched import Known, Target
from blocks.database.product_contents import Thing
from blocks.documents.product_data import ProductData, SourceKind
from blocks.standards.product_data.media.judging import judge
from blocks.systems.manufacturers.api_description import ItemShape, JsonPath, Paging
from blocks.systems.manufacturers.api_reading import documents_of, identity, to_product
from blocks.systems.manufacturers.contract import Offer, Wanted
from blocks.systems.manufacturers.fetching import Answer
from blocks.systems.manufacturers.json_paths import read_json, text_at, values_at
from blocks.systems.manufacturers.product_files import products_in
from blocks.systems.manufacturers.signing_in import Credentials, Secrets, signer
from blocks.systems.manufacturers.visiting import MEDIA_TYPES, Visited
from blocks.systems.manufacturers.website import address_of, known_of

_JSON = ("application/json", "application/ld+json", "application/vnd.", "application/hal+json", "text/json")
_DOCUMENT = ("application/pdf", "application/octet-stream", "application/x-pdf")


class ManufacturerApi(Visited):
    """A manufacturer's API that answers JSON, described by paths: what lists products, where each value stands.

    It lists products (``list_path``), with all values or with an id by which each is asked for (``item_path``); or it
    is asked for single articles, with {gtin}, {mpn} or {sku} in ``item_path``.

    Example:
        >>> api = ManufacturerApi.load("nordlicht")
    """

    _block_type_name = "Manufacturer API"
    _block_type_slug = "manufacturer-api"
    _description = "A manufacturer's JSON API, described by data: paging, sign-in, and where each value stands."

    url: str = Field(description="Address that all paths are below, e.g. https://api.example.com/v1.")
    sign_in: Literal["none", "bearer", "header", "query", "basic", "oauth2"] = Field(
        default="none",
        description="How SOMS proves who it is: 'bearer' and 'header' send the secret in a header, 'query' as a"
        " parameter, 'basic' with the user, 'oauth2' fetches tokens by client credentials (RFC 6749 4.4).",
    )
    user: str = Field(default="", description="User name, or the client's id for oauth2.")
    secret: SecretStr = Field(default=SecretStr(""), description="Key, password or client secret; stored encrypted.")
    secret_name: str = Field(
        default="X-Api-Key", pattern=r"^[A-Za-z0-9_.-]{1,100}$", description="Name of the header or query parameter."
    )
    token_url: str = Field(default="", description="For oauth2: address that gives tokens.")
    scope: str = Field(default="", max_length=500, description="For oauth2: what is asked for, if anything.")
    list_path: str = Field(default="", description="Path that lists products, e.g. /products?status=active.")
    items_at: JsonPath = Field(default="", description="Where a list's answer holds its entries, e.g. data.items.")
    paging: Paging = Field(default_factory=Paging, description="How the next part of the list is asked for.")
    id_at: JsonPath = Field(default="", description="In an entry: the id that goes into item_path. May be an address.")
    item_path: str = Field(
        default="",
        description="Path of one product: with {id} from the list, or with {gtin}, {mpn} or {sku} of an article."
        " Empty: the list holds all values.",
    )
    item_at: JsonPath = Field(default="", description="Where a product's answer holds the product; empty: all of it.")
    item: ItemShape = Field(description="Where a product's values stand.")
    calls_per_second: float = Field(
        default=5.0, gt=0, le=1000, description="Requests that may begin in any second, all workers together."
    )

    @model_validator(mode="after")
    def _hangs_together(self) -> "ManufacturerApi":
        if any(not each.startswith(("https://", "http://")) for each in self.own_addresses()):
            raise ValueError("addresses begin with https:// or http://")
        if not self.list_path and not self._by_article:
            raise ValueError("a list_path is needed, or an item_path with {gtin}, {mpn} or {sku}")
        if self.list_path and "{id}" in self.item_path and not self.id_at:
            raise ValueError("an item_path with {id} needs id_at: where an entry of the list holds it")
        if self.sign_in == "oauth2" and not self.token_url:
            raise ValueError("oauth2 needs the address that gives tokens")
        return self

    @property
    def _by_article(self) -> bool:
        return any(slot in self.item_path for slot in ("{gtin}", "{mpn}", "{sku}"))

    @property
    def _list_role(self) -> str:
        """A list that only names what is asked for by itself holds no product data."""
        return "index" if "{id}" in self.item_path else "list"

    @property
    def obeys_robots(self) -> bool:
        """An API is used by agreement; robots.txt is about pages."""
        return False

    @property
    def offer(self) -> Offer:
        """Return what this source can deliver."""
        sheets = any(part.fetched for part in self.item.media)
        kinds = {SourceKind.API} | ({SourceKind.DATASHEET} if sheets else set())
        return Offer(frozenset(kinds), by_article=self._by_article)

    def own_addresses(self) -> Iterable[str]:
        """Yield addresses of the settings: their hosts may be asked."""
        return filter(None, (self.url, self.token_url))

    def roots(self, wanted: Sequence[Wanted]) -> Iterator[Target]:
        """Yield where to begin: asked for single articles, only theirs where they can be asked for."""
        if self._by_article:
            for article in wanted:
                if path := address_of(self.item_path, article):
                    yield Target(self._address(path), "item", 1, about=known_of(article))
            if wanted:
                return
        if self.list_path:
            yield Target(self._part(self.paging.first), self._list_role, 0, about={"part": "1"})

    def accepts(self, role: str) -> tuple[str, ...]:
        """Return the media types that can be meant."""
        return {"sheet": _DOCUMENT, "medium": MEDIA_TYPES}.get(role, _JSON)

    def found(self, known: Known, answer: Answer) -> Iterator[Target]:
        """Yield the next part of a list, its products where each is asked for by itself, and documents."""
        if known.role == "medium":
            judge(answer.body)
        if known.role in {"sheet", "medium"}:
            return
        payload = read_json(answer.body)
        if known.role == "item":
            for entry in values_at(payload, self.item_at):
                yield from self._files(entry, known)
            return
        entries = self._entries(payload)
        yield from self._further(known, answer, payload, len(entries))
        for entry in entries:
            if "{id}" in self.item_path:
                if number := text_at(entry, self.id_at):
                    about = identity(self._product(entry))
                    yield Target(self._item_address(number), "item", 1, parent=known.url, about=about)
            else:
                yield from self._files(entry, known)

    def read(self, thing: Thing) -> Iterator[ProductData]:
        """Yield the products of one answer or document."""
        if thing.role == "sheet":
            yield from products_in(thing)
        elif thing.role == "list":
            for number, entry in enumerate(self._entries(read_json(thing.body))):
                yield self._product(entry, f"$.{self.items_at}[{number}]")
        else:
            for entry in values_at(read_json(thing.body), self.item_at):
                yield self._product(entry, f"$.{self.item_at}".rstrip("."))

    def secrets(self) -> Secrets:
        """Return what proves who asks, to this API's own host alone."""
        given = Credentials(
            self.sign_in, self.user, self.secret.get_secret_value(), self.secret_name, self.token_url, self.scope
        )
        return signer(given, self.url, system=self.manufacturer, addresses=self.addresses(), timeout=self.timeout)

    def _product(self, entry: Any, place: str = "$") -> ProductData:
        return to_product(entry, self.item, brand=self.manufacturer, language=self.language, place=place)

    def _entries(self, payload: Any) -> list[Any]:
        found = [each for value in values_at(payload, self.items_at) for each in _several(value)]
        return [each for each in found if isinstance(each, Mapping | str | int)]

    def _files(self, entry: Any, known: Known) -> Iterator[Target]:
        """Yield data sheets to be read, and what else may be shown in the shop."""
        sheets = list(self._documents(entry, known.url))
        yield from sheets
        there = {sheet.url for sheet in sheets}
        yield from (each for each in self.media([self._product(entry)], known) if each.url not in there)

    def _documents(self, entry: Any, url: str) -> Iterator[Target]:
        allowed = self.addresses()
        for address in documents_of(entry, self.item):
            full = urljoin(url, address)
            if not allowed.objection(full):
                yield Target(full, "sheet", 2, parent=url, about=identity(self._product(entry)))

    def _further(self, known: Known, answer: Answer, payload: Any, entries: int) -> Iterator[Target]:
        """Yield the next part, or all further ones where the answer says how many entries there are."""
        part, paging = int(known.about.get("part", "1")), self.paging
        total = text_at(payload, paging.total_at)
        if (
            paging.by in ("page", "offset")
            and part == 1
            and total.isdecimal()
            and len(total) < len(str(paging.most)) + 6
        ):
            for number in range(2, min(-(-int(total) // paging.size), paging.most) + 1):
                yield self._numbered(number, known.url)
        elif entries and part < paging.most and not (total and paging.by in ("page", "offset")):
            following = self._without_secret(self._following(part, answer, payload, entries))
            if following and not self.addresses().objection(following):
                yield Target(following, self._list_role, 0, parent=known.url, about={"part": str(part + 1)})

    def _numbered(self, number: int, parent: str) -> Target:
        step = 1 if self.paging.by == "page" else self.paging.size
        address = self._part(self.paging.first + (number - 1) * step)
        return Target(address, self._list_role, 0, parent=parent, about={"part": str(number)})

    def _following(self, part: int, answer: Answer, payload: Any, entries: int) -> str:
        paging = self.paging
        if paging.by == "cursor":
            cursor = text_at(payload, paging.cursor_at)
            if cursor.startswith(("http://", "https://", "/")):
                return urljoin(answer.url, cursor)
            return self._part(cursor) if cursor else ""
        if paging.by == "link":
            links = httpx.Response(200, headers={"Link": answer.headers.get("link", "")}).links
            following = links.get("next", {}).get("url", "")
            return urljoin(answer.url, following) if following else ""
        if paging.by in ("page", "offset") and entries >= paging.size:
            return self._numbered(part + 1, "").url
        return ""

    def _without_secret(self, address: str) -> str:
        """Return an address without the key that an API may repeat in what it says comes next."""
        if self.sign_in != "query" or not address:
            return address
        return str(httpx.URL(address).copy_remove_param(self.secret_name))

    def _part(self, value: int | str) -> str:
        address, paging = httpx.URL(self._address(self.list_path)), self.paging
        extra: dict[str, str] = {}
        if paging.by in ("page", "offset") or (paging.by == "cursor" and isinstance(value, str)):
            extra[paging.parameter] = str(value)
        if paging.size_parameter:
            extra[paging.size_parameter] = str(paging.size)
        return str(address.copy_merge_params(extra) if extra else address)

    def _item_address(self, number: str) -> str:
        if number.startswith(("http://", "https://")):
            return number
        return self._address(self.item_path.replace("{id}", quote(number, safe="")))

    def _address(self, path: str) -> str:
        return f"{self.url.rstrip('/')}/{path.lstrip('/')}"


def _several(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]
