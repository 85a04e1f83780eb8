"""Files handed over once, also where a receiver takes them away at once: laid out unseen, noted, then named.

A file that lies neither unseen nor under its name may never have been written, or have been taken already; the note,
kept between laying it out and naming it, tells these two apart.
"""

import tempfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Protocol

from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.folders.contract import OpenFolder

Note = Callable[[Sequence[str]], None]
"""Writes down, and commits, that the files with these references are about to be named.

Raises TryAgainLater where another worker has taken one of them over.
"""


class Handed(Protocol):
    """A file to be handed over: what SOMS knows it by, its name, always the same for the same file, and its bytes."""

    @property
    def reference(self) -> str: ...  # noqa: D102 - said above

    @property
    def name(self) -> str: ...  # noqa: D102 - said above

    @property
    def content(self) -> bytes: ...  # noqa: D102 - said above


def hand_over(place: OpenFolder, files: Sequence[Handed], *, begun: Collection[str], note: Note) -> list[Answer]:
    """Hand each file over once; one answer per file, in order.

    Args:
        place: Where to.
        files: What.
        begun: References that were noted before, without an answer.
        note: Notes those that are about to be named.
    """
    answers: dict[str, Answer] = {}
    laid_out: list[Handed] = []
    with tempfile.TemporaryDirectory(prefix="soms-handing-over-") as room:
        path = Path(room) / "file"
        for file in files:
            if file.reference in begun:
                answers[file.reference] = _named(place, file)
                continue
            path.write_bytes(file.content)
            try:
                if place.lay_out(file.name, path):
                    laid_out.append(file)
                else:
                    answers[file.reference] = Done(file.reference, adopted=True)
            except (TryAgainLater, Refused) as error:
                answers[file.reference] = error
    if laid_out:
        note([file.reference for file in laid_out])
    answers |= {file.reference: _named(place, file) for file in laid_out}
    return [answers[file.reference] for file in files]


def _named(place: OpenFolder, file: Handed) -> Answer:
    """Give a file its name; one that lies nowhere has been given it before, and taken."""
    try:
        return Done(file.reference, adopted=not place.give_name(file.name))
    except TryAgainLater as error:
        return TryAgainLater(str(error), retry_after=error.retry_after, maybe_done=True)
    except Refused as error:
        return error
