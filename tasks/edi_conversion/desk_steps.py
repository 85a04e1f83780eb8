"""The Prefect tasks of the conversion desk: act, forget the patch, report."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from blocks.database import conversions, supplier_layouts
from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.form_links import filled_in, form_of
from tasks.edi_conversion import desk, desk_page, review
from tasks.edi_conversion.desk_form import Action, DeskRequest, blanked
from tasks.retrying import RETRYING

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

PROCESS, DEPLOYMENT = "conversion_desk", "conversion-desk/desk"
MOST_LISTED, MOST_SHOWN = 200, 5
READING = frozenset({Action.LIST, Action.SHOW, Action.LAYOUTS})


@dataclass(frozen=True)
class Outcome:
    """What was done at the desk, to which conversions, and why not to others."""

    action: str
    person: str
    said: tuple[str, ...] = ()
    done: tuple[int, ...] = ()
    not_done: dict[int, str] = field(default_factory=dict)

    def sentence(self) -> str:
        """Return the outcome in one sentence or several."""
        return " ".join([*self.said, *self.not_done.values()]) or "Nothing was changed."


def actor(request: DeskRequest) -> Actor:
    """Return who acts: the person of the form, in this flow run."""
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""), name=request.who)


@task(name="act at the desk", task_run_name="act at the desk", **RETRYING)
def act(request: DeskRequest) -> Outcome:
    """Do what the form says, each conversion in a transaction of its own; whatever changes something needs a reason."""
    if request.action in READING:
        shown = tuple(request.named()) if request.action is Action.SHOW else ()
        return Outcome(request.action, request.who, done=shown)
    if not request.reason.strip():
        raise WrongUse("Say why: the reason goes into the audit trail.")
    if request.action in {Action.RELEASE, Action.REJECT}:
        outcome = _each(request)
    else:
        with Database.current().audited(actor(request)) as (connection, trail):
            outcome = _one(connection, trail, request)
    get_run_logger().info(f"{request.action}: {len(outcome.done)} done, {len(outcome.not_done)} not.")
    return outcome


def _one(connection: "Connection", trail: "Trail", request: DeskRequest) -> Outcome:
    who, reason = request.who, request.reason
    if request.action is Action.CORRECT:
        number = request.one()
        made = review.correct(connection, trail, number=number, lines=request.patch, by=who, reason=reason)
        said = [f"Correction {made.correction} is kept."]
        said += ["It touches money: somebody else must approve it."] if made.waits else []
        said += ["With it, the arithmetic closes."] if not made.objections else list(made.objections)
        return Outcome(request.action, who, tuple(said), (number,))
    if request.action is Action.WITHDRAW:
        supplier_layouts.withdraw(connection, trail, number=request.layout, by=who, reason=reason)
        return Outcome(request.action, who, (f"Layout {request.layout} is withdrawn.",))
    if not request.correction:
        raise WrongUse(f"To {request.action} takes the number of a correction in the field 'Correction'.")
    approve = request.action is Action.APPROVE
    decided = review.decide(connection, trail, correction=request.correction, approve=approve, by=who, reason=reason)
    number = int(decided["conversion_id"])
    said = [f"Correction {request.correction} of conversion {number} is {decided['state']}."]
    return Outcome(request.action, who, tuple(said), (number,))


def _each(request: DeskRequest) -> Outcome:
    database, done, not_done, said = Database.current(), [], {}, []
    for number in request.named():
        try:
            with database.audited(actor(request)) as (connection, trail):
                change = review.release if request.action is Action.RELEASE else review.reject
                change(connection, trail, number=number, by=request.who, reason=request.reason)
        except WrongUse as error:
            not_done[number] = str(error)
            continue
        done.append(number)
        if request.action is Action.RELEASE and request.remember:
            said += [desk.remember(database, actor(request), number, by=request.who)]
    said = [f"{len(done)} {'released' if request.action is Action.RELEASE else 'rejected'}.", *filter(None, said)]
    return Outcome(request.action, request.who, tuple(said), tuple(done), not_done)


@task(name="forget the patch", task_run_name="forget the patch", **RETRYING)
def forget_patch() -> None:
    """Blank the values of the patch in this run's own parameters: a form is no place for what stands in invoices."""
    from uuid import UUID  # noqa: PLC0415 - with what follows

    from prefect.client.orchestration import get_client  # noqa: PLC0415 - only where Prefect is asked

    if not flow_run.id:
        return
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(UUID(str(flow_run.id)))
        if blanked(run.parameters) != run.parameters:
            client.update_flow_run(run.id, parameters=blanked(run.parameters)).raise_for_status()


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
def report(outcome: Outcome) -> None:
    """Leave what was asked for: the queue, the layouts, or each conversion with its pages."""
    database, form = Database.current(), form_of(DEPLOYMENT)
    parts = [outcome.sentence()] if outcome.action not in READING else []
    with database.connect() as connection:
        if outcome.action == Action.LIST:
            rows = conversions.listing(connection, limit=MOST_LISTED)
            parts.append(desk_page.queue_page([{**row, "form": _form(form, row["id"])} for row in rows]))
        elif outcome.action in {Action.LAYOUTS, Action.WITHDRAW}:
            parts.append(desk_page.layouts_page(supplier_layouts.listing(connection, limit=MOST_LISTED)))
        looks = [review.look(connection, number) for number in _shown(connection, outcome)]
    for look in looks:
        pictures, unseen = desk.pictures(database, look) if outcome.action == Action.SHOW else ([], "")
        parts.append(desk_page.page(look, pictures, _form(form, look.row["id"]), unseen))
    create_markdown_artifact("\n\n".join(parts), key="conversion-desk", description=outcome.sentence())


def _form(form: str, number: int) -> str:
    return filled_in(form, {"action": "show", "conversions": [number]})


def _shown(connection: "Connection", outcome: Outcome) -> list[int]:
    numbers = [*outcome.done, *outcome.not_done][:MOST_SHOWN]
    rows = connection.execute("SELECT id FROM conversion WHERE id = ANY(%s)", (numbers,)).fetchall()
    known = {row["id"] for row in rows}
    return [number for number in numbers if number in known]
