"""Files that only their owner may read, written whole or not at all; and locks that die with their holder."""

import fcntl
import json
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from blocks.errors import SomsError


def write_private(path: Path, content: Any) -> None:
    """Write JSON with mode 0600, by renaming a finished draft over the old file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp creates with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def read_private(path: Path) -> dict[str, Any]:
    """Return the JSON object in the file; empty when there is no file.

    Raises:
        SomsError: The file is there and is not a JSON object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise SomsError(f"{path} is damaged ({error}); restore it or remove it together with its database.") from error
    if not isinstance(content, dict):
        raise SomsError(f"{path} is damaged: it does not hold an object.")
    return content


def secret(home: Path, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(24)) -> str:
    """Return one secret of this home from `secrets.json`, made at the first call. Call it with the lock held."""
    path = home / "secrets.json"
    known = read_private(path)
    if name not in known:
        known[name] = make()
        write_private(path, known)
    return str(known[name])


@contextmanager
def locked(path: Path, *, waiting: Callable[[], None] | None = None, patience: float = 600.0) -> Iterator[None]:
    """Hold an exclusive lock; the kernel lets go of it when this process dies, however it dies.

    Args:
        path: The lock file; it stays, only the lock on it goes.
        waiting: Called once when somebody else holds the lock.
        patience: Seconds to wait for the other holder.

    Raises:
        SomsError: The other holder did not let go in time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + patience
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if waiting is not None:
                    waiting()
                    waiting = None
                if time.monotonic() > deadline:
                    raise SomsError(f"Another process has held {path} for {patience:.0f} s.") from None
                time.sleep(0.2)
        file.truncate(0)
        file.write(str(os.getpid()))  # so that the holder can be asked to let go
        file.flush()
        yield
