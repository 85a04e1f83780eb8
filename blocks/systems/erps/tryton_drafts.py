"""Makes room for a supplier's real invoice among the drafts that Tryton makes of orders and receipts by itself.

What the real invoice bills must not stand in such a draft as well, or it would be paid twice. How much must go is
computed from what stands there, so doing it again after a crash changes nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from blocks.systems.erps.tryton_rpc import TrytonRpc, rows

_LINE = "account.invoice.line"


def make_room(tryton: TrytonRpc, bills: Collection[int]) -> None:
    """Take out of Tryton's own drafts what these bills bill of the same order lines."""
    if not bills:
        return
    ours = tryton.search_read(_LINE, [["invoice", "in", sorted(bills)], ["origin", "!=", None]], ["origin"])
    ordered = {int(row["origin"].partition(",")[2]) for row in ours if row["origin"].startswith("purchase.line,")}
    for line in rows(
        tryton, "purchase.line", ordered, ["quantity", "invoice_lines", "moves", "purchase.invoice_method"]
    ):
        billed = list(rows(tryton, _LINE, line["invoice_lines"], ["quantity", "invoice", "invoice.state"]))
        excess = _sum(row for row in billed if _counts(row)) - _due(tryton, line)
        for row in billed:
            if excess > 0 and row["invoice"] not in bills and (row["invoice."] or {}).get("state") == "draft":
                excess -= _take_out(tryton, row, excess)


def _counts(row: Mapping[str, Any]) -> bool:
    return (row["invoice."] or {}).get("state") != "cancelled"


def _sum(found: Iterable[Mapping[str, Any]]) -> Decimal:
    return sum((Decimal(str(row["quantity"])) for row in found), Decimal(0))


def _due(tryton: TrytonRpc, line: Mapping[str, Any]) -> Decimal:
    """Return the pieces of an order line that Tryton wants billed: as ordered, or as they came."""
    if (line["purchase."] or {}).get("invoice_method") != "fulfillment" or not line["moves"]:
        return Decimal(str(line["quantity"]))
    return _sum(
        row for row in rows(tryton, "stock.move", line["moves"], ["quantity", "state"]) if row["state"] == "done"
    )


def _take_out(tryton: TrytonRpc, row: Mapping[str, Any], excess: Decimal) -> Decimal:
    """Take pieces out of one line of a draft; a draft of which nothing is left is taken back."""
    there = Decimal(str(row["quantity"]))
    if there > excess:
        tryton.model(_LINE, "write", [row["id"]], {"quantity": float(there - excess)})
        return excess
    # The line goes first: as soon as a draft is cancelled Tryton computes anew what its orders lack, and drafts that.
    tryton.model(_LINE, "delete", [row["id"]])
    if not tryton.search_read(_LINE, [["invoice", "=", row["invoice"]]], ["type"]):
        tryton.model("account.invoice", "cancel", [row["invoice"]])
        tryton.model("account.invoice", "delete", [row["invoice"]])
    return there
