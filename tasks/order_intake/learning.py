"""What a correction teaches: a name that a person set right once becomes a mapping for every later order. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from blocks.documents.patch_lines import Change
from blocks.errors import WrongUse
from tasks.order_intake.rulebook import OrderRules, load

PAYMENT, SHIPPING, ARTICLES = "payment_methods", "shipping_methods", "articles"
_METHODS = {"payment_method": PAYMENT, "shipping_method": SHIPPING}
_SKU = re.compile(r"lines\[[0-9]+\]\.sku")


@dataclass(frozen=True, slots=True)
class Lesson:
    """One mapping entry: what orders of the channel say, and what SOMS takes it for."""

    table: str
    said: str
    meant: str

    def sentence(self, channel: str) -> str:
        """Return the entry in words."""
        what = {PAYMENT: "payment method", SHIPPING: "shipping method", ARTICLES: "article number"}[self.table]
        return f"Channel {channel}: {what} '{self.said}' means '{self.meant}'."


def lessons(changes: Iterable[Change], methods: Mapping[str, Mapping[str, str]]) -> tuple[Lesson, ...]:
    """Return the mapping entries that approved corrections teach, each once; amounts and addresses teach nothing.

    Args:
        changes: The corrections' changes with what stood there before.
        methods: The mappings in force, table → channel's name → merchant's own.

    Raises:
        WrongUse: A method was corrected to one that is mapped to nothing, or two corrections contradict each other.
    """
    found: dict[tuple[str, str], str] = {}
    for change in changes:
        table = ARTICLES if _SKU.fullmatch(change.place) else _METHODS.get(change.place)
        if table is None or not change.before or not change.value or change.before == change.value:
            continue
        said, meant = str(change.before), str(change.value)
        if table != ARTICLES:
            if meant not in methods[table]:
                raise WrongUse(f"'{meant}' is mapped to nothing itself: correct the record to a method that is known.")
            meant = methods[table][meant]
        if found.setdefault((table, said), meant) != meant:
            raise WrongUse(f"'{said}' was corrected to two different things: there is no rule in that.")
    return tuple(Lesson(table, said, meant) for (table, said), meant in found.items())


def taught(text: str, channel: str, learnt: Sequence[Lesson]) -> str:
    """Return the rules' YAML text with the entries added; what is there already stays as it is.

    A text without mappings keeps its comments; in any other, YAML is written anew.

    Raises:
        WrongUse: An entry contradicts one in force.
    """
    import yaml  # noqa: PLC0415 - only where rules are changed

    rules = load(text)
    new = [lesson for lesson in learnt if not _known(rules, channel, lesson)]
    if not new:
        return text
    content = yaml.safe_load(text) or {}
    begun = "mappings" in content
    mappings = content.get("mappings") or {}
    for lesson in new:
        of_channel = mappings.get(channel) or {}
        mappings[channel] = of_channel
        of_channel[lesson.table] = {**(of_channel.get(lesson.table) or {}), lesson.said: lesson.meant}
    if begun:
        written = yaml.safe_dump({**content, "mappings": mappings}, allow_unicode=True, sort_keys=False)
    else:
        added = yaml.safe_dump({"mappings": mappings}, allow_unicode=True, sort_keys=False)
        written = f"{text.rstrip()}\n{added}" if content else added
    load(written)
    return written


def _known(rules: OrderRules, channel: str, lesson: Lesson) -> bool:
    """Return whether the entry is in force already."""
    there = getattr(rules.mapping(channel), lesson.table).get(lesson.said)
    if there is not None and there != lesson.meant:
        raise WrongUse(
            f"The rules take '{lesson.said}' for '{there}' already, not for '{lesson.meant}': change them by hand."
        )
    return there is not None
