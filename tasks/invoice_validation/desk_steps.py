"""The Prefect tasks of the invoice desk: act, report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from blocks.database import received_invoices, supplier_accounts
from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.form_links import filled_in, form_of
from tasks.invoice_validation import desk, desk_page
from tasks.invoice_validation.deciding import Wish
from tasks.invoice_validation.desk_form import Action, DeskRequest
from tasks.invoice_validation.reporting import DESK, waiting
from tasks.invoice_validation.summary import waiting_table
from tasks.invoice_validation.supply_held import hold
from tasks.retrying import RETRYING

if TYPE_CHECKING:
    from blocks.database.engine import Connection

PROCESS = "invoice_desk"
MOST_LISTED, MOST_SHOWN = 200, 5
READING = frozenset({Action.LIST, Action.SHOW, Action.READINESS})
DECIDING = frozenset({Action.APPROVE, Action.REJECT, Action.ASK, Action.CORRECT, Action.REPLACES})


@dataclass(frozen=True)
class Outcome:
    """What was done at the desk, to which invoices, and why not to others."""

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
    """Do what the form says in one transaction; whatever changes something needs a reason."""
    outcome = _looked(request) if request.action in READING else _acted(request)
    get_run_logger().info(f"{request.action}: {len(outcome.done)} done, {len(outcome.not_done)} not.")
    return outcome


def _looked(request: DeskRequest) -> Outcome:
    shown = tuple(request.named()[:MOST_SHOWN]) if request.action is Action.SHOW else ()
    if shown:
        desk.refresh(Database.current(), actor(request), shown, hold=hold)
    return Outcome(request.action, request.who, done=shown)


def _acted(request: DeskRequest) -> Outcome:
    if not request.reason.strip():
        raise WrongUse("Say why: the reason goes into the audit trail.")
    database, who, by = Database.current(), actor(request), request.who
    if request.action in DECIDING:
        number = request.one()
        wish = Wish(number, by, request.reason, request.seen, request.replaced)
        try:
            said = desk.decide(database, who, str(request.action), wish, hold=hold)
        except WrongUse as error:
            return Outcome(request.action, by, not_done={number: str(error)})
        return Outcome(request.action, by, (said,), (number,))
    if request.action is Action.NOTE_SUPPLIER:
        said = desk.note_supplier(
            database, who, supplier=request.supplier, facts=request.facts(), by=by, reason=request.reason
        )
    else:
        confirm = request.action is Action.CONFIRM_ACCOUNT
        said = desk.decide_account(
            database, who, account=request.account, confirm=confirm, by=by, reason=request.reason
        )
    return Outcome(request.action, by, (said,))


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
def report(outcome: Outcome) -> None:
    """Leave what was asked for: the queue with the accounts that wait, or each invoice with all that is known."""
    form = form_of(DESK)
    parts = [outcome.sentence()] if outcome.action not in READING else []
    with Database.current().connect() as connection:
        if outcome.action in {Action.LIST, Action.CONFIRM_ACCOUNT, Action.DECLINE_ACCOUNT, Action.NOTE_SUPPLIER}:
            parts += _queue(connection, form)
        for number in _shown(connection, outcome):
            look = desk.look(connection, number)
            parts.append(desk_page.page(look, _links(form, look)))
    create_markdown_artifact("\n\n".join(parts), key="invoice-desk", description=outcome.sentence())


def _queue(connection: "Connection", form: str) -> list[str]:
    rows = waiting(connection, limit=MOST_LISTED)
    parts = ["# What waits for a person", waiting_table(rows) if rows else "Nothing waits."]
    if accounts := supplier_accounts.waiting(connection, limit=MOST_LISTED):
        action = str(Action.CONFIRM_ACCOUNT)
        forms = {row["id"]: filled_in(form, {"action": action, "account": row["id"]}) for row in accounts}
        parts += ["# Accounts that two persons must confirm", desk_page.accounts_table(accounts, forms)]
    return parts


def _links(form: str, look: desk.Look) -> Mapping[str, str]:
    """Return what can be done with an invoice, the view of the facts filled in."""
    number, seen = look.row["id"], look.seen
    wanted = {"Approve": Action.APPROVE, "Reject": Action.REJECT, "Ask its sender": Action.ASK}
    if not look.row["came_as_data"]:
        wanted["Have it corrected"] = Action.CORRECT
    wanted["Say what it replaces"] = Action.REPLACES
    links = {
        words: filled_in(form, {"action": str(action), "invoices": [number], "seen": seen})
        for words, action in wanted.items()
    }
    if look.account is not None and look.account["state"] != "confirmed":
        confirm = {"action": str(Action.CONFIRM_ACCOUNT), "account": look.account["id"]}
        links["Confirm its account"] = filled_in(form, confirm)
    return links


def _shown(connection: "Connection", outcome: Outcome) -> list[int]:
    numbers = [*outcome.done, *outcome.not_done][:MOST_SHOWN]
    known = received_invoices.facts(connection, numbers)
    return [number for number in numbers if number in known]
