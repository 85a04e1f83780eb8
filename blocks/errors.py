"""Errors, named by what the caller does next."""

from dataclasses import dataclass
from traceback import format_tb


class SomsError(Exception):
    """Base of every error SOMS raises on purpose; its text is a sentence a person can act on."""


class TryAgainLater(SomsError):  # noqa: N818 - the name says what to do
    """The other side cannot answer now (time-out, 429, 5xx): the same call may succeed later.

    Args:
        message: What happened, where, and what SOMS will do.
        retry_after: Seconds the other side asked to wait; None when it did not say.
        maybe_done: True when the work may have been done although no answer came (look it up first).
    """

    def __init__(self, message: str, *, retry_after: float | None = None, maybe_done: bool = False) -> None:
        """Keep the waiting time and whether the work may already be done."""
        super().__init__(message)
        self.retry_after = retry_after
        self.maybe_done = maybe_done


class Outstanding(TryAgainLater):
    """The other side has the work and will answer in its own time: ask again later, nothing is wrong."""


class Refused(SomsError):  # noqa: N818 - the name says what to do
    """The other side will not do this (credentials, 4xx, a business rule): a person must look."""


class Unsupported(Refused):
    """This system cannot do what was asked, by its nature or by its settings; its capabilities say so beforehand."""


class Unreadable(SomsError):  # noqa: N818 - the name says what to do
    """The payload breaks its contract: put it aside with its reasons and go on with the rest."""

    def __init__(self, message: str, *, reasons: "tuple[Defect, ...]" = ()) -> None:
        """Keep every single defect beside the summary."""
        super().__init__(message)
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Defect:
    """One place in a payload that breaks the contract: where, what, and how to mend it."""

    place: str
    text: str
    remedy: str


def where_it_broke(error: BaseException) -> str:
    """Return an unexpected error's type and trace for the log, without its message, which may quote personal data."""
    return f"{type(error).__name__}\n" + "".join(format_tb(error.__traceback__))


class WrongUse(SomsError):  # noqa: N818 - the name says what to do
    """A command or parameter was used in a way that cannot work; the text says how to use it."""
