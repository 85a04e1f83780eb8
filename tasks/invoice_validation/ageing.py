"""How long invoices have waited, and of which people must be reminded before the law's days are over. Pure.

Current accounts are to be recorded within 8 days, all else within 10 (§146(1) AO; GoBD margin numbers 45 to 52).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from blocks.documents.base import plain_decimal
from blocks.documents.invoice_limits import InvoiceLimits
from blocks.markdown import plain, table

FIRST_LIMIT, SECOND_LIMIT = 8, 10
BANDS = (("up to 6 days", 6), ("7 and 8 days", 8), ("9 and 10 days", 10), ("more than 10 days", None))
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Reminder:
    """One invoice that must be decided: how many days it has waited, what is said, within how many days it must be."""

    invoice: int
    days: int
    say: str
    limit: int


def reminders(rows: Sequence[Mapping[str, Any]], limits: InvoiceLimits) -> list[Reminder]:
    """Return what people are to be reminded of: each invoice once before either limit."""
    found = []
    for row in rows:
        if row["days"] >= limits.reminders.second:
            found.append(Reminder(row["id"], row["days"], _say(limits.reminders.second, SECOND_LIMIT), SECOND_LIMIT))
        elif row["days"] >= limits.reminders.first:
            found.append(Reminder(row["id"], row["days"], _say(limits.reminders.first, FIRST_LIMIT), FIRST_LIMIT))
    return found


def _say(day: int, limit: int) -> str:
    return f"It has waited for {day} days or more; it is to be recorded within {limit}."


def bands(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return how many invoices have waited how long, with their gross sums by currency."""
    counts: dict[str, int] = defaultdict(int)
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        band = next(name for name, most in BANDS if most is None or row["days"] <= most)
        counts[band] += 1
        if row["gross"] is not None:
            sums[band][row["currency"]] += row["gross"]
    return [
        {
            "waiting": name,
            "invoices": counts[name],
            "gross": ", ".join(f"{plain_decimal(total)} {currency}" for currency, total in sorted(sums[name].items())),
        }
        for name, _ in BANDS
    ]


def page(rows: Sequence[Mapping[str, Any]], reminded: Sequence[Reminder], forms: Mapping[int, str]) -> str:
    """Return the ageing report in Markdown; ``forms`` are addresses of the desk's form by invoice."""
    parts = ["# How long invoices have waited"]
    told = [[each["waiting"], str(each["invoices"]), each["gross"]] for each in bands(rows)]
    parts.append(table(("waiting", "invoices", "gross"), told))
    if reminded:
        by_id = {row["id"]: row for row in rows}
        parts += ["## To be decided now", table(
            ("no.", "supplier", "number", "came on", "days", "why", ""),
            [_line(by_id[one.invoice], one, forms) for one in reminded[:MOST_SHOWN]],
        )]  # fmt: skip
    else:
        parts.append("Nothing is near a limit.")
    return "\n\n".join(parts)


def _line(row: Mapping[str, Any], one: Reminder, forms: Mapping[int, str]) -> list[str]:
    link = f"[Look and decide]({forms[one.invoice]})" if forms.get(one.invoice) else f"`soms invoices show {row['id']}`"
    asked = " Its sender was asked." if row["asked_at"] else ""
    return [
        str(row["id"]), plain(row["supplier"]), plain(row["number"]), str(row["came_on"]), str(one.days),
        one.say + asked, link,
    ]  # fmt: skip
