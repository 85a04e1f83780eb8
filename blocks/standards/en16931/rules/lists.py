"""The code lists of EN 16931 that rules look codes up in, from ``code_lists.json`` beside this file."""

import json
from functools import cache
from pathlib import Path


@cache
def _lists() -> dict[str, frozenset[str]]:
    found = json.loads(Path(__file__).with_name("code_lists.json").read_text(encoding="utf-8"))
    return {name: frozenset(entry["codes"].split()) for name, entry in found.items()}


def codes(name: str) -> frozenset[str]:
    """Return the codes of a list, e.g. ``currency``.

    Raises:
        KeyError: There is no list of that name.
    """
    return _lists()[name]


def vat_prefixes() -> frozenset[str]:
    """Return what a VAT identifier may begin with: a country, or EL for Greece (BR-CO-09)."""
    return codes("country") | {"EL"}
