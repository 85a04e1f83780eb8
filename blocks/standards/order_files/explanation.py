"""What a mapping profile makes of a sample: what lands where, what is lost, what is missing, which orders are right."""

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from blocks.documents.base import plain_decimal
from blocks.errors import Unreadable
from blocks.standards.order_files.cells import from_body
from blocks.standards.order_files.columns import numbered, separator_of
from blocks.standards.order_files.file_form import Format, Source
from blocks.standards.order_files.orders import read_order
from blocks.standards.order_files.profile import Profile
from blocks.standards.order_files.reading import reading_of
from blocks.standards.order_files.rows import matchable
from blocks.standards.order_files.splitting import RawRecord, split
from blocks.standards.order_files.targets import (
    ALWAYS_ON_LINE,
    ALWAYS_ON_ORDER,
    LINE_TARGETS,
    PERSONAL,
    Kind,
    kind_on_order,
)
from blocks.standards.order_files.texts import Cells, text_of
from blocks.standards.order_files.trees import leaf_paths
from blocks.standards.order_files.values import Case, Read, value_reader

EXAMPLES = 3
_COMPUTED = {
    "totals.total": "The total to pay is computed from lines, charges and discounts: the profile maps none.",
    "totals.tax": "The taxes are computed per rate and rounded once: the profile maps none.",
    "totals.goods_gross": "The sums of the goods are computed from the lines: the profile maps none.",
}


@dataclass(slots=True)
class Use:
    """A column of the file or a target of an order.

    Attributes:
        name: The column as the file calls it, or the target, e.g. 'lines.sku'.
        other: The targets it lands in, or the columns it comes from; empty when it is lost or not mapped.
        filled: In how many rows or records it is filled.
        examples: Up to three values: of a column as they stand, of a target as they are read.
        personal: Whether the values may say who somebody is.
    """

    name: str
    other: tuple[str, ...]
    filled: int = 0
    examples: list[str] = field(default_factory=list)
    personal: bool = False

    def note(self, value: Any) -> None:
        """Count a value and keep it as an example if it is a new one."""
        text = _shown(value)
        if not text:
            return
        self.filled += 1
        if len(self.examples) < EXAMPLES and text not in self.examples:
            self.examples.append(text)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one record of the sample."""

    external_id: str
    first_row: int
    last_row: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a profile makes of a sample."""

    profile: str
    columns: tuple[Use, ...]
    targets: tuple[Use, ...]
    empty_required: tuple[str, ...]
    computed: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    tally: str

    @property
    def lost(self) -> tuple[Use, ...]:
        """Return the columns that hold something and land nowhere."""
        return tuple(use for use in self.columns if not use.other and use.filled)


def explain(sample: bytes, profile: Profile, *, records: int = 50) -> Explanation:
    """Return what the profile makes of the first records of a sample.

    Raises:
        Unreadable: Nothing of the sample can be read with this profile.
    """
    found = split(io.BytesIO(sample), profile)
    witness = _Witness(profile)
    verdicts = [_verdict(record, profile, witness) for record in islice(found, records)]
    needed = {f"order.{name}" for name in ALWAYS_ON_ORDER} | {f"lines.{name}" for name in ALWAYS_ON_LINE}
    needed |= {f"order.{name}" for name, source in profile.order.items() if source.required}
    needed |= {f"lines.{name}" for name, source in profile.lines.items() if source.required}
    return Explanation(
        profile=f"{profile.name} (version {profile.version})" if profile.version else profile.name,
        columns=tuple(witness.columns.values()),
        targets=tuple(witness.targets.values()),
        empty_required=tuple(name for name, use in witness.targets.items() if name in needed and not use.filled),
        computed=tuple(text for name, text in _COMPUTED.items() if name not in profile.order),
        verdicts=tuple(verdicts),
        tally=found.tally.sentence(),
    )


def _verdict(record: RawRecord, profile: Profile, witness: "_Witness") -> Verdict:
    witness.hear(from_body(record.body))
    reasons: tuple[str, ...] = ()
    try:
        read_order(record.body, profile, "sample")
    except Unreadable as error:
        reasons = tuple(f"{defect.text} {defect.remedy}" for defect in error.reasons)
    return Verdict(record.external_id, record.first_row, record.last_row, reasons)


class _Witness:
    """Collects what stands in each column and what is read into each target."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._separator = separator_of(profile)
        self._tabular = profile.format in {Format.CSV, Format.XLSX}
        self._reading = reading_of(profile)
        self.columns: dict[str, Use] = {}
        self.targets: dict[str, Use] = {}
        self._readers: list[tuple[Use, Read, bool]] = []
        self._lands: dict[str, list[str]] = {}
        for name, source in profile.order.items():
            kind = kind_on_order(name) or Kind.TEXT
            self._add(f"order.{name}", source, kind, on_line=False, personal=name in PERSONAL)
        for name, source in profile.extra.items():
            self._add(f"order.comment ({name})", source, Kind.TEXT, on_line=False, personal=True)
        for place in range(1, profile.lines_per_row + 1):
            for name, source in profile.lines.items():
                self._add(f"lines.{name}", numbered(source, place), LINE_TARGETS[name], on_line=True)

    def _add(self, target: str, source: Source, kind: Kind, *, on_line: bool, personal: bool = False) -> None:
        slots = self._reading.line_slots if on_line else self._reading.slots
        origin = source.columns or (f"always '{source.constant}'",)
        use = self.targets.setdefault(target, Use(target, origin, personal=personal))
        self._readers.append((use, value_reader(source, kind, slots, self._profile), on_line))
        prefix = f"{self._profile.line_path}{self._separator}" if on_line and not self._tabular else ""
        for column in source.columns:
            self._lands.setdefault(matchable(prefix + column), []).append(target)

    def hear(self, record: Mapping[str, Any]) -> None:
        """Take in one record."""
        for name, value in self._leaves(record):
            self._column(name).note(value)
        cells, rows = self._reading.cells(record, Case())
        if not cells:
            return
        for use, read, on_line in self._readers:
            for one in [row for _, _, row in rows] if on_line else [cells]:
                use.note(_read(read, one))

    def _column(self, name: str) -> Use:
        if name not in self.columns:
            targets = tuple(dict.fromkeys(self._lands.get(matchable(name), ())))
            personal = not targets or any(self.targets[target].personal for target in targets)
            self.columns[name] = Use(name, targets, personal=personal)
        return self.columns[name]

    def _leaves(self, record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        if self._tabular:
            for row in record.get("rows", []):
                yield from row.items()
        else:
            for path, value in leaf_paths(record.get("order", {}), self._separator):
                yield path.removesuffix(f"{self._separator}#text"), value


def _read(read: Read, cells: Cells) -> Any:
    case = Case()
    value = read(cells, case)
    return None if case.defects else value


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, dict):
        return str(value.get("$text") or text_of(value))
    return str(text_of(value)).strip()


def reasons_counted(verdicts: tuple[Verdict, ...]) -> Counter[str]:
    """Return how often each reason was found, without the number of its row."""
    return Counter(reason.partition("].")[2] or reason for verdict in verdicts for reason in set(verdict.reasons))
