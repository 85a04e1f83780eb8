"""What a run of order statuses came to: figures in one sentence and one page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from blocks.documents.statuses import StatusGraph
from tasks.order_status.picture import svg


@dataclass(frozen=True, slots=True)
class StatusSummary:
    """Counts of one run."""

    channel: str
    version: int
    applied: int = 0
    overruled: int = 0
    unmapped: int = 0
    moved: int = 0
    told: int = 0
    refused: int = 0
    put_off: int = 0
    waiting: Mapping[str, int] = field(default_factory=dict)

    def sentence(self) -> str:
        """Return the run in one sentence."""
        heard = self.applied + self.overruled + self.unmapped
        parts = [f"{heard} new reports", f"{self.moved} orders moved on", f"{self.told} told"]
        parts += [f"{count} {name}" for name, count in self._for_people() if count]
        return f"Statuses {self.channel}: {', '.join(parts)}."

    def _for_people(self) -> list[tuple[str, int]]:
        return [
            ("overruled", self.overruled),
            ("not mapped by anybody", self.unmapped),
            ("refused", self.refused),
            ("put off", self.put_off),
        ]

    @property
    def idle(self) -> bool:
        """Return whether nothing happened."""
        return not any((self.applied, self.overruled, self.unmapped, self.told, self.refused, self.put_off))


@dataclass(frozen=True, slots=True)
class Findings:
    """What the page shows beside the counts; rows as records give them."""

    unmapped: Sequence[Mapping[str, Any]]
    failed: Sequence[Mapping[str, Any]]
    by_status: Sequence[Mapping[str, Any]] = ()
    changes: Sequence[Mapping[str, Any]] = ()
    contested: Sequence[Mapping[str, Any]] = ()
    lags: Sequence[Mapping[str, Any]] = ()


def page(summary: StatusSummary, graph: StatusGraph, findings: Findings) -> str:
    """Return the run's page in Markdown."""
    edition = f"version {summary.version}" if summary.version else "as SOMS brings them along (version 0)"
    replace = "`soms statuses show` prints them, `soms statuses activate` replaces them."
    parts = [f"# Order statuses, {summary.channel}", summary.sentence(), f"![]({data_address(svg(graph))})"]
    parts.append(f"The statuses in force: {edition}. {replace}")
    for title, remark, head, rows in _sections(graph, findings):
        if rows:
            shown = _table(head, rows) if head else _list(rows)
            parts += [f"## {title}", *([remark] if remark else []), shown]
    return "\n\n".join(parts)


Section = tuple[str, str, tuple[str, ...], list[tuple[str, ...]]]
"""Title, remark, head of the table, its rows; without a head a list, whose last part is a sentence."""


def _sections(graph: StatusGraph, findings: Findings) -> Iterator[Section]:
    """Yield first what needs a person."""
    yield (
        "Words that nobody has mapped", _UNMAPPED, ("system", "word", "orders", "e.g. order"),
        [(row["system"], row["word"], str(row["orders"]), row["example"]) for row in findings.unmapped],
    )  # fmt: skip
    yield (
        "What a system refused", "Mend the cause there, then `soms effects retry` with the number of the call.", (),
        [(f"call {row['id']}, order {row['order']}", row["system"], row["last_error"]) for row in findings.failed],
    )  # fmt: skip
    yield (
        "Where systems disagreed, and who won", "", (),
        [
            (
                f"order {row['order']} is '{_label(graph, row['lifecycle'])}'",
                f"{row['system']} said '{row['word']}' and was overruled", row["reason"],
            )
            for row in findings.contested
        ],
    )  # fmt: skip
    yield (
        "What this run heard", "", ("order", "system", "said", "meaning", "became", "since (UTC)"),
        [
            (row["order"], row["system"], row["word"], _label(graph, row["status"]), row["outcome"], _time(row["at"]))
            for row in findings.changes
        ],
    )  # fmt: skip
    yield (
        "Where orders of the last 90 days stand", "", ("status", "orders"),
        [(_label(graph, row["status"]), str(row["orders"])) for row in findings.by_status],
    )  # fmt: skip
    yield (
        "Lag per system, last 24 hours", _LAGS, ("system", "", "times", "median", "longest"),
        [
            (row["system"], row["direction"], str(row["count"]), _seconds(row["median"]), _seconds(row["longest"]))
            for row in findings.lags
        ],
    )  # fmt: skip


_UNMAPPED = (
    "Nothing was assumed for these. Map each in the statuses (`soms statuses show --yaml > statuses.yaml`, then"
    " `soms statuses activate statuses.yaml --reason …`); the orders then go on by themselves."
)
_LAGS = (
    "*heard*: from the moment the system gives to our record of it. *told*: from the decision to the system's answer."
)


def data_address(drawing: str) -> str:
    """Return a drawing as an address that needs no fetching."""
    return f"data:image/svg+xml,{quote(drawing, safe='')}"


def _label(graph: StatusGraph, code: str | None) -> str:
    status = graph.status(code or "") or (graph.status(graph.first) if code is None else None)
    return status.label.en if status else (code or "")


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"


def _time(moment: datetime) -> str:
    return f"{moment:%m-%d %H:%M:%S}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines: list[Sequence[str]] = [head, ("---",) * len(head)]
    lines += [tuple(_cell(text) for text in row) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _list(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"- {', '.join(map(_cell, row[:-1]))}: {_cell(row[-1])}" for row in rows)


def _cell(text: str) -> str:
    """Return a text from outside as text: nothing in it is a cell's end, a line's end or markup."""
    plain = " ".join(str(text).split())
    return "".join(f"\\{letter}" if letter in r"\`*_[]<>|#!" else letter for letter in plain)
