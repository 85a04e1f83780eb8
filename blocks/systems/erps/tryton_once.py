"""What all requests that must get into Tryton exactly once have in common: one answer each, whatever breaks.

Each is looked up by its reference first; how, and what is made of what is found, its own file says.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from blocks.errors import Refused, TryAgainLater, Unreadable
from blocks.systems.answers import Answer
from blocks.systems.erps.tryton_items import Refusable


class Request(Protocol):
    """What is asked of Tryton."""

    @property
    def reference(self) -> str:
        """Return the key it is looked up by."""


class Wanted(Refusable, Protocol):
    """A request on its way, and its answer once it has one."""

    answer: Answer | None

    @property
    def request(self) -> Request:
        """Return what is asked."""


Thing = TypeVar("Thing", bound=Wanted)


def unanswered(items: Sequence[Thing]) -> list[Thing]:
    """Return the requests of which nothing is decided yet."""
    return [item for item in items if item.answer is None]


def refuse_repeated(items: Sequence[Wanted]) -> None:
    """Refuse every request whose reference stands in the batch before it."""
    seen: set[str] = set()
    for item in items:
        if item.request.reference in seen:
            item.refuse("the same reference stands twice in one batch")
        seen.add(item.request.reference)


def answers_of(
    items: Sequence[Wanted], work: Callable[[], object], *, began: Callable[[], bool], not_yet: str
) -> list[Answer]:
    """Do the work and return one answer per request, in order. Raises nothing.

    Args:
        items: The requests.
        work: Answers them; what breaks it answers all that are left.
        began: Whether something may have been made in Tryton by now.
        not_yet: What Tryton has not done yet of one that is left without an answer; it is looked up again.
    """
    rest: Answer = TryAgainLater(f"{not_yet}; it will be looked up again.", maybe_done=True)
    try:
        work()
    except TryAgainLater as error:
        rest = TryAgainLater(str(error), retry_after=error.retry_after, maybe_done=began())
    except Refused as error:
        rest = error
    except Unreadable as error:
        rest = Refused(str(error))
    return [item.answer or rest for item in items]
