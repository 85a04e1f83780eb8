"""Takes and judges the invoices of one chunk: files over worker processes, everything else set by set in Postgres."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from blocks.database import conversions, invoice_limits, invoice_verdicts, quality_results, received_invoices, suppliers
from blocks.database.received_invoices import Destination
from blocks.documents.invoice_text import invoice_text
from blocks.documents.invoice_verdicts import InvoiceVerdict, LegalContext, Supplier
from blocks.quality import FATAL
from tasks.invoice_validation.booking import READ, Hold, JudgedNow, Tally, book
from tasks.invoice_validation.expectations import INVOICES
from tasks.invoice_validation.expectations import rows as batch_rows
from tasks.invoice_validation.judging_files import ToJudge, judge_each

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Connection, Database
    from blocks.documents.invoice_limits import InvoiceLimits
    from blocks.documents.verdicts import QualityFinding

Judge = Callable[[Iterable[ToJudge]], Iterator[tuple[int, InvoiceVerdict]]]
Gate = Callable[[Sequence[Mapping[str, Any]]], "tuple[QualityFinding, ...]"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Invoices to be judged or held against the supply anew, by their ids."""

    ids: tuple[int, ...]


def take(
    database: "Database", actor: "Actor", source: str, destination: Destination, *, since: date | None = None
) -> int:
    """Take every conversion of a source that is no invoice yet, or came since a day; returns how many there were."""
    with database.connect() as connection:
        limits = invoice_limits.in_force(connection)
        waiting = received_invoices.untaken(connection, source=source, since=limits.beginning(since))
    taken = 0
    for portion in waiting:
        with database.audited(actor) as (connection, trail):
            new = received_invoices.take(connection, trail, portion, limits=limits, destination=destination)
        taken += len(new)
    return taken


def chunks_of(connection: "Connection", source: str | None) -> list[Chunk]:
    """Return the undecided invoices of a source, or of all, in chunks."""
    return [Chunk(tuple(portion)) for portion in received_invoices.undecided(connection, source=source)]


def judge(
    database: "Database",
    actor: "Actor",
    chunk: Chunk,
    *,
    hold: Hold,
    jobs: int = 0,
    again: bool = False,
    judge_files: Judge | None = None,
    gate: Gate | None = None,
    rule_may_approve: bool = True,
) -> tuple[Tally, float]:
    """Judge what is new or has changed, hold all against the supply, book; returns the seconds that judging took.

    ``again`` judges everything anew, e.g. by newer rules. ``gate`` judges the batch as a whole: where it is stopped, or
    ``rule_may_approve`` is false, everything waits for a person.
    """
    ids = list(chunk.ids)
    with database.audited(actor) as (connection, trail):
        received_invoices.keep_in_step(connection, trail, ids)
    with database.connect() as connection:
        limits = invoice_limits.in_force(connection)
        rows, items, inbox = prepared(connection, ids, limits, again=again)
    begun = time.monotonic()
    contents = with_bytes(database, items, inbox)
    verdicts = judge_files(contents) if judge_files else judge_each(contents, jobs=jobs)
    judged = {number: JudgedNow(verdict, rows[number]["facts"]) for number, verdict in verdicts}
    seconds = time.monotonic() - begun
    batch = [row for number, row in rows.items() if number in judged]
    findings = gate(batch_rows(batch, {number: one.verdict for number, one in judged.items()})) if gate else ()
    stopped = " ".join(each.text for each in findings if not each.passed and each.severity == FATAL)
    with database.audited(actor) as (connection, trail):
        name = f"{INVOICES.name}:{actor.run_id}:{ids[0] if ids else 0}"
        quality_results.keep(connection, trail, batch=name, suite=INVOICES.name, findings=findings)
        tally = book(
            connection, trail, ids, judged, limits=limits, hold=hold, rule_may_approve=rule_may_approve, stopped=stopped
        )
    return tally, seconds


def prepared(
    connection: "Connection", ids: Sequence[int], limits: "InvoiceLimits", *, again: bool = False
) -> tuple[dict[int, dict[str, Any]], list[ToJudge], dict[int, int]]:
    """Return undecided invoices by id, what of them is to be judged, still without bytes, and where those are kept."""
    rows, known = received_invoices.facts(connection, ids), invoice_verdicts.newest(connection, ids)
    wanted = [
        row
        for number, row in rows.items()
        if row["outcome"] != "rejected" and (again or number not in known or known[number].facts_hash != row["facts"])
    ]
    return rows, _items(connection, wanted, limits), {row["id"]: row["inbox_id"] for row in wanted}


def _items(connection: "Connection", rows: Sequence[Mapping[str, Any]], limits: "InvoiceLimits") -> list[ToJudge]:
    """Return what is to be judged, without the bytes."""
    read = received_invoices.in_force(connection, [row["id"] for row in rows])
    doubts = conversions.reasons(connection, [row["conversion_id"] for row in rows])
    return [
        ToJudge(
            invoice=row["id"], conversion=row["conversion_id"], data=b"",
            read=invoice_text(read[row["id"]]) if row["was_read"] else None,
            context=LegalContext(
                received_on=row["received_at"].astimezone(limits.zone).date(),
                supplier=suppliers.as_document(row) if row["supplier_id"] else Supplier(),
                buyer_vat_ids=limits.our_vat_ids,
            ),
            came_as_data=row["came_as_data"],
            doubts=() if row["outcome"] in READ else tuple(doubts[row["conversion_id"]]),
        )
        for row in rows
    ]  # fmt: skip


def with_bytes(database: "Database", items: Sequence[ToJudge], inbox: Mapping[int, int]) -> Iterator[ToJudge]:
    """Yield the invoices with their bytes one by one, as processes take them."""
    with database.connect(autocommit=True) as connection:
        for item in items:
            yield replace(item, data=conversions.body(connection, inbox[item.invoice]))
