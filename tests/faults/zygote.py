"""A process that has imported everything and forks a child for each flow run, so that a kill costs no start-up.

Reads one JSON line per run from stdin: ``{"environment": {...}, "request": {...}}``, or ``"watch": source`` in place of
the request for looks of the watcher until nothing is left to do. Writes ``{"pid": N}`` when the
child runs and ``{"pid": N, "code": N}`` when it has ended; the code is negative when a signal ended it.
"""

import json
import os
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def main() -> None:
    """Import first, then serve runs until stdin ends."""
    import prefect.client.subscriptions
    import prefect.events.clients
    import prefect.flow_engine
    import prefect.task_engine
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    from blocks import quality
    from blocks.systems.registry import CONNECTORS, connector
    from flows.order_intake import IntakeRequest, order_intake
    from tasks.order_intake import watching
    from tasks.order_intake.expectations import ORDERS

    assert prefect.flow_engine
    assert watching
    for slug in CONNECTORS:
        connector(slug)
    row = {"order": "1", "total": 1.0, "lines": 1, "age_hours": 0.0, "currency": "EUR", "country": "DE"}
    quality.judge(ORDERS, [{**row, "articles_known": True, "methods_mapped": True}])  # imports what it needs on the way

    def run(order: dict[str, Any]) -> None:
        with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            if "watch" in order:
                watch_until_done(order["watch"])
            else:
                order_intake(IntakeRequest(**order["request"]))

    say(ready=os.getpid())
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            live(run, order)
        say(pid=child)
        _, status = os.waitpid(child, 0)
        say(pid=child, code=os.waitstatus_to_exitcode(status))


def watch_until_done(source: str) -> None:
    """Look at the shop, as the watcher does in its flow, until no call is left to be made."""
    from blocks.database import effects
    from blocks.database.engine import Database
    from tasks.order_intake.judging import PROCESS, Route
    from tasks.order_intake.watching import watch

    while True:
        now = datetime.now(UTC)
        watch(Route(source, "tryton-erp/main"), until=now, every=0.1, log=lambda text: print(text, flush=True))
        with Database.current().connect() as connection:
            left = effects.outlook(connection, process=PROCESS)
        waits = [wait for wait in (left.due, left.claimed) if wait is not None]
        if not waits:
            return
        time.sleep(max(0.0, min(waits)))  # a look any sooner finds nothing


def live(run: Any, order: dict[str, Any]) -> None:
    """Be the child: run the flow with its own environment and log, then end without any clean-up of the parent's."""
    code = 1
    try:
        os.environ.update(order["environment"])
        log = os.open(Path(os.environ["SOMS_HOME"]) / "run.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        run(order)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def say(**facts: int) -> None:
    """Write one line to whoever drives this process."""
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    main()
