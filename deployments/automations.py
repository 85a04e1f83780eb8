"""What Prefect's server does by itself: it ends runs whose process is gone, so that none is 'Running' for ever."""

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.events.schemas.automations import AutomationCore

SILENCE = timedelta(seconds=90)
"""Three heartbeats of 30 s missed: the process that sent them is gone."""
SLOW_START = timedelta(minutes=3)
"""A run that was handed out and never began (its worker was killed in between) keeps its deployment's only place."""


async def ensure_automations(client: "PrefectClient") -> list[str]:
    """Create the automations, or bring them up to date where they differ. Safe to run again.

    Args:
        client: An open client of the server.

    Returns:
        The names of those that were created or changed.
    """
    changed = []
    known = {automation.name: automation for automation in await client.read_automations()}
    for wanted in wanted_automations():
        found = known.get(wanted.name)
        if found is None:
            await client.create_automation(wanted)
            changed.append(wanted.name)
        elif _content(found) != _content(wanted):
            await client.update_automation(found.id, wanted)
            changed.append(wanted.name)
    return changed


def wanted_automations() -> "list[AutomationCore]":
    """Return the automations of SOMS: runs that fell silent, and runs that were taken and never started."""
    from prefect.client.schemas.objects import StateType  # noqa: PLC0415 - seconds of import
    from prefect.events.actions import ChangeFlowRunState  # noqa: PLC0415
    from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture  # noqa: PLC0415
    from prefect.events.schemas.events import ResourceSpecification  # noqa: PLC0415

    over = {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed")}
    # A suspended run ends its process on purpose, and a run that waits for its retry may do so elsewhere.
    elsewhere = {f"prefect.flow-run.{state}" for state in ("Suspended", "Paused", "Scheduled", "AwaitingRetry")}
    running = {f"prefect.flow-run.{state}" for state in ("Running", "Cancelling")}
    heartbeat = {"prefect.flow-run.heartbeat"}

    def crash(name: str, after: set[str], expect: set[str], within: timedelta, reason: str) -> AutomationCore:
        return AutomationCore(
            name=name,
            description=reason,
            enabled=True,  # said aloud: an update carries only what was said
            trigger=EventTrigger(
                after=after,
                expect=expect,
                match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
                for_each={"prefect.resource.id"},
                posture=Posture.Proactive,
                threshold=1,
                within=within,
            ),
            actions=[ChangeFlowRunState(state=StateType.CRASHED, message=reason)],
        )

    silent = f"The process of this run has not been heard of for {SILENCE.seconds} s; running it again is safe."
    lost = f"This run was taken by a worker and had not started after {SLOW_START.seconds // 60} min."
    return [
        crash("End runs whose process is gone", heartbeat, heartbeat | over | elsewhere, SILENCE, silent),
        crash(
            "End runs that never started",
            {"prefect.flow-run.Pending"},
            heartbeat | over | elsewhere | running,
            SLOW_START,
            lost,
        ),
    ]


def _content(automation: "AutomationCore") -> dict[str, object]:
    fields = {"name", "description", "enabled", "trigger", "actions"}
    content = automation.model_dump(mode="json", include=fields)
    content["trigger"].pop("id", None)
    for name in ("after", "expect", "for_each"):
        content["trigger"][name] = sorted(content["trigger"][name])
    return content
