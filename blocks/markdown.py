"""Text in Markdown: what came from outside stays text, tables stay tables. Pure."""

from collections.abc import Iterable, Sequence


def plain(text: str) -> str:
    """Return a text that Markdown shows as it stands: what a shop sends must not become a link or markup."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#!~&" else letter for letter in " ".join(text.split()))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its cells are Markdown already, e.g. by ``plain``."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
