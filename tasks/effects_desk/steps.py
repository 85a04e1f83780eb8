"""The Prefect task of the effects desk: preview, retry or abandon, with an artifact that says what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from blocks.database import effects
from blocks.database.audit import Actor
from blocks.database.effect_desk import abandon
from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.markdown import plain, table
from tasks.effects_desk import records
from tasks.effects_desk.form import Action, EffectsRequest
from tasks.effects_desk.wording import in_words, when
from tasks.retrying import RETRYING

PROCESS = "effects_desk"
MOST_SHOWN = 500


@dataclass(frozen=True)
class EffectsOutcome:
    """What was done: which calls, why not others, and what lies ahead now (words by number)."""

    action: str
    done: tuple[int, ...] = ()
    not_done: Mapping[int, str] = field(default_factory=dict)
    ahead: Mapping[int, str] = field(default_factory=dict)

    def sentence(self) -> str:
        """Return the outcome in one sentence."""
        ahead = f"{len(self.ahead)} calls would be made by the next run."
        if self.action == Action.PREVIEW:
            return ahead
        verb = {Action.RETRY: "made due again", Action.ABANDON: "abandoned"}[Action(self.action)]
        return " ".join([f"{len(self.done)} {verb}.", *self.not_done.values(), ahead])


@task(name="act at the desk", task_run_name="act at the desk", **RETRYING)
def act(request: EffectsRequest) -> EffectsOutcome:
    """Do what the form says in one transaction, then say what lies ahead."""
    done, not_done = ([], {}) if request.action is Action.PREVIEW else _decide(request)
    with Database.current().connect() as connection:
        rows = records.ahead(connection, order=request.order.strip() or None, limit=MOST_SHOWN)
    outcome = EffectsOutcome(request.action, tuple(done), not_done, {row["id"]: in_words(row) for row in rows})
    create_markdown_artifact(_page(outcome, rows), key="effects-desk", description=outcome.sentence())
    get_run_logger().info(outcome.sentence())
    return outcome


def _decide(request: EffectsRequest) -> tuple[list[int], dict[int, str]]:
    if not request.calls:
        raise WrongUse(f"To {request.action} takes the numbers of calls in the field 'Calls'.")
    calls, who = list(dict.fromkeys(request.calls)), request.who
    actor = Actor(process=PROCESS, run_id=str(flow_run.id or ""), name=who)
    with Database.current().audited(actor) as (connection, trail):
        if request.action is Action.RETRY:
            done, wanted = effects.retry(connection, trail, calls, by=who), "retried"
        else:
            done, wanted = abandon(connection, trail, calls, by=who, reason=request.reason), "abandoned"
        return done, records.why_not(connection, [each for each in calls if each not in done], wanted=wanted)


def _page(outcome: EffectsOutcome, rows: Sequence[Mapping[str, Any]]) -> str:
    cells = [[str(row["id"]), when(row), plain(in_words(row))] for row in rows]
    parts = [f"# Effects desk: {outcome.action}", plain(outcome.sentence())]
    if cells:
        parts += ["## What the next run would do outside", table(("call", "when", "what"), cells)]
    return "\n\n".join(parts)
