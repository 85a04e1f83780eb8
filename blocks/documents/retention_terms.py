"""How long records must be kept, by §147(3), (4) AO, §257(4), (5) HGB and §14b(1) UStG. Pure.

The time begins at the end of the calendar year a record is of. The fourth act to cut red tape (BEG IV) shortened the
time of vouchers and invoices from ten to eight years, for those as well whose ten years were not over when it came into
force (Art. 97 §19a(2) EGAO, §27(40) UStG). Sources differ on that day; the latest is taken.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

IN_FORCE: Final = date(2025, 1, 1)
"""The day from which vouchers are kept for eight years; what was to be kept until before it keeps its ten years."""


class KeptAs(StrEnum):
    """What a record is to the law."""

    VOUCHER = "voucher"
    BOOK = "book"
    LETTER = "letter"


YEARS: Final = {KeptAs.VOUCHER: 8, KeptAs.BOOK: 10, KeptAs.LETTER: 6}
_YEARS_BEFORE: Final = 10
LAWS: Final = {
    KeptAs.VOUCHER: "§147(1) no. 4, (3) AO, §257(4) HGB, §14b(1) UStG",
    KeptAs.BOOK: "§147(1) no. 1, (3) AO, §257(4) HGB",
    KeptAs.LETTER: "§147(1) no. 2, 3, (3) AO, §257(4) HGB",
}


@dataclass(frozen=True, slots=True)
class Term:
    """How long a record is kept: up to and including ``ends_on``, by which law."""

    kept_as: KeptAs
    dated: date
    ends_on: date
    law: str


def term(kept_as: KeptAs, dated: date) -> Term:
    """Return how long a record of a day must be kept; a tax assessment that is still open needs a hold besides.

    Example:
        >>> term(KeptAs.VOUCHER, date(2018, 5, 10)).ends_on
        datetime.date(2026, 12, 31)
    """
    ends_on = _end_of(dated.year + YEARS[kept_as])
    if kept_as is KeptAs.VOUCHER:
        before = _end_of(dated.year + _YEARS_BEFORE)
        # Nothing that the old law still kept was free before the new one came into force.
        ends_on = before if before < IN_FORCE else max(ends_on, _end_of(IN_FORCE.year - 1))
    return Term(kept_as, dated, ends_on, LAWS[kept_as])


def _end_of(year: int) -> date:
    return date(min(year, date.max.year), 12, 31)
