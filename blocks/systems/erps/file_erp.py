"""An ERP that is spoken to through files: a file per sale into a drop folder, acknowledgements and exports back."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from blocks.documents.sales import Sale, SaleRequest
from blocks.documents.stock import StockLevel
from blocks.errors import Refused, Unsupported
from blocks.systems.answers import Answer
from blocks.systems.erps.contract import Erp, ErpCapabilities
from blocks.systems.erps.file_erp_answers import ARTICLE_COLUMNS, STOCK_COLUMNS, read_export, to_stock_levels
from blocks.systems.erps.file_erp_folders import Folder
from blocks.systems.erps.file_erp_handover import Folders, Handover

ARTICLES, STOCK = "articles.csv", "stock.csv"
_NAME = r"^[A-Za-z0-9_-]+$"


class FileErp(Erp):
    """An ERP that takes sales as XML or CSV files from a folder and answers with acknowledgement files.

    All folders lie in one; SOMS creates none of them, because a share that is not mounted must not look like an empty
    folder. The drop folder, the folder of sent files and the one of acknowledgements must be there, and SOMS must be
    allowed to write to all three.

    Example:
        >>> erp = Erp.load("file-erp/main")
    """

    _block_type_name = "File ERP"
    _block_type_slug = "file-erp"
    _description = "An ERP that exchanges files: SOMS hands sales over as XML or CSV and reads acknowledgements back."

    folder: str = Field(
        description="The folder that holds the folders below, e.g. /srv/erp; on a share, its mount point or deeper.",
        pattern=r"^/.*[^/]$",
    )
    format: Literal["xml", "csv"] = Field(default="xml", description="How sales are written: one XML or CSV per sale.")
    delimiter: Literal[";", ",", "\t"] = Field(default=";", description="What stands between the cells of a CSV.")
    drop: str = Field(default="orders", pattern=_NAME, description="Folder from which the ERP takes new sales.")
    sent: str = Field(
        default="sent",
        pattern=_NAME,
        description="Folder in which SOMS keeps a copy of each file it handed over. It is what keeps a sale from being"
        " handed over twice: only SOMS may write there, and nothing may be removed whose order is still open.",
    )
    acknowledgements: str = Field(
        default="acknowledgements", pattern=_NAME, description="Folder in which the ERP puts its answers to sales."
    )
    taken: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9_-]*$",
        description="Folder to which the ERP moves what it took, if SOMS can see it; empty when it cannot.",
    )
    exports: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9_-]*$",
        description="Folder in which the ERP puts articles.csv and stock.csv; empty when it exports neither.",
    )
    export_hours: float = Field(
        default=26.0, gt=0, le=24 * 31, description="Hours after which an export is too old to be believed."
    )

    @property
    def capabilities(self) -> ErpCapabilities:
        """Return what this exchange can do: sales always, articles and stock when it has exports."""
        told = bool(self.exports)
        return ErpCapabilities(sales=True, stock_by_location=told, articles=told, answers_at_once=False)

    def stock(self) -> Iterator[tuple[StockLevel, ...]]:
        """Yield the stock of the last export, in pages.

        Raises:
            Unsupported: This ERP exports no stock.
            Refused: The export is missing or too old.
            TryAgainLater: The folder cannot be read now.
            Unreadable: The export breaks its contract, or is not written to its end.
        """
        yield from to_stock_levels(self._export(STOCK, STOCK_COLUMNS), STOCK)

    def article_codes(self) -> frozenset[str]:
        """Return the codes of all saleable articles from the last export.

        Raises:
            Unsupported: This ERP exports no articles.
            Refused: The export is missing or too old.
            TryAgainLater: The folder cannot be read now.
            Unreadable: The export breaks its contract, or is not written to its end.
        """
        return frozenset(row["sku"] for row in self._export(ARTICLES, ARTICLE_COLUMNS))

    def book_sales(self, requests: Sequence[SaleRequest]) -> list[Answer]:
        """Hand each sale over as a file exactly once and read its acknowledgement; one answer per request, in order.

        Until the ERP has acknowledged a sale its answer is Outstanding; a later call finds the acknowledgement.
        What the lines don't add up to is declared as rounding, up to a cent per line and two; more is refused.
        """
        return self._handover().answers(requests)

    def find_sales(self, references: Sequence[str]) -> dict[str, list[Sale]]:
        """Return the sales that were handed over under these references and not refused, at most one for each.

        Raises:
            TryAgainLater: A folder cannot be read now.
            Refused: A folder may not be read.
        """
        handover = self._handover()
        handover.folders.check()
        found = {reference: handover.sale(reference) for reference in references}
        return {reference: [sale] for reference, sale in found.items() if sale}

    def _folder(self, name: str) -> Folder:
        return Folder(Path(self.folder) / name)

    def _handover(self) -> Handover:
        folders = Folders(
            drop=self._folder(self.drop),
            sent=self._folder(self.sent),
            acknowledgements=self._folder(self.acknowledgements),
            taken=self._folder(self.taken) if self.taken else None,
        )
        return Handover(folders, self.format, self.delimiter)

    def _export(self, name: str, columns: tuple[str, ...]) -> list[dict[str, str]]:
        if not self.exports:
            raise Unsupported(
                f"This file ERP exports no {name}: name its folder under 'Exports' in the connection, or leave articles"
                " and stock to another system."
            )
        folder = self._folder(self.exports)
        folder.check()
        age, body = folder.age(name), folder.read(name)
        if age is None or body is None:
            raise Refused(f"{folder.path} holds no {name}: let the ERP export it.")
        if age > self.export_hours * 3600:
            raise Refused(
                f"{name} in {folder.path} is {age / 3600:.0f} hours old, more than {self.export_hours:g}: let the ERP"
                " export it anew."
            )
        return read_export(body, columns, name)
