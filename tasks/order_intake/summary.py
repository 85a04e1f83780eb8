"""The figures of one order intake, in one sentence and on one page. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MOST_REASONS, MOST_NAMED = 20, 5


@dataclass(frozen=True)
class IntakeSummary:
    """The figures of one run; also what the flow returns."""

    source: str
    dry_run: bool = False
    received: int = 0
    duplicates: int = 0
    accepted: int = 0
    short: int = 0
    put_aside: int = 0
    followed: int = 0
    superseded: int = 0
    ignored: int = 0
    changed: int = 0
    cancelled: int = 0
    served_from_short: int = 0
    effects_done: int = 0
    effects_adopted: int = 0
    effects_refused: int = 0
    effects_put_off: int = 0
    waiting: dict[str, int] = field(default_factory=dict)

    @property
    def idle(self) -> bool:
        """Return whether nothing came and nothing was done."""
        return not any((self.received, self.accepted, self.put_aside, self.followed, self.changed, self.cancelled,
                        self.served_from_short,
                        self.effects_done, self.effects_refused, self.effects_put_off))  # fmt: skip

    def sentence(self) -> str:
        """Return the run in one sentence, for the log and the artifact."""
        if self.dry_run:
            return f"{self.source}: {self._came()}; nothing was kept or called."
        return f"{self.source}: {self._came()}; {self.waiting_sentence()}."

    def waiting_sentence(self) -> str:
        """Return what waits, e.g. 'waiting: 2 put aside'."""
        counts = {name: count for name, count in self.waiting.items() if count}
        return "waiting: " + (", ".join(f"{count} {name}" for name, count in counts.items()) or "nothing")

    def _came(self) -> str:
        known = f" ({self.duplicates} known before)" if self.duplicates else ""
        if self.idle:
            return f"nothing new{known}"
        would = "would be " if self.dry_run else ""
        became = (
            (self.accepted, "accepted"), (self.short, "held because stock is short"), (self.put_aside, "put aside"),
            (self.followed, "moved on and followed"), (self.changed, "changed"), (self.cancelled, "cancelled"),
            (self.served_from_short, "served that were short"),
        )  # fmt: skip
        parts = [f"{self.received} received{known}", *(f"{count} {would}{what}" for count, what in became if count)]
        outside = (
            (self.effects_done, "calls made to ERP and shop"), (self.effects_refused, "calls refused"),
            (self.effects_put_off, "calls put off"),
        )  # fmt: skip
        return ", ".join(parts + [f"{count} {what}" for count, what in outside if count])


def page(summary: IntakeSummary, waiting: Sequence[Mapping[str, str]], connection: str) -> str:
    """Return the run in Markdown.

    Args:
        summary: The run's figures.
        waiting: What waits, row by row: ``order, state, next, why, remedy, rule`` and, if there is one, the address of
            a ``form``; the first 20 reasons are shown.
        connection: Address of the shop's block in the UI, or an empty text.
    """
    title = "Rehearsal of order intake" if summary.dry_run else "Order intake"
    shop = f"[{summary.source}]({connection})" if connection else summary.source
    parts = [
        f"# {title}: {shop}",
        f"## What came and what {'would become' if summary.dry_run else 'became'} of it",
        _figures(summary),
    ]
    if summary.dry_run:
        parts.append(
            "Nothing was kept and nothing was called. To do it, start the same run again with *Dry Run* switched off."
        )
        return "\n\n".join(parts)
    parts += ["## What waits", _counts(summary)]
    if waiting:
        parts += ["## Why it waits, and what to do", _list(waiting)]
    return "\n\n".join((*parts, _ADVICE))


_MORE = "- … and more: this run's table of what waits has all of it."
_ADVICE = """\
**Records that were put aside**: *form* opens the desk for one. In a terminal, `soms quarantine list` lists them,
`soms quarantine show N` shows one with every reason. After the remedy, `soms quarantine release N --reason "…"` lets
the next run judge it again; `soms quarantine correct N place=value --reason "…"` corrects what came in wrong.

**Calls that were refused**: `soms effects list --state failed` lists them; when the cause is mended,
`soms effects retry N` lets the next run make them. What had been done already is found and not done twice.

**Orders held because stock is short** are served by themselves when stock comes in."""


def _figures(summary: IntakeSummary) -> str:
    figures = (
        ("Received from the shop", summary.received), ("Known before, not taken twice", summary.duplicates),
        ("Accepted, stock reserved", summary.accepted), ("Held: stock is short", summary.short),
        ("Put aside with reasons", summary.put_aside), ("Payment or status changed in the shop", summary.followed),
        ("Changed in the shop and taken over", summary.changed),
        ("Cancelled before anything was done outside", summary.cancelled),
        ("Overtaken by a newer version", summary.superseded),
        ("Cancelled or complete before SOMS saw them: ignored", summary.ignored),
        ("Short before, served now", summary.served_from_short),
        ("Calls made to ERP and shop", summary.effects_done),
        ("… of these found already done", summary.effects_adopted), ("Calls refused", summary.effects_refused),
        ("Calls put off to the next run", summary.effects_put_off),
    )  # fmt: skip
    rows = [f"| {name} | {count} |" for name, count in figures if count] or ["| Nothing new | 0 |"]
    return "\n".join(("| | number |", "|---|---:|", *rows))


def _counts(summary: IntakeSummary) -> str:
    rows = [f"| {name} | {count} |" for name, count in summary.waiting.items() if count]
    return "\n".join(("| | number |", "|---|---:|", *rows)) if rows else "Nothing."


def _list(waiting: Sequence[Mapping[str, str]]) -> str:
    """Return what waits as a list, the same reasons together; a list wraps where the UI would cut a table off."""
    groups: dict[tuple[str, str, str], list[Mapping[str, str]]] = {}
    for row in waiting:
        groups.setdefault((row["rule"] or row["state"], row["why"], row["remedy"]), []).append(row)
    lines = [_item(*reason, rows) for reason, rows in list(groups.items())[:MOST_REASONS]]
    return "\n".join([*lines, _MORE] if len(groups) > MOST_REASONS else lines)


def _item(rule: str, why: str, remedy: str, rows: Sequence[Mapping[str, str]]) -> str:
    named = [_named(row) for row in rows]
    more = [f"{len(named) - MOST_NAMED} more"] if len(named) > MOST_NAMED else []
    return f"- **{_plain(rule)}** {_plain(why)} *{_plain(remedy)}* Records: {', '.join(named[:MOST_NAMED] + more)}"


def _named(row: Mapping[str, str]) -> str:
    command = f" `{row['next']}`" if row["next"] else ""
    form = f" ([form]({row['form']}))" if row.get("form") else ""
    return f"order {_plain(row['order'])}{command}{form}"


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it stands: what a shop sends must not become a link or markup."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#!" else letter for letter in " ".join(text.split()))
