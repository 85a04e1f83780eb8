"""What a person reads after acting at the desk; ids, rules and places, never what stands in a record. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blocks.markdown import plain, table

VALUES = "What stands in the record, raw beside parsed, is shown in a terminal: `soms quarantine show {number}`."


@dataclass(frozen=True)
class Outcome:
    """What was done at the desk: to which records, why not to others, and what comes next."""

    action: str
    person: str
    said: tuple[str, ...] = ()
    done: tuple[int, ...] = ()
    not_done: Mapping[int, str] = field(default_factory=dict)

    def sentence(self) -> str:
        """Return the outcome in one sentence."""
        parts = [*self.said, *self.not_done.values()]
        return " ".join(parts) or "Nothing was to be done."


def page(outcome: Outcome, looks: Sequence[Mapping[str, Any]]) -> str:
    """Return the outcome in Markdown, with all that may be shown of the records.

    Args:
        outcome: What was done.
        looks: The records: ``record, corrections, file_rows, form`` each.
    """
    parts = [f"# Quarantine desk: {plain(outcome.action)}", f"By {plain(outcome.person)}."]
    parts += [plain(text) for text in outcome.said]
    parts += [f"**Not done:** {plain(text)}" for text in outcome.not_done.values()]
    return "\n\n".join([*parts, *map(_record, looks)])


def _record(look: Mapping[str, Any]) -> str:
    row = look["record"]
    number = row["id"]
    parts = [f"## Record {number}: {plain(row['kind'])} {plain(row['external_id'])}, {row['state']}"]
    parts.append(f"From {plain(row['source'])}, received {row['received_at']:%Y-%m-%d %H:%M:%S} UTC.")
    parts += [
        f"From file {plain(place['file'])}, rows {place['first_row']} to {place['last_row']}."
        for place in look["file_rows"]
    ]
    reasons = [[plain(str(fault[name])) for name in ("rule", "place", "text", "remedy")] for fault in row["faults"]]
    parts.append(table(("rule", "place", "what is wrong", "remedy"), reasons))
    if look["corrections"]:
        parts.append(
            table(("correction", "places", "state", "by", "approved by"), map(_correction, look["corrections"]))
        )
    if look["form"] and row["state"] == "open":
        parts.append(f"[Correct, release or reject it]({look['form']})")
    return "\n\n".join([*parts, VALUES.format(number=number)])


def _correction(made: Mapping[str, Any]) -> list[str]:
    places = ", ".join(change.place for change in made["changes"])
    money = " (money)" if made["money"] else ""
    approved_by = made["approved_by"] or ""
    return [str(made["id"]), plain(places) + money, made["state"], plain(made["by"]), plain(approved_by)]
