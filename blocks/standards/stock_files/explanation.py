"""What a profile of stock files makes of a sample: what each row says, or why it cannot be read. Pure."""

import io
from dataclasses import dataclass
from itertools import islice

from blocks.documents.base import plain_decimal
from blocks.documents.till_rows import TillRow
from blocks.errors import Unreadable
from blocks.standards.stock_files.profile import StockProfile
from blocks.standards.stock_files.reading import read_row, record_of
from blocks.standards.stock_files.splitting import split


@dataclass(frozen=True, slots=True)
class RowTold:
    """One row of the sample: its name, its place, what it says, and every reason why it cannot be read."""

    name: str
    place: str
    says: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowsExplained:
    """What a profile makes of a sample's rows."""

    profile: str
    rows: tuple[RowTold, ...]

    def headline(self) -> str:
        """Return the outcome in one sentence."""
        right = sum(not row.reasons for row in self.rows)
        return f"{right} of {len(self.rows)} rows can be read by the profile {self.profile}."


def explain_rows(sample: bytes, profile: StockProfile, *, rows: int) -> RowsExplained:
    """Read the first rows of a sample.

    Raises:
        Unreadable: Nothing of the file can be read.
    """
    told = []
    for record in islice(split(io.BytesIO(sample), profile), rows):
        place = (
            str(record.first_row) if record.first_row == record.last_row else f"{record.first_row}-{record.last_row}"
        )
        try:
            says = _says(read_row(record_of(record.body), profile))
            told.append(RowTold(record.external_id, place, says, ()))
        except Unreadable as error:
            told.append(RowTold(record.external_id, place, "", tuple(defect.text for defect in error.reasons)))
    return RowsExplained(f"{profile.name}@{profile.version}", tuple(told))


def _says(row: TillRow) -> str:
    """Return a row's meaning in a few words, e.g. 'sale of -2 LAMP in Köln, slip 1-1001, 2026-11-02 10:01 UTC'."""
    goods = f" of {plain_decimal(row.quantity)} {row.sku or row.gtin}" if row.quantity is not None else ""
    slip = f", takes back {row.voids}" if row.voids else f", slip {row.slip}" if row.slip else ""
    place = f" at {row.location}" if row.location else ""
    return f"{row.kind}{goods} in {row.warehouse}{place}{slip}, {row.happened_at:%Y-%m-%d %H:%M} UTC"
