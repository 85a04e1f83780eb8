"""Which invoice corrects which: what a supplier names, what people say, and what counts no more because of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

SAID = "replaces"
"""The decision by which a person says what an invoice corrects; the supplier's own word does not undo it."""
IN_FORCE = ("approved", "posted", "paid")
SUPERSEDED = (
    "EXISTS (SELECT FROM received_invoice x WHERE x.corrects_id = {}.id AND x.state IN ('approved', 'posted', 'paid'))"
)
"""That an invoice was corrected by one that is approved; filled in with the name of its row."""
_KEY = "ltrim(upper(regexp_replace({}.number, '[\\W_]+', '', 'g')), '0')"
_NAMED = f"""
SELECT said.asked, e.id, e.number, e.issued_on, e.gross, e.currency, e.state, e.corrects_id
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS said(asked, supplier_id, k)
JOIN received_invoice e ON e.supplier_id = said.supplier_id AND {_KEY.format("e")} = said.k AND e.id <> said.asked
ORDER BY said.asked, e.state = 'rejected', e.id DESC
"""  # noqa: S608 - made of constants
_STANDING = """
WITH RECURSIVE chain AS (
  SELECT r.id AS asked, r.id, 0 AS depth FROM received_invoice r WHERE r.id = ANY(%s)
  UNION
  SELECT c.asked, x.id, c.depth + 1 FROM chain c
  JOIN received_invoice x ON x.corrects_id = c.id AND x.state IN ('approved', 'posted', 'paid') WHERE c.depth < 50
)
SELECT DISTINCT ON (asked) asked, id FROM chain ORDER BY asked, depth DESC
"""
_FIGURES = "id, number, issued_on, gross, currency, state, corrects_id, supplier_id"


def named(connection: "Connection", asked: Iterable[tuple[int, int, str]]) -> dict[int, list[dict[str, Any]]]:
    """Return the invoices that others name, by who names them: those not rejected first, the newest first.

    Args:
        connection: A transaction's connection.
        asked: Invoice, supplier and number as it is compared.
    """
    several = list(asked)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in connection.execute(_NAMED, [list(column) for column in zip(*several, strict=True)]) if several else ():
        found.setdefault(row["asked"], []).append(row)
    return found


def standing(connection: "Connection", ids: Sequence[int]) -> dict[int, int]:
    """Return for each invoice the one that stands in its place by now: itself, where nothing has corrected it."""
    return {row["asked"]: row["id"] for row in connection.execute(_STANDING, (list(ids),))} if ids else {}


def figures(connection: "Connection", ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return what people know invoices by: number, day, amount, state, and what each corrects itself."""
    rows = connection.execute(f"SELECT {_FIGURES} FROM received_invoice WHERE id = ANY(%s)", (list(ids),))  # noqa: S608 - a constant
    return {row["id"]: row for row in rows}


def waiting_on(connection: "Connection", ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return by invoice the newest correction of it that nobody has decided: ``id, number``."""
    rows = connection.execute(
        "SELECT DISTINCT ON (corrects_id) corrects_id, id, number FROM received_invoice"
        " WHERE corrects_id = ANY(%s) AND state IN ('received', 'waiting') ORDER BY corrects_id, id DESC",
        (list(ids),),
    )
    return {row["corrects_id"]: row for row in rows}


def link(connection: "Connection", trail: "Trail", links: Mapping[int, int | None], *, by: str) -> list[int]:
    """Note which invoice each of these corrects, or that it corrects none; returns those for which that is new."""
    rows = connection.execute(
        "UPDATE received_invoice r SET corrects_id = n.corrects"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS n(id, corrects)"
        " WHERE r.id = n.id AND r.corrects_id IS DISTINCT FROM n.corrects RETURNING r.id, r.corrects_id",
        (list(links), list(links.values())),
    ).fetchall()
    for row in rows:
        touched = [("received_invoice", row["id"])]
        trail.add(
            "invoice.linked", f"received_invoice/{row['id']}", touched, {"corrects": row["corrects_id"], "by": by}
        )
    return [row["id"] for row in rows]


def credit_notes(connection: "Connection", suppliers: Sequence[int], credits_: Collection[str], most: int) -> list[int]:
    """Return the newest invoices of these suppliers that give back and are not rejected, so many at most."""
    rows = connection.execute(
        "SELECT id FROM received_invoice WHERE supplier_id = ANY(%s) AND (type_code = ANY(%s) OR gross < 0)"
        " AND state <> 'rejected' ORDER BY id DESC LIMIT %s",
        (list(suppliers), list(credits_), most),
    )
    return [row["id"] for row in rows]
