"""What an answer to a file of orders says became of each of them. Pure."""

import json
from collections.abc import Mapping
from typing import Any

_WORDS = {"put_aside": "put aside", "received": "waiting"}
_NEWER = ("superseded", "A newer version of this order came in.")
_KNOWN = "The order was known already, with the same content."
_PLAIN_FATES = {
    ("accepted", True): ("accepted", ""),
    ("accepted", False): ("followed", "The order was known; what changed was taken over."),
    ("superseded", True): _NEWER,
    ("superseded", False): _NEWER,
    ("ignored", True): ("duplicate", _KNOWN),
    ("ignored", False): ("ignored", "The order was cancelled or complete when it came: nothing is done for it."),
}
"""By the record's state, and whether its order is booked (for accepted ones: from this very record)."""


def fate(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return what became of one record: the word for it, rule ids, reasons and remedies."""
    state = str(row["state"])
    if not row["fresh"]:
        return "duplicate", "", f"The same record had come before; that one is {_WORDS.get(state, state)}.", ""
    if state == "put_aside":
        return "put aside", *_reasons(row)
    if state == "rejected":
        rules, reasons, _ = _reasons(row)
        return "rejected", rules, str(row["closing_reason"] or reasons), ""
    if state == "accepted" and not row["own"] and not row["versioned"]:
        return "duplicate", "", _KNOWN, ""
    word, reason = _PLAIN_FATES.get((state, row["own" if state == "accepted" else "booked"]), (state, ""))
    if word == "accepted" and row["hold_reason"]:
        reason = str(row["hold_reason"])
    return _WORDS.get(word, word), "", reason, ""


def _reasons(row: Mapping[str, Any]) -> tuple[str, str, str]:
    faults = json.loads(row["faults"] or "[]")
    rules = " ".join(dict.fromkeys(fault["rule"] for fault in faults))
    reasons = " ".join(dict.fromkeys(f"{fault['place']}: {fault['text']}" for fault in faults))
    return rules, reasons, " ".join(dict.fromkeys(fault["remedy"] for fault in faults))
