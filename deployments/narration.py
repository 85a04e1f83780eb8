"""Says what the stack is doing: spinning lines on a terminal, plain lines elsewhere; always on stderr."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Narrator(Protocol):
    """Hears of each step as it begins and ends; called from several threads."""

    def begins(self, title: str) -> None:
        """Hear that a step has begun."""

    def ends(self, title: str, outcome: str) -> None:
        """Hear how a step ended."""

    def says(self, sentence: str) -> None:
        """Hear one sentence that belongs to no step."""


class PlainNarrator:
    """One line per finished step, for logs and pipes."""

    def __init__(self) -> None:
        """Start the clock of no step."""
        self._begun: dict[str, float] = {}
        self._turn = threading.Lock()

    def begins(self, title: str) -> None:
        """Remember when the step began."""
        self._begun[title] = time.monotonic()

    def ends(self, title: str, outcome: str) -> None:
        """Print the step with its outcome and the seconds it took."""
        seconds = time.monotonic() - self._begun.pop(title, time.monotonic())
        self.says(f"{title}: {outcome} ({seconds:.1f} s)")

    def says(self, sentence: str) -> None:
        """Print one sentence."""
        with self._turn:
            print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - this is the command's voice


class TerminalNarrator:
    """A spinner and a clock for each running step."""

    def __init__(self) -> None:
        """Prepare the display; it appears with the first step."""
        from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        columns = (SpinnerColumn(finished_text="[green]✓"), TextColumn("{task.description}"), TimeElapsedColumn())
        self._display = Progress(*columns, TextColumn("[dim]{task.fields[outcome]}"), console=Console(stderr=True))
        self._turn = threading.Lock()
        self._rows = {row.description: row.id for row in self._display.tasks}

    def begins(self, title: str) -> None:
        """Show a spinner for the step."""
        with self._turn:
            self._display.start()
            self._rows[title] = self._display.add_task(title, total=1, outcome="")

    def ends(self, title: str, outcome: str) -> None:
        """Stop the spinner and show the outcome."""
        with self._turn:
            if title in self._rows:
                self._display.update(self._rows[title], completed=1, outcome=outcome)

    def says(self, sentence: str) -> None:
        """Print one sentence above the spinners."""
        self._display.console.print(sentence, highlight=False)

    def close(self) -> None:
        """Leave the last picture standing and give the terminal back."""
        self._display.stop()


@contextmanager
def narrator() -> Iterator[Narrator]:
    """Yield the voice that fits where stderr goes."""
    if not sys.stderr.isatty():
        yield PlainNarrator()
        return
    voice = TerminalNarrator()
    try:
        yield voice
    finally:
        voice.close()


@contextmanager
def step(voice: Narrator, title: str, outcome: str = "ready") -> Iterator[None]:
    """Tell the voice of one step: its outcome when it ends well, or that it failed."""
    voice.begins(title)
    try:
        yield
    except BaseException:
        voice.ends(title, "failed")
        raise
    voice.ends(title, outcome)
