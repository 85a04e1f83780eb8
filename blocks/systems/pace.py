"""Lets whoever makes requests say when each may begin: a system's limits are kept for every request, not every call."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_BEFORE_EACH: ContextVar[Callable[[], None] | None] = ContextVar("before_each_request", default=None)


@contextmanager
def before_each_request(wait: Callable[[], None]) -> Iterator[None]:
    """Have ``wait`` called before each request that this block makes; a block within it has its own."""
    token = _BEFORE_EACH.set(wait)
    try:
        yield
    finally:
        _BEFORE_EACH.reset(token)


def take_turn() -> None:
    """Wait until the next request may begin; connectors call it just before each one."""
    wait = _BEFORE_EACH.get()
    if wait is not None:
        wait()
