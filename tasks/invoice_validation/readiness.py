"""Which suppliers still send no e-invoices, and from when they must (§14(2), §27(38) UStG). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from blocks.markdown import plain, table
from blocks.standards.en16931.rules.law.e_invoice_duty import (
    EDI_UNTIL,
    FREE_FOR_SMALL_TURNOVER_UNTIL,
    FREE_UNTIL,
)

_DAY = timedelta(days=1)
GERMAN = "DE"


@dataclass(frozen=True, slots=True)
class Readiness:
    """One supplier: what it sends, from when it must send e-invoices, what is to be done.

    ``must_from`` is None where it never must; ``late`` says that it must already and does not.
    """

    supplier: int
    name: str
    invoices: int
    e_invoices: int
    must_from: date | None
    late: bool
    say: str

    @property
    def ready(self) -> bool:
        """Return whether every invoice of it was an e-invoice."""
        return self.invoices == self.e_invoices


def readiness(row: Mapping[str, Any], today: date) -> Readiness:
    """Return how ready a supplier is: ``id, key, name, facts, invoices, e_invoices, edi, last_other``."""
    others = row["invoices"] - row["e_invoices"]
    must_from, because = duty_begins(row, only_edi=others == row["edi"] and others > 0)
    last = row["last_other"]
    late = others > 0 and must_from is not None and last is not None and last >= must_from
    return Readiness(
        row["id"], row["name"] or row["key"], row["invoices"], row["e_invoices"], must_from, late,
        _say(others, must_from, because, today, late=late),
    )  # fmt: skip


def duty_begins(row: Mapping[str, Any], *, only_edi: bool = False) -> tuple[date | None, str]:
    """Return from when a supplier must issue e-invoices, None for never, and why.

    A supplier whose turnover nobody has noted must from the first day on which any business must.
    """
    if not domestic(row):
        return None, "it is not established in Germany"
    if row["small_business"]:
        return None, "it is a small business (§34a UStDV)"
    if only_edi:
        return EDI_UNTIL + _DAY, "EDI is allowed until the end of 2027"
    if row["turnover_above_limit"] is False:
        return FREE_FOR_SMALL_TURNOVER_UNTIL + _DAY, "its turnover was 800,000 euros at the most"
    if row["turnover_above_limit"]:
        return FREE_UNTIL + _DAY, "its turnover was above 800,000 euros"
    return FREE_UNTIL + _DAY, "nobody has noted its turnover"


def domestic(row: Mapping[str, Any]) -> bool:
    """Return whether a supplier is established in Germany: as noted, else as its VAT id or tax number says."""
    if row["domestic"] is not None:
        return bool(row["domestic"])
    key = row["key"] or ""
    return key.startswith(GERMAN) or ":" in key


def _say(others: int, must_from: date | None, because: str, today: date, *, late: bool) -> str:
    if not others:
        return "All of its invoices are e-invoices."
    if must_from is None:
        return f"It need not send e-invoices: {because}."
    if late:
        return f"It must send e-invoices since {must_from}, and did not: ask for them, input tax is at risk."
    if "nobody" in because:
        return (
            f"It must from {must_from} if its turnover was above 800,000 euros: note that (`soms invoices suppliers`)."
        )
    left = (must_from - today).days
    return (
        f"It must from {must_from}, in {left} days: {because}."
        if left > 0
        else f"It must since {must_from}: {because}."
    )


def page(found: Sequence[Readiness], today: date) -> str:
    """Return the report in Markdown: those that are late first, then those that must soonest."""
    ordered = sorted(found, key=lambda one: (not one.late, one.ready, one.must_from or date.max, one.name))
    rows = [
        [
            str(one.supplier), plain(one.name), str(one.invoices), str(one.e_invoices), str(one.must_from or "never"),
            plain(one.say),
        ]
        for one in ordered
    ]  # fmt: skip
    late, not_ready = sum(one.late for one in found), sum(not one.ready for one in found)
    head = ("no.", "supplier", "invoices", "e-invoices", "must from", "what to do")
    told = (
        f"{len(found)} suppliers; {not_ready} still send other invoices, {late} of them although they must not any more"
        f" ({today})."
    )
    return "\n\n".join(["# Readiness for e-invoices", told, table(head, rows)] if rows else [
        "# Readiness for e-invoices", "No supplier has sent an invoice so far."
    ])  # fmt: skip
