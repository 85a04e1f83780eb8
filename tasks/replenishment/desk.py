"""The Prefect tasks of the purchase desk: proposals shown, approved or declined, and an artifact of what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from blocks.database import stock_rules
from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivered
from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.markdown import plain, table
from tasks.replenishment import deciding
from tasks.replenishment.form import Action, PurchaseDeskRequest
from tasks.replenishment.summary import proposals_table
from tasks.retrying import RETRYING

MOST_SHOWN = 200


@dataclass(frozen=True)
class DeskOutcome:
    """What was done: which proposals, and why not others."""

    action: str
    done: tuple[int, ...] = ()
    not_done: Mapping[int, str] = field(default_factory=dict)

    def sentence(self) -> str:
        """Return the outcome in one sentence."""
        if self.action == Action.SHOW:
            return "Open proposals are listed; nothing was changed."
        verb = {Action.APPROVE: "approved", Action.DECLINE: "declined"}[Action(self.action)]
        return " ".join([f"{len(self.done)} {verb}.", *self.not_done.values()])


@task(name="decide", task_run_name="decide", **RETRYING)
def decide(request: PurchaseDeskRequest) -> DeskOutcome:
    """Do what the form says, in one transaction."""
    if request.action is Action.SHOW:
        return DeskOutcome(request.action)
    if not request.proposals:
        raise WrongUse(f"To {request.action} takes the numbers of proposals in the field 'Proposals'.")
    numbers, who = list(dict.fromkeys(request.proposals)), request.who
    actor = Actor(process=deciding.PROCESS, run_id=str(flow_run.id or ""), name=who)
    with Database.current().audited(actor) as (connection, trail):
        if request.action is Action.APPROVE:
            system = stock_rules.in_force(connection).replenishment.erp
            done = deciding.approve(
                connection, trail, numbers, system=system, by=who, reason=request.reason, quantity=request.quantity
            )
        else:
            done = deciding.decline(connection, trail, numbers, by=who, reason=request.reason)
        wanted = {Action.APPROVE: "approved", Action.DECLINE: "declined"}[request.action]
        not_done = deciding.why_not(connection, [each for each in numbers if each not in done], wanted=wanted)
    return DeskOutcome(request.action, tuple(done), not_done)


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
def report(outcome: DeskOutcome, delivered: Delivered | None) -> str:
    """Leave an artifact with what was done and what stands open; returns the outcome in a sentence."""
    with Database.current().connect() as connection:
        proposals = deciding.listing(connection, states=["proposed"], limit=MOST_SHOWN)
        decided = deciding.listing(connection, states=deciding.STATES, limit=MOST_SHOWN, numbers=outcome.done)
    sentence = outcome.sentence()
    if delivered is not None:
        sentence += (
            f" Ordered in the ERP: {delivered.done}, refused: {delivered.refused}, put off: {delivered.put_off}."
        )
    create_markdown_artifact(_page(sentence, decided, proposals), key="purchase-desk", description=sentence)
    get_run_logger().info(sentence)
    return sentence


def _page(sentence: str, decided: Sequence[Mapping[str, Any]], proposals: Sequence[Mapping[str, Any]]) -> str:
    parts = ["# Purchase desk", plain(sentence)]
    if decided:
        head = ("proposal", "article", "for", "state", "number in the ERP", "by", "why")
        parts += ["## Decided", table(head, [_decided(row) for row in decided])]
    if proposals:
        parts += ["## Open proposals", proposals_table(proposals, {})]
    return "\n\n".join(parts)


def _decided(row: Mapping[str, Any]) -> list[str]:
    words = (row["sku"], row["warehouse"], row["state"], row["erp_number"] or "", row["decided_by"], row["reason"])
    return [str(row["id"]), *(plain(str(word)) for word in words)]
