"""What a shop shows against what it shall show: compared, guarded, explained, corrections made due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from blocks.database import listing_answers, listings, stock_rules
from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.documents.stock_rules import StockRules
from blocks.quality import stopped_by
from tasks.inventory_reconciliation import records
from tasks.inventory_reconciliation.causes import Explained, Gap, explain_article
from tasks.inventory_reconciliation.chunks import Tally, chunks
from tasks.inventory_reconciliation.comparing import find_listing_gaps
from tasks.inventory_reconciliation.evidence import ListingQuestion, listing_gaps
from tasks.inventory_reconciliation.guard import covered, judge_listings
from tasks.inventory_reconciliation.outcome import Compared, Outcome
from tasks.inventory_reconciliation.records import Judged
from tasks.inventory_reconciliation.replaying import VISIBILITY, VISIBLE
from tasks.inventory_reconciliation.rules import Fate, fate
from tasks.inventory_reconciliation.scope import Scope

if TYPE_CHECKING:
    from blocks.database.engine import Connection
    from blocks.documents.verdicts import QualityFinding

MOST_KEPT_STOPPED = 10_000
"""So many differences of a stopped comparison are written down; the counts tell of all."""
SHOWN_BECAUSE = "It was hidden although it was in stock; a reconciliation found it."
HIDDEN_BECAUSE = "Hidden in the shop although it is in stock, and no event explains it: somebody hid it there."


@dataclass(frozen=True, slots=True)
class Release:
    """A person's word that a stopped comparison shall be carried out."""

    number: int
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is compared: a shop's listings, by which rules, and what is known of the last time."""

    channel: str
    system: str
    rules: StockRules
    last: Mapping[str, Any] | None
    first_look: bool

    @property
    def agreed_at(self) -> datetime | None:
        """Return when all was last compared."""
        return self.last["at"] if self.last else None


def compare_listings(
    database: Database,
    actor: Actor,
    scope: Scope,
    *,
    channel: str,
    system: str,
    release: Release | None = None,
    rehearsal: bool = False,
) -> Outcome:
    """Compare what a shop was just seen to show with what it shall show, and make due what differs.

    The guard stops a run that would hide or empty too much of the shop; then nothing is carried out until a person
    releases it. Each chunk of differences is written down in the transaction that makes their corrections due, so a
    run that is killed has done what it says, and the next one does the rest. A rehearsal keeps nothing.
    """
    with database.connect(autocommit=True) as connection:
        records.hold(connection, channel)
        records.make_room(connection)
        shelf = _shelf(connection, channel, system)
        compared = find_listing_gaps(connection, shelf.rules, scope, channel=channel)
        findings = judge_listings(compared, shelf.rules.guard, channel=channel)
        stopped = stopped_by(findings)
        if stopped and release:
            with records.audited(connection, actor) as trail:
                allowed = records.release(connection, trail, release.number, by=release.by, reason=release.reason)
            stopped = () if covered(stopped, allowed) else stopped
        if rehearsal:
            return _rehearse(connection, shelf, compared, stopped)
        with records.audited(connection, actor) as trail:
            number = records.begin(
                connection, trail, name=channel, scope=scope, compared=compared, findings=findings,
                stopped=bool(stopped),
            )  # fmt: skip
        outcome = Outcome(channel, compared, number, stopped=_why(stopped, number))
        return _walk(connection, actor, shelf, outcome)


def _shelf(connection: "Connection", channel: str, system: str) -> Shelf:
    last = records.last_done(connection, channel, whole=True)
    rules = stock_rules.in_force(connection)
    return Shelf(channel, system, rules, last, first_look=last is None)


def _why(stopped: "Sequence[QualityFinding]", number: int | None) -> str:
    if not stopped:
        return ""
    why = " ".join(finding.text for finding in stopped)
    how = f" To have it done all the same, run it again with release {number}, by and reason." if number else ""
    return f"Nothing was changed in the shop: {why}{how}"


def _walk(connection: "Connection", actor: Actor, shelf: Shelf, outcome: Outcome) -> Outcome:
    """Explain chunk by chunk, write down, and make due what shall be repaired."""
    tally, repaired, waiting, kept, number = Tally(), 0, 0, 0, outcome.number or 0
    for rows in chunks(connection, "listing_gap"):
        if outcome.stopped and kept >= MOST_KEPT_STOPPED:
            break
        judged = _judge(connection, shelf, rows, stopped=bool(outcome.stopped))
        tally.add(judged)
        kept += len(judged)
        with records.audited(connection, actor) as trail:
            if not outcome.stopped:
                _repair(connection, trail, shelf, judged)
            counts = records.keep_differences(connection, trail, number, judged)
        repaired, waiting = repaired + counts[Fate.REPAIR], waiting + counts[Fate.WAIT]
    return replace(outcome, repaired=repaired, waiting=waiting, causes=dict(tally.causes), examples=tally.examples)


def _rehearse(
    connection: "Connection", shelf: Shelf, compared: Compared, stopped: "Sequence[QualityFinding]"
) -> Outcome:
    tally, repaired, waiting = Tally(), 0, 0
    for rows in chunks(connection, "listing_gap"):
        judged = _judge(connection, shelf, rows, stopped=False)
        tally.add(judged)
        counts = records.articles_by_fate(judged)
        repaired, waiting = repaired + counts[Fate.REPAIR], waiting + counts[Fate.WAIT]
    return Outcome(
        shelf.channel, compared, None, repaired, waiting, _why(stopped, None), dict(tally.causes), tally.examples
    )


def _judge(connection: "Connection", shelf: Shelf, rows: Sequence[Mapping[str, Any]], *, stopped: bool) -> list[Judged]:
    """Return each difference of a chunk with its cause and what becomes of it."""
    differing = [row for row in rows if not (row["strange"] or row["missing"])]
    skus = [row["sku"] for row in differing]
    differed = records.differed_in(connection, shelf.last["id"], skus) if shelf.last else frozenset()
    asked = ListingQuestion(shelf.channel, shelf.system, shelf.rules, shelf.agreed_at, differed)
    judged: list[Judged] = []
    for _, gaps in listing_gaps(connection, asked, differing):
        for gap, explained in zip(gaps, explain_article(gaps), strict=True):
            judged.append((gap, explained, Fate.STOP if stopped else _fate(shelf, gap, explained)))
    return judged


def _fate(shelf: Shelf, gap: Gap, explained: Explained) -> Fate:
    policy = shelf.rules.channel(shelf.channel).hidden_in_stock
    return fate(gap, explained, policy, first_look=shelf.first_look)


def _repair(connection: "Connection", trail: Any, shelf: Shelf, judged: Sequence[Judged]) -> None:
    """Make due what shall be repaired, and note what a person is taken to have hidden."""
    repairs = [gap for gap, _, each in judged if each is Fate.REPAIR]
    respected = [gap.sku for gap, _, each in judged if each is Fate.RESPECT]
    listings.refresh(
        connection,
        trail,
        channel=shelf.channel,
        system=shelf.system,
        skus=[*(gap.sku for gap in repairs), *respected],
        show=[gap.sku for gap in repairs if gap.view.name == VISIBILITY and gap.expected == VISIBLE],
        show_why=SHOWN_BECAUSE,
        rules=shelf.rules,
    )
    listing_answers.respect(connection, trail, shelf.channel, respected, why=HIDDEN_BECAUSE)
