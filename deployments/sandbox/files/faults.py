"""What goes wrong at the file servers; read anew from ``faults.json`` at each step, so that a test can switch it."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Faults:
    """What is to go wrong.

    Attributes:
        cut_after: Bytes of a download after which the connection is cut; None cuts none.
        writes: 'full' refuses to store anything, 'forbidden' refuses as to somebody without the right.
        slow: Seconds that each piece of a download takes longer.
    """

    cut_after: int | None = None
    writes: str = ""
    slow: float = 0.0

    def save(self, path: Path) -> None:
        """Make these the faults in force."""
        unfinished = path.with_suffix(".tmp")
        unfinished.write_text(json.dumps(self.__dict__), encoding="utf-8")
        unfinished.replace(path)


@dataclass(frozen=True)
class FaultFile:
    """Where the faults in force stand; without the file there are none."""

    path: Path

    def now(self) -> Faults:
        """Return the faults in force at this moment."""
        try:
            return Faults(**json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Faults()
