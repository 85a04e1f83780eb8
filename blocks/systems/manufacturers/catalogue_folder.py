"""A folder that a manufacturer's catalogues come into: BMEcat, price lists and data sheets, local, FTP or SFTP."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from blocks.database import product_contents
from blocks.database.fetched import KIND
from blocks.documents.product_data import ProductData, SourceKind
from blocks.systems.folders.places import FolderPlaces
from blocks.systems.manufacturers.contract import Collected, Log, Maker, ManufacturerSource, Offer, Wanted
from blocks.systems.manufacturers.product_files import products_in

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Connection, Database


class ManufacturerFolder(FolderPlaces, Maker, ManufacturerSource):
    """A folder into which a manufacturer puts catalogues and data sheets; SOMS claims, keeps and archives each file.

    Of files with the same name the one that came last is in force.

    Example:
        >>> folder = ManufacturerFolder.load("nordlicht")
    """

    _block_type_name = "Manufacturer Folder"
    _block_type_slug = "manufacturer-folder"
    _description = "A folder, FTP or SFTP server with a manufacturer's BMEcat files, price lists and PDF data sheets."

    largest_megabytes: int = Field(default=128, ge=1, le=256, description="A larger file is refused unread.")

    dated_names: bool = Field(
        default=False,
        description="Names of catalogues and price lists carry a date or number: of names that differ in their digits"
        " alone the file that came last is in force, e.g. katalog-2026-11.xml instead of katalog-2026-10.xml.",
    )

    @property
    def offer(self) -> Offer:
        """Return what this source can deliver."""
        return Offer(frozenset({SourceKind.BMECAT, SourceKind.PRICE_LIST, SourceKind.DATASHEET}))

    def collect(
        self,
        database: "Database",
        actor: "Actor",
        *,
        source: str,
        wanted: Sequence[Wanted] = (),  # noqa: ARG002 - files come as they come
        again: bool = False,  # noqa: ARG002
        log: Log,
    ) -> Collected:
        """Keep every file that waits, each content once, then archive it."""
        from blocks.systems.invoices.collecting import collect_folder  # noqa: PLC0415 - what only reads does without

        before = self._count(database, source)
        stored = collect_folder(self, database, actor, source=source, log=log, kind=KIND)
        return Collected(
            asked=stored.new + stored.duplicates, new=stored.new, unchanged=stored.duplicates,
            listed=self._count(database, source), listed_before=before,
        )  # fmt: skip

    def offered(self, connection: "Connection", source: str) -> Iterator[product_contents.Offered]:
        """Yield the files in force, without their bytes; catalogues before data sheets, which may be about theirs."""
        files = list(product_contents.offered_files(connection, source, dated=self.dated_names))
        yield from sorted(files, key=lambda each: (each.content_type == "application/pdf", each.url))

    def read(self, thing: product_contents.Thing) -> Iterable[ProductData]:
        """Yield the products of one file."""
        return products_in(thing)

    def _count(self, database: "Database", source: str) -> int:
        with database.connect() as connection:
            return sum(1 for _ in self.offered(connection, source))
