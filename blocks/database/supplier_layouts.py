"""What confirmed invoices taught of suppliers' layouts: kept version by version, shown, withdrawn by a person."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from blocks.database.conversions import kept, key
from blocks.documents.base import canonical_json
from blocks.documents.reasons import kept_reason
from blocks.errors import WrongUse

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

MOST = 20_000
"""Layouts that one run looks at: of more, those that were taught last."""


def in_force(connection: "Connection") -> list[tuple[str, str, dict[str, Any]]]:
    """Return what is known: supplier, layout and hints of the newest version of each that was not withdrawn."""
    rows = connection.execute(
        "SELECT supplier, layout, hints FROM (SELECT DISTINCT ON (supplier, layout) * FROM supplier_layout"
        " ORDER BY supplier, layout, version DESC) newest WHERE NOT withdrawn ORDER BY id DESC LIMIT %s",
        (MOST,),
    )
    return [(row["supplier"], row["layout"], json.loads(row["hints"])) for row in rows]


def newest(connection: "Connection", supplier: str, layout: str) -> dict[str, Any] | None:
    """Return the newest version of one layout with ``hints``; None where nothing was ever taught."""
    row = connection.execute(
        "SELECT * FROM supplier_layout WHERE supplier = %s AND layout = %s ORDER BY version DESC LIMIT 1",
        (supplier, layout),
    ).fetchone()
    return None if row is None else {**row, "hints": json.loads(row["hints"])}


def of_supplier(connection: "Connection", supplier: str) -> dict[str, dict[str, Any]]:
    """Return what is known of the layouts of one supplier: hints by layout."""
    rows = connection.execute(
        "SELECT layout, hints FROM (SELECT DISTINCT ON (layout) * FROM supplier_layout WHERE supplier = %s"
        " ORDER BY layout, version DESC) newest WHERE NOT withdrawn",
        (supplier,),
    )
    return {row["layout"]: json.loads(row["hints"]) for row in rows}


def learn(
    connection: "Connection",
    trail: "Trail",
    *,
    supplier: str,
    layout: str,
    hints: Mapping[str, Any],
    conversion: int,
    by: str,
) -> int:
    """Keep what a confirmed invoice taught as the newest version; returns the row's number."""
    return _append(
        connection, trail, supplier=supplier, layout=layout, hints=dict(hints), conversion=conversion, by=by,
        reason="confirmed", withdrawn=False,
    )  # fmt: skip


def withdraw(connection: "Connection", trail: "Trail", *, number: int, by: str, reason: str) -> None:
    """Let nothing be known any more of the layout that this row is of; its versions stay to be read.

    Raises:
        WrongUse: There is no such row, or what it says is withdrawn or replaced already.
    """
    reason = kept_reason(reason)
    row = connection.execute("SELECT supplier, layout FROM supplier_layout WHERE id = %s", (number,)).fetchone()
    found = newest(connection, row["supplier"], row["layout"]) if row else None
    if found is None or found["id"] != number or found["withdrawn"]:
        raise WrongUse(f"Layout {number} is not in force: `soms conversions layouts` shows which are.")
    _append(
        connection, trail, supplier=found["supplier"], layout=found["layout"], hints={}, conversion=None, by=by,
        reason=reason, withdrawn=True,
    )  # fmt: skip


def _append(
    connection: "Connection",
    trail: "Trail",
    *,
    supplier: str,
    layout: str,
    hints: dict[str, Any],
    conversion: int | None,
    by: str,
    reason: str,
    withdrawn: bool,
) -> int:
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", (f"layout {supplier} {layout}",))
    row = connection.execute(
        "INSERT INTO supplier_layout (supplier, layout, version, hints, withdrawn, conversion_id, by, reason, run_id)"
        " SELECT %(supplier)s, %(layout)s, coalesce(max(version), 0) + 1, %(hints)s, %(withdrawn)s, %(conversion)s,"
        " %(by)s, %(reason)s, %(run)s FROM supplier_layout WHERE supplier = %(supplier)s AND layout = %(layout)s"
        " RETURNING id, version",
        {
            "supplier": key(supplier), "layout": layout, "hints": kept(canonical_json(hints)), "by": by,
            "withdrawn": withdrawn, "conversion": conversion, "reason": reason, "run": trail.actor.run_id,
        },
    ).fetchone()  # fmt: skip
    if row is None:  # pragma: no cover - an insert returns its row
        raise RuntimeError("What was taught was not kept.")
    kind = "layout.withdrawn" if withdrawn else "layout.learnt"
    facts = {"version": row["version"], "by": by, "conversion": conversion, "reason": reason}
    trail.add(kind, f"supplier_layout/{row['id']}", [("supplier_layout", row["id"])], facts)
    return int(row["id"])


def listing(connection: "Connection", *, limit: int = 200) -> list[dict[str, Any]]:
    """Return the newest version of each layout, newest first, with ``hints``; withdrawn ones too."""
    rows = connection.execute(
        "SELECT * FROM (SELECT DISTINCT ON (supplier, layout) id, supplier, layout, version, hints, withdrawn,"
        " conversion_id, by, reason, at FROM supplier_layout ORDER BY supplier, layout, version DESC) newest"
        " ORDER BY id DESC LIMIT %s",
        (limit,),
    )
    return [{**row, "hints": json.loads(row["hints"])} for row in rows]
