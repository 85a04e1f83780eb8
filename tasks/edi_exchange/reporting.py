"""What people see of an EDI exchange: interchanges with verdicts and findings, gaps, what waits, what was refused."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from blocks.database import interchanges
from blocks.database.effect_delivery import Delivered
from blocks.database.inbox import Stored
from blocks.markdown import plain, table
from tasks.edi_exchange.booking import Booked

if TYPE_CHECKING:
    from blocks.database.engine import Connection

_FINDINGS = 10


@dataclass(frozen=True, slots=True)
class ExchangeSummary:
    """What one run did, and what people must look at."""

    new: int
    duplicates: int
    accepted: int
    rejected: int
    unknown_partner: int
    conflict: int
    gaps: int
    orders: int
    invoices: int
    acknowledged: int
    orders_answered: int
    sent: int
    refused: int
    put_off: int
    unreadable_files: int
    waiting: int

    def sentence(self) -> str:
        """Return the sums as people read them."""
        counts = {name.replace("_", " "): count for name, count in asdict(self).items() if count and name != "new"}
        told = ", ".join(f"{count} {name}" for name, count in counts.items())
        return f"{self.new} new interchanges{': ' + told if told else ''}."


def summarise(  # noqa: PLR0917 - the parts of a run
    connection: "Connection",
    source: str,
    run_id: str,
    stored: Stored,
    booked: Booked,
    answered: int,
    delivered: Delivered,
) -> tuple[ExchangeSummary, str]:
    """Return a run's sums and its page."""
    files = refused_files(connection, source, run_id)
    unanswered = interchanges.waiting(connection, source=source)
    gaps = interchanges.gaps(connection)
    summary = ExchangeSummary(
        new=stored.new,
        duplicates=stored.duplicates,
        accepted=booked.accepted,
        rejected=booked.rejected,
        unknown_partner=booked.unknown_partner,
        conflict=booked.conflict,
        gaps=booked.gaps,
        orders=booked.orders,
        invoices=booked.invoices,
        acknowledged=booked.acknowledged,
        orders_answered=answered,
        sent=delivered.done,
        refused=delivered.refused,
        put_off=delivered.put_off,
        unreadable_files=len(files),
        waiting=len(unanswered),
    )
    rows = interchanges.listed(connection, run_id=run_id, source=source)
    return summary, page(summary, rows, gaps, unanswered, files)


def refused_files(connection: "Connection", source: str, run_id: str) -> list[dict[str, Any]]:
    """Return the files of a run that held no interchange, with the reason."""
    return connection.execute(
        "SELECT name, refusal FROM received_file WHERE source = %s AND run_id = %s AND refusal IS NOT NULL"
        " ORDER BY id LIMIT 200",
        (source, run_id),
    ).fetchall()


def page(
    summary: ExchangeSummary,
    rows: Sequence[Mapping[str, Any]],
    gaps: Sequence[Mapping[str, Any]],
    unanswered: Sequence[Mapping[str, Any]],
    files: Sequence[Mapping[str, Any]],
) -> str:
    """Return the page of a run as Markdown."""
    parts = ["# EDI exchange", summary.sentence(), "## Interchanges", _interchanges(rows)]
    if gaps:
        missing = [(each["partner"], each["sender"], _span(each["first"], each["last"])) for each in gaps]
        parts += ["## Missing control numbers", table(("Partner", "Sender", "Missing"), _cells(missing))]
    if unanswered:
        sent = [(each["partner"], each["reference"], each["messages"], _moment(each)) for each in unanswered]
        parts += ["## Sent, not acknowledged yet", table(("Partner", "Reference", "Messages", "Sent"), _cells(sent))]
    if files:
        refused = [(each["name"], each["refusal"]) for each in files]
        parts += ["## Files without an interchange", table(("File", "Why"), _cells(refused))]
    return "\n\n".join(parts)


def _interchanges(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return "None in this run."
    told = [
        (
            each["direction"],
            each["partner"] or "unknown",
            each["sender"] if each["direction"] == "in" else each["receiver"],
            each["reference"],
            each["messages"],
            each["verdict"],
            _findings(each["findings"]),
        )
        for each in rows
    ]
    return table(("", "Partner", "Named", "Reference", "Messages", "Verdict", "Findings"), _cells(told))


def _findings(text: str) -> str:
    findings = json.loads(text)
    more = f" And {len(findings) - _FINDINGS} more." if len(findings) > _FINDINGS else ""
    return " ".join(finding["text"] for finding in findings[:_FINDINGS]) + more


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _moment(row: Mapping[str, Any]) -> str:
    return f"{row['exchanged_at']:%Y-%m-%d %H:%M} UTC"


def _cells(rows: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [tuple(plain(cell) for cell in row) for row in rows]
