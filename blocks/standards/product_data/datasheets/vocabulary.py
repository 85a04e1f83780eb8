"""The words by which data sheets are read, kept as data."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def vocabulary() -> dict[str, Any]:
    """Return what ``words.toml`` says."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def any_of(section: str, name: str) -> str:
    """Return the expressions of a list as one, without a group around them."""
    return "|".join(vocabulary()[section][name])
