"""The Prefect tasks of a till's files: collect, judge and book, answer, report."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from blocks.database import effect_delivery, effects, inbox, quarantine, received_files
from blocks.database.effect_delivery import Delivered, Delivery
from blocks.database.engine import Database
from blocks.database.received_files import FILE_RESULT
from blocks.settings import settings
from blocks.systems.folders import answering
from blocks.systems.folders.answering import Sender, Wording
from blocks.systems.folders.collecting import Collector
from blocks.systems.registry import load_system
from tasks.retrying import RETRYING
from tasks.stock_movements import pos_records
from tasks.stock_movements.pos_judging import Judged, fate, judge
from tasks.stock_movements.pos_pictures import judge_picture
from tasks.stock_movements.pos_summary import TillFindings, TillSummary, page
from tasks.stock_movements.steps import actor

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Connection
    from blocks.systems.answers import Answer
    from blocks.systems.tills.contract import Till

PROCESS = "till_intake"
BATCH = 2000
MOST_ROWS = 50


@task(name="collect files", task_run_name="collect files of {source}", **RETRYING)
def collect(source: str) -> inbox.Stored:
    """Claim the files that wait, keep their rows in the inbox, and archive them unchanged."""
    log = get_run_logger().info
    collector = Collector(load_system(source), Database.current(), actor(), source=source, kind=pos_records.kind_of)
    stored = collector.collect(log)
    log(f"Collected from {source}: {stored.new} new rows, {stored.duplicates} known before.")
    return stored


@task(name="judge whole counts", task_run_name="judge whole counts of {source}", **RETRYING)
def judge_counts(source: str) -> tuple[Judged, tuple[str, ...]]:
    """Judge each whole count by the guard and book those that are let in; returns why others were stopped."""
    judged, stopped = judge_pictures(Database.current(), actor(), load_system(source), source)
    for sentence in stopped:
        get_run_logger().warning(sentence)
    return judged, stopped


def judge_pictures(database: Database, who: "Actor", till: "Till", source: str) -> tuple[Judged, tuple[str, ...]]:
    """Judge each whole count in a transaction of its own, oldest first."""
    judged, stopped = Judged(), []
    with database.connect() as connection:
        files = pos_records.pictures_to_judge(connection, source=source)
    for file in files:
        with database.audited(who) as (connection, trail):
            found, verdict = judge_picture(connection, trail, till, source, file)
        judged += found
        if verdict is not None and verdict.stopped:
            stopped.append(verdict.sentence())
    return judged, tuple(stopped)


@task(name="judge and book", task_run_name="judge and book rows of {source}", **RETRYING)
def judge_and_book(source: str) -> Judged:
    """Judge up to 2,000 rows and book the good ones in one transaction."""
    with Database.current().audited(actor()) as (connection, trail):
        return judge(connection, trail, load_system(source), source, limit=BATCH)


@task(name="answer files", task_run_name="answer files of {source}", **RETRYING)
def answer_files(source: str, patience: float) -> Delivered:
    """Tell the sender of each file of which all rows have been judged what became of each."""
    log = get_run_logger().info
    return deliver_answers(
        Database.current(),
        actor(),
        load_system(source),
        source,
        lease=settings().effect_lease,
        patience=patience,
        log=log,
    )


def deliver_answers(
    database: Database,
    who: "Actor",
    till: "Till",
    source: str,
    *,
    lease: float,
    patience: float,
    log: Callable[[str], None],
) -> Delivered:
    """Write the answers that can be given now as due effects, and carry them out."""
    answering.put_results_due(database, who, Sender(PROCESS, source))

    def call(database: Database, claimed: Sequence[effects.Claimed]) -> "list[Answer]":
        place = till if claimed[0].system == source else load_system(claimed[0].system)
        return answering.answer_files(database, place, claimed, Wording("row", _fates, fate))

    delivery = Delivery(
        process=PROCESS,
        calls={FILE_RESULT: call},
        names={FILE_RESULT: "Files answered"},
        per_call={},
        book=received_files.book_settled,
    )
    return effect_delivery.deliver_all(delivery, database, who, lease=lease, patience=patience, log=log)


def _fates(connection: "Connection", effect: effects.Claimed, begin: int, limit: int) -> "Sequence[dict[str, object]]":
    return pos_records.fates(connection, effect.payload["file_id"], begin=begin, limit=limit)


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
def report(
    source: str, stored: inbox.Stored, judged: Judged, stopped: Sequence[str], delivered: Delivered
) -> TillSummary:
    """Leave the run's page; a run to which nothing came leaves a short one."""
    with Database.current().connect() as connection:
        waiting = pos_records.count_waiting(connection, source=source)
        summary = TillSummary(
            source, stored.new, stored.duplicates, judged.booked, judged.known, judged.late, judged.put_aside,
            judged.ignored, judged.stopped, delivered.done, waiting,
        )  # fmt: skip
        findings = TillFindings(
            kinds=pos_records.by_kind(connection, source=source, run_id=actor().run_id) if judged.booked else (),
            aside=quarantine.waiting(connection, source=source, limit=MOST_ROWS) if waiting else (),
            stopped=tuple(stopped),
        )
    key = "till-" + "".join(letter if letter.isalnum() else "-" for letter in source.lower())
    create_markdown_artifact(page(summary, findings), key=key, description=summary.sentence())
    return summary
