"""When a task is worth another try: only when the other side said, or showed, that it may be later."""

from typing import Any

from prefect.cache_policies import NO_CACHE

from blocks.errors import TryAgainLater


def retry_when_later(_task: Any, _run: Any, state: Any) -> bool:
    """Return whether the task failed with TryAgainLater; every other failure needs a person (a retry_condition_fn)."""
    try:
        state.result()
    except TryAgainLater:
        return True
    except Exception:  # noqa: BLE001 - whatever else it was, trying again will not mend it
        return False
    return False


RETRYING: dict[str, Any] = {
    "retries": 5,
    "retry_delay_seconds": [1, 3, 8, 20, 30],
    "retry_jitter_factor": 0.3,
    "retry_condition_fn": retry_when_later,
    "cache_policy": NO_CACHE,
}
"""Options of every task that asks a system or the database: tried again, ever more slowly, while that may help."""
