"""The steps of a run, watched from outside: counted, or the moment at which its process is killed."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

Step = tuple[Any, str]
"""A module or class, and the name of its function."""
Moment = tuple[str, int, str]
"""A step's name, the how manieth time it is taken, and 'before' or 'after'."""


@dataclass
class Steps:
    """Counts the steps of a run; ``at`` is called at each moment.

    Steps are called by their functions' names, two of one name by their owners' as well. ``small`` are sizes that make
    a little data come in several portions: owner, name, value.
    """

    steps: Sequence[Step]
    small: Sequence[tuple[Any, str, int]] = ()
    at: Callable[[Moment], None] = lambda _moment: None
    taken: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch until the block ends."""
        names = Counter(name for _, name in self.steps)
        with pytest.MonkeyPatch.context() as patch:
            for size in self.small:
                patch.setattr(*size)
            for owner, name in self.steps:
                label = name if names[name] == 1 else f"{owner.__name__}.{name}"
                patch.setattr(owner, name, self._around(label, getattr(owner, name)))
            yield

    def _around(self, name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def taken(*values: Any, **named: Any) -> Any:
            self.taken[name] += 1
            number = self.taken[name]
            self.at((name, number, "before"))
            result = step(*values, **named)
            self.at((name, number, "after"))
            return result

        return taken


def killed_at(
    run: Callable[[], None], moment: Moment, steps: Sequence[Step], small: Sequence[tuple[Any, str, int]] = ()
) -> bool:
    """Run in a child that is killed at one moment; returns whether the moment came."""
    child = os.fork()
    if child == 0:

        def strike(now: Moment) -> None:
            if now == moment:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            with Steps(steps, small, strike).watched():
                run()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)
