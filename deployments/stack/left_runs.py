"""Ends runs that an earlier stack left: its server went before anybody could tell it that their processes had ended.

What Prefect's server does by itself for runs that fall silent needs a server that was there while they did.
"""

import json
import urllib.request
from pathlib import Path
from typing import Any

from deployments.stack import processes
from deployments.stack.parts import POOL

UNDER_WAY = ("PENDING", "RUNNING", "CANCELLING")
REASON = "The stack was stopped while this run was under way; running it again is safe."
PAGE = 200


def end_left_runs(home: Path, api_url: str) -> int:
    """Mark the runs that were handed to a worker and have no process any more as crashed; their places are free again.

    Only for a stack whose worker does not run yet: a run that is just being handed out has no process either.

    Args:
        home: The folder of the stack; processes of its runs carry its mark.
        api_url: Prefect's API of the stack's own server.

    Returns:
        How many runs were ended.

    Raises:
        OSError: The server does not answer, or refuses.
    """
    alive, ended, left = processes.runs(home), 0, 0
    while found := _ask(
        f"{api_url}/flow_runs/filter",
        {
            "flow_runs": {"state": {"type": {"any_": list(UNDER_WAY)}}},
            "work_pools": {"name": {"any_": [POOL]}},
            "sort": "ID_DESC",
            "limit": PAGE,
            "offset": left,
        },
    ):
        now = sum(_end(api_url, run["id"]) for run in found if run["id"] not in alive)
        ended, left = ended + now, left + len(found) - now
    return ended


def _end(api_url: str, run: str) -> bool:
    """Mark one run as crashed; returns whether the server took it."""
    state = {"type": "CRASHED", "name": "Crashed", "message": REASON}
    answer = _ask(f"{api_url}/flow_runs/{run}/set_state", {"state": state, "force": True})
    return bool(answer["status"] == "ACCEPT")


def _ask(url: str, body: dict[str, Any]) -> Any:
    question = urllib.request.Request(  # noqa: S310 - Prefect's configured address
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(question, timeout=60) as answer:  # noqa: S310 - as above
        return json.load(answer)
