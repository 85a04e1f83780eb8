"""Garbage collection held back while a batch of documents is alive."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_back() -> Iterator[None]:
    """Hold the cyclic collector back for a block that makes many documents and lets go of all of them at its end.

    Documents have no cycles: looking for some, over and over, among thousands that live is a sixth of a batch's time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
