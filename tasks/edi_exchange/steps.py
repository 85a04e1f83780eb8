"""The Prefect tasks of the EDI exchange: collect, judge and book, send, report."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from blocks.database import inbox, interchanges
from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.engine import Database
from blocks.database.interchanges import PROCESS
from blocks.errors import WrongUse
from blocks.settings import settings
from blocks.systems.folders.collecting import Collector
from blocks.systems.partners.edi_folder import EdiFolder
from blocks.systems.registry import load_system
from tasks.edi_exchange import answering, booking
from tasks.edi_exchange.booking import KIND, Booked
from tasks.edi_exchange.delivering import DELIVERY
from tasks.edi_exchange.reporting import ExchangeSummary, summarise
from tasks.retrying import RETRYING

BATCH = 50
"""Interchanges that are judged in one transaction."""


def actor() -> Actor:
    """Return this run as the one who acts."""
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""))


@task(name="collect interchanges", task_run_name="collect interchanges", **RETRYING)
def collect(source: str) -> inbox.Stored:
    """Take files in and keep each of their interchanges in the inbox, octet by octet."""
    folder, log = load_system(source), get_run_logger().info
    stored = Collector(folder, Database.current(), actor(), source=source, kind=KIND).collect(log)
    log(f"Collected from {source}: {stored.new} new interchanges, {stored.duplicates} known before.")
    return stored


@task(name="judge and book", task_run_name="judge and book", **RETRYING)
def judge_and_book(source: str) -> Booked:
    """Judge what nobody has judged yet, batch by batch, and book each batch in one transaction."""
    folder: EdiFolder = load_system(source)
    database, booked = Database.current(), Booked()
    assortment = folder.assortment or folder.channel or source.partition("/")[2]
    with database.audited(actor()) as (connection, trail):
        known = interchanges.partners_in_force(connection)
        senders = {each.id for partner in known.partners.values() for each in partner.identities}
        interchanges.reopen(connection, trail, source=source, senders=senders)
    while True:
        with database.audited(actor()) as (connection, trail):
            batch, findings = booking.book(connection, trail, source=source, assortment=assortment, limit=BATCH)
            left = inbox.count_open(connection, source=source, kind=KIND)
        for finding in findings:
            if finding.severity != "information":
                get_run_logger().warning(finding.text)
        booked += batch
        if not left:
            return booked


@task(name="answer orders", task_run_name="answer orders", **RETRYING)
def answer_orders(source: str) -> int:
    """Answer the orders that were booked or rejected since, where the partner wants it; returns how many."""
    folder: EdiFolder = load_system(source)
    today = datetime.now(ZoneInfo(folder.time_zone)).date()
    with Database.current().audited(actor()) as (connection, trail):
        answered, failed = answering.answer_orders(connection, trail, source=source, folder=folder, today=today)
    for sentence in failed:
        get_run_logger().warning(sentence)
    return answered


@task(name="send again", task_run_name="send again", **RETRYING)
def send_again(numbers: Sequence[int]) -> None:
    """Make interchanges due once more, under their own control numbers."""
    with Database.current().audited(actor()) as (connection, trail):
        for number in numbers:
            if not interchanges.send_again(connection, trail, number):
                raise WrongUse(f"No interchange {number} was ever sent: `soms edi list` shows those that were.")


@task(name="send", task_run_name="send", **RETRYING)
def deliver(patience: float) -> Delivered:
    """Put what is due into the partners' folders."""
    lease, log = settings().effect_lease, get_run_logger().info
    return deliver_all(DELIVERY, Database.current(), actor(), lease=lease, patience=patience, log=log)


@task(name="report", task_run_name="report", **RETRYING)
def report(source: str, stored: inbox.Stored, booked: Booked, answered: int, delivered: Delivered) -> ExchangeSummary:
    """Leave the page: what came and went, with verdicts and findings, what is missing, what waits."""
    with Database.current().connect() as connection:
        summary, text = summarise(connection, source, str(flow_run.id or ""), stored, booked, answered, delivered)
    create_markdown_artifact(text, key="edi-exchange", description=summary.sentence())
    get_run_logger().info(summary.sentence())
    return summary
