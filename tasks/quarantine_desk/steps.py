"""The Prefect tasks of the quarantine desk: act, forget the patch, report."""

from functools import cache
from typing import TYPE_CHECKING, Any

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from blocks.database import corrections, quarantine
from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.form_links import filled_in, form_of
from blocks.systems.registry import load_system
from tasks.quarantine_desk import desk, forgetting, records
from tasks.quarantine_desk.form import Action, DeskRequest
from tasks.quarantine_desk.reporting import Outcome, page
from tasks.retrying import RETRYING

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

DEPLOYMENT = "quarantine-desk/desk"
MOST_SHOWN = 20
AGAIN = "The next order intake judges it again."


def actor(request: DeskRequest) -> Actor:
    """Return who acts: the person of the form, in this flow run."""
    return Actor(process=desk.PROCESS, run_id=str(flow_run.id or ""), name=request.who)


@task(name="act at the desk", task_run_name="act at the desk", **RETRYING)
def act(request: DeskRequest, answering: desk.Answering | None) -> Outcome:
    """Do what the form says, in one transaction; every action but show needs a reason."""
    if request.action is Action.SHOW:
        return Outcome(request.action, request.who, done=tuple(_meant(request)))
    if not request.reason.strip():
        raise WrongUse("Say why: the reason goes into the audit trail.")
    with Database.current().audited(actor(request)) as (connection, trail):
        outcome = _ACTIONS[request.action](connection, trail, request, answering)
    get_run_logger().info(outcome.sentence())
    return outcome


def _meant(request: DeskRequest) -> list[int]:
    """Return the records that the form names, by number or by rule."""
    if bool(request.records) == bool(request.rule):
        raise WrongUse("Name the records, or one rule, and not both.")
    if request.records:
        return list(dict.fromkeys(request.records))
    with Database.current().connect() as connection:
        found = quarantine.open_with(connection, request.rule)
    if not found:
        raise WrongUse(f"No open record has the rule {request.rule}.")
    return found


def _correct(
    connection: "Connection", trail: "Trail", request: DeskRequest, _answering: desk.Answering | None
) -> Outcome:
    record, who = request.one_record(), request.who
    made = desk.correct(
        connection, trail, cache(load_system), record_id=record, lines=request.patch, raw=request.raw, by=who,
        reason=request.reason,
    )  # fmt: skip
    places = ", ".join(change.place for change in made.changes)
    said = [f"Correction {made.correction} of {places} is kept."]
    not_done: dict[int, str] = {}
    if made.waits:
        said.append("It touches money: somebody else must approve it.")
    elif request.then_release:
        _, not_done = desk.release(connection, trail, record_ids=[record], by=who, reason=request.reason)
        said += [] if not_done else [AGAIN]
    if made.still_unreadable:
        said.append("The record cannot be read even so.")
    return Outcome(request.action, who, tuple(said), (record,), not_done)


def _decide(
    connection: "Connection", trail: "Trail", request: DeskRequest, _answering: desk.Answering | None
) -> Outcome:
    if not request.correction:
        raise WrongUse(f"To {request.action} takes the number of a correction in the field 'Correction'.")
    who, approve = request.who, request.action is Action.APPROVE
    decided = corrections.decide(
        connection, trail, correction=request.correction, approve=approve, by=who, reason=request.reason
    )
    record = int(decided["quarantine_id"])
    said = [f"Correction {request.correction} of record {record} is {decided['state']}."]
    not_done: dict[int, str] = {}
    if approve and request.then_release:
        _, not_done = desk.release(connection, trail, record_ids=[record], by=who, reason=request.reason)
        said += [] if not_done else [AGAIN]
    return Outcome(request.action, who, tuple(said), (record,), not_done)


def _release(
    connection: "Connection", trail: "Trail", request: DeskRequest, _answering: desk.Answering | None
) -> Outcome:
    done, not_done = desk.release(connection, trail, record_ids=_meant(request), by=request.who, reason=request.reason)
    return Outcome(request.action, request.who, (f"{len(done)} released. {AGAIN}",), tuple(done), not_done)


def _reject(
    connection: "Connection", trail: "Trail", request: DeskRequest, answering: desk.Answering | None
) -> Outcome:
    outcome = desk.reject(
        connection, trail, cache(load_system), record_ids=_meant(request), by=request.who, reason=request.reason,
        answering=answering if request.answer else None,
    )  # fmt: skip
    said = f"{len(outcome.records)} rejected; mails due to their senders: {outcome.answers}."
    return Outcome(request.action, request.who, (said,), tuple(outcome.records), outcome.not_done)


_ACTIONS = {
    Action.CORRECT: _correct, Action.APPROVE: _decide, Action.DECLINE: _decide, Action.RELEASE: _release,
    Action.REJECT: _reject,
}  # fmt: skip


@task(name="forget the patch", task_run_name="forget the patch", **RETRYING)
def forget_patch() -> None:
    """Blank the values of the patch in this run's own parameters."""
    if flow_run.id:
        forgetting.forget(flow_run.id)


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
def report(outcome: Outcome) -> None:
    """Leave an artifact with what was done and all that may be shown of the records."""
    form = form_of(DEPLOYMENT)
    looks: list[dict[str, Any]] = []
    with Database.current().connect() as connection:
        for number in [*outcome.done, *outcome.not_done][:MOST_SHOWN]:
            looks += _look(connection, number, form)
    create_markdown_artifact(page(outcome, looks), key="quarantine-desk", description=outcome.sentence())


def _look(connection: "Connection", number: int, form: str) -> list[dict[str, Any]]:
    try:
        row = quarantine.show(connection, number)
    except WrongUse:
        return []  # the outcome says that there is none
    return [
        {
            "record": row,
            "corrections": corrections.of_record(connection, row["inbox_id"]),
            "file_rows": records.file_rows(connection, [row["inbox_id"]]),
            "form": filled_in(form, {"action": "show", "records": [number]}),
        }
    ]
