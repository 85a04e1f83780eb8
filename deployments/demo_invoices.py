"""Suppliers bill the shop: a right invoice, a wrong one, one that comes twice, and one with another bank account.

All of it happens in this process: no flow run is started, so that the day is hardly longer for it.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from blocks.database.audit import Actor
from blocks.database.conversions import Goal
from blocks.database.effect_delivery import deliver_all
from blocks.database.engine import Database
from blocks.database.received_invoices import Destination
from deployments.demo_papers import Billed, bill, hybrid, xrechnung

if TYPE_CHECKING:
    from blocks.documents.invoices import Invoice

SOURCE, ERP, MAILBOX = "invoice-folder/suppliers", "tryton-erp/main", "smtp-mailbox/orders"
ACTOR = Actor(process="invoice_validation", name="soms")
ANALYST = "ada.demo"
OTHER_ACCOUNT = "DE02120300000000202051"
KETTLE = ("HOME-002", "Tea kettle Nord", Decimal("41.20"))
BLANKET = ("HOME-004", "Wool blanket Nord", Decimal("93.50"))
SHEARS = ("HOME-005", "Garden shears Nord", Decimal("76.40"))
KINDS = ("clean", "wrong", "doubled", "changed account")
ENDED = {"clean": "posted", "wrong": "rejected", "doubled": "waiting", "changed account": "waiting"}
LONGEST_WHY = 150


@dataclass
class Bills:
    """The invoices that came, by kind: their numbers, where each ended, and why."""

    numbers: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    links: int = 0
    totals: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def lines(self) -> list[str]:
        """Return what happened, for the summary."""
        found = [f"Suppliers sent {len(self.numbers)} invoices, checked in form, in law and against order and receipt:"]
        for kind, number in self.numbers.items():
            found.append(f"  {kind:15} {number}: {self.states.get(kind, 'lost')}. {self.said.get(kind, '')}".rstrip())
        sums = ", ".join(f"{value} {currency}" for currency, value in self.totals.items())
        if sums:
            found.append(f"  Exported to the accountants: {sums}, as the documents say; {self.links} links are proven.")
        return found

    def wrong(self) -> list[str]:
        """Return where an invoice did not end where it should."""
        return [
            f"The {kind} invoice {number} was {self.states.get(kind, 'lost')} and not {ENDED[kind]}."
            for kind, number in self.numbers.items()
            if self.states.get(kind) != ENDED[kind]
        ]


def play() -> Bills:
    """Let the invoices come, judge them, decide, book, answer, post, export; returns where each ended."""
    from blocks.systems.registry import load_system  # noqa: PLC0415 - Prefect comes with it
    from deployments.cli_run import connect_to_prefect  # noqa: PLC0415 - as above

    begun, bills, database = time.monotonic(), Bills(), Database.current()
    connect_to_prefect()
    folder = load_system(SOURCE)
    papers = _papers(_run_before(database), datetime.now(UTC).date())
    _put(Path(unquote(urlsplit(folder.url).path)) / "incoming", papers)
    bills.numbers = {kind: invoice.number for kind, (invoice, _) in papers.items()}
    _judge(database, folder, load_system(ERP))
    _decide(database, bills)
    _hand_on(database, bills)
    _count(database, bills)
    bills.seconds = time.monotonic() - begun
    return bills


def _run_before(database: "Database") -> int:
    """Return how many such days this stack has seen: a second one must bill other pieces, or all would be doubled."""
    with database.connect() as connection:
        row = connection.execute(
            "SELECT count(*) AS seen FROM received_invoice WHERE source = %s", (SOURCE,)
        ).fetchone()
    return int(row["seen"]) // len(KINDS) if row else 0


def _papers(before: int, today: date) -> dict[str, "tuple[Invoice, bytes]"]:
    def lines(article: tuple[str, str, Decimal], price: Decimal | None = None) -> tuple[Billed, ...]:
        sku, name, usual = article
        return (Billed(sku, name, 1 + before, price or usual),)

    stamp = f"{datetime.now(UTC):%m%d%H%M%S}"
    clean = bill("HANSE", f"HG-{stamp}-1", "HG-2611-0417", lines(KETTLE), today=today)
    dear = bill("ELBTAL", f"EM-{stamp}", "EM-88-2026", lines(BLANKET, Decimal("99.90")), today=today)
    gross = (dear.totals.gross or Decimal(0)) + 10
    wrong = dear.model_copy(update={"totals": dear.totals.model_copy(update={"gross": gross, "payable": gross})})
    again = clean.model_copy(update={"number": f"HG-{stamp}-2"})
    changed = bill("HANSE", f"HG-{stamp}-3", "HG-2611-0431", lines(SHEARS), today=today, iban=OTHER_ACCOUNT)
    return {
        "clean": (clean, xrechnung(clean)),
        "wrong": (wrong, xrechnung(wrong)),
        "doubled": (again, xrechnung(again)),
        "changed account": (changed, hybrid(changed)),
    }


def _put(incoming: Path, papers: "Mapping[str, tuple[Invoice, bytes]]") -> None:
    """Put the files where suppliers put them, as if they had lain there for a while."""
    long_ago = time.time() - 60
    for invoice, body in papers.values():
        path = incoming / f"{invoice.number}.{'pdf' if body.startswith(b'%PDF') else 'xml'}"
        hidden = path.with_name(f".{path.name}")
        hidden.write_bytes(body)
        os.utime(hidden, (long_ago, long_ago))
        hidden.replace(path)


def _judge(database: "Database", folder: object, erp: object) -> None:
    from tasks.edi_conversion import chunks  # noqa: PLC0415 - readers of files, only here
    from tasks.edi_conversion.chunk_reading import read_one  # noqa: PLC0415
    from tasks.invoice_validation import judging, supply_held  # noqa: PLC0415
    from tasks.invoice_validation.judging_files import judge_one  # noqa: PLC0415
    from tasks.invoice_validation.learning_supply import learn_supply  # noqa: PLC0415

    folder.collect(database, ACTOR, source=SOURCE, log=lambda _: None)  # type: ignore[attr-defined] # any folder
    with database.connect() as connection:
        found = chunks.chunks_of(connection, SOURCE)
    for chunk in found:
        chunks.convert(
            database, ACTOR, chunk, Goal(), supplier_memory=False,
            reader=lambda files, known: (read_one(known, file) for file in files),
        )  # fmt: skip
    learn_supply(database, ACTOR, erp, ERP)  # type: ignore[arg-type] # the connector that load_system returned
    judging.take(database, ACTOR, SOURCE, Destination(ERP, MAILBOX))
    with database.connect() as connection:
        waiting = judging.chunks_of(connection, SOURCE)
    for one in waiting:
        judging.judge(
            database, ACTOR, one, hold=supply_held.hold,
            judge_files=lambda items: ((item.invoice, judge_one(item)) for item in items),
        )  # fmt: skip


def _decide(database: "Database", bills: Bills) -> None:
    """Have the analyst reject what is wrong; its sender is told why."""
    from tasks.invoice_validation import desk, supply_held  # noqa: PLC0415 - only here
    from tasks.invoice_validation.deciding import Wish  # noqa: PLC0415

    with database.connect() as connection:
        row = connection.execute(
            "SELECT id FROM received_invoice WHERE number = %s AND state = 'waiting'", (bills.numbers["wrong"],)
        ).fetchone()
        seen = desk.look(connection, row["id"]).seen if row else ""
    if row:
        wish = Wish(row["id"], ANALYST, "Preis und Summe stimmen nicht mit unserer Bestellung überein.", seen)
        desk.decide(database, Actor("desk", name=ANALYST), "reject", wish, hold=supply_held.hold)


def _hand_on(database: "Database", bills: Bills) -> None:
    from blocks.database import invoice_evidence  # noqa: PLC0415 - only here
    from tasks.accounting_export import exporting  # noqa: PLC0415
    from tasks.invoice_validation.delivering import DELIVERY, hear_payments  # noqa: PLC0415

    deliver_all(DELIVERY, database, ACTOR, lease=60.0, patience=60.0, log=lambda _: None)
    hear_payments(database, ACTOR)
    exporting.post(database, ACTOR)
    today = datetime.now(UTC).date()
    bills.totals = dict(exporting.export(database, ACTOR, today.replace(day=1), today, by=ANALYST).totals)
    with database.audited(ACTOR) as (connection, trail):
        bills.links = invoice_evidence.keep_new(connection, trail)


def _count(database: "Database", bills: Bills) -> None:
    by_number = {number: kind for kind, number in bills.numbers.items()}
    with database.connect() as connection:
        rows = connection.execute(
            "SELECT r.number, r.state, b.number AS booked, v.verdict::jsonb -> 'findings' AS findings, e.state AS told"
            " FROM received_invoice r LEFT JOIN erp_bill b ON b.invoice_id = r.id"
            " LEFT JOIN LATERAL (SELECT verdict FROM invoice_verdict x WHERE x.invoice_id = r.id"
            " ORDER BY version DESC LIMIT 1) v ON true"
            " LEFT JOIN effect e ON e.subject = 'received_invoice/' || r.id AND e.kind = 'invoice.answer'"
            " WHERE r.number = ANY(%s)",
            (list(by_number),),
        ).fetchall()
    for row in rows:
        kind = by_number[row["number"]]
        bills.states[kind] = row["state"]
        fatal = [one for one in row["findings"] or () if one["gravity"] == "fatal"]
        why = max(fatal, key=lambda one: one["kind"] == "supply")["text"] if fatal else ""
        said = f"In the ERP as {row['booked']}." if row["booked"] else shorten(why, LONGEST_WHY, placeholder=" …")
        told = " Its sender was told by mail." if row["told"] == "done" else ""
        bills.said[kind] = f"{said}{told}"
