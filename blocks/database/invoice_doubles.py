"""What is known of who sent invoices and of invoices like them: read in one statement each for many at once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blocks.database.engine import Connection

_KEY = "ltrim(upper(regexp_replace({}.number, '[\\W_]+', '', 'g')), '0')"
_MINE, _THEIRS = _KEY.format("a"), _KEY.format("e")
_EARLIER = """
e.id <> a.id AND e.state <> 'rejected' AND (e.id < a.id OR e.state IN ('approved', 'posted', 'paid'))
"""
_ONE = "SELECT a.id AS asked, e.id FROM asked a JOIN received_invoice e ON"
_LIKE = f"""
WITH asked AS (SELECT * FROM received_invoice WHERE id = ANY(%(ids)s)), found AS (
  {_ONE} e.supplier_id = a.supplier_id AND {_THEIRS} = {_MINE} AND {_MINE} <> '' WHERE {_EARLIER}
  UNION
  {_ONE} e.content_hash = a.content_hash AND e.content_hash <> '' AND e.supplier_id = a.supplier_id WHERE {_EARLIER}
  UNION
  {_ONE} e.supplier_id = a.supplier_id AND e.gross = a.gross AND e.currency = a.currency
  WHERE {_EARLIER} AND abs(e.issued_on - a.issued_on) <= %(days)s
  UNION
  {_ONE} e.number = a.number AND e.number <> '' AND e.gross = a.gross AND e.currency = a.currency
  WHERE {_EARLIER} AND e.supplier_id <> a.supplier_id AND abs(e.issued_on - a.issued_on) <= %(days)s
)
SELECT f.asked, e.id, e.supplier_id, e.number, e.type_code, e.issued_on, e.currency, e.gross, e.content_hash, e.state
FROM found f JOIN received_invoice e ON e.id = f.id ORDER BY f.asked, e.id
"""  # noqa: S608 - made of constants
_HEADS = """
SELECT r.id, r.supplier_id, r.number, r.type_code, r.issued_on, r.currency, r.gross, r.net, r.content_hash, r.state,
  coalesce(s.key, '') AS key, coalesce(s.name, '') AS name, coalesce(s.state, 'new') AS supplier_state,
  coalesce(s.erp_code, '') AS erp_code
FROM received_invoice r LEFT JOIN supplier s ON s.id = r.supplier_id WHERE r.id = ANY(%s) ORDER BY r.id
"""
_NUMBERS = """
SELECT supplier_id, array_agg(number) AS numbers FROM (
  SELECT supplier_id, number, row_number() OVER (PARTITION BY supplier_id ORDER BY id DESC) AS place
  FROM received_invoice WHERE supplier_id = ANY(%(suppliers)s) AND number <> '' AND state <> 'rejected'
) latest WHERE place <= %(most)s GROUP BY 1
"""
_MOST_NUMBERS = 500


def heads(connection: "Connection", ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return the figures of invoices and what is known of their suppliers, by ascending id."""
    return connection.execute(_HEADS, (list(ids),)).fetchall()


def like(connection: "Connection", ids: Sequence[int], *, near_days: int) -> dict[int, list[dict[str, Any]]]:
    """Return by invoice what came before it, or was approved, with its number, its content or its amount."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in connection.execute(_LIKE, {"ids": list(ids), "days": near_days}):
        found.setdefault(row["asked"], []).append(row)
    return found


def accounts(connection: "Connection", suppliers: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return by supplier what is known of its accounts: the state of each."""
    found: dict[int, dict[str, str]] = {}
    rows = connection.execute(
        "SELECT supplier_id, iban, state FROM supplier_account WHERE supplier_id = ANY(%s)", (list(suppliers),)
    )
    for row in rows:
        found.setdefault(row["supplier_id"], {})[row["iban"]] = row["state"]
    return found


def numbers(connection: "Connection", suppliers: Sequence[int]) -> dict[int, list[str]]:
    """Return by supplier the numbers of its newest invoices that were not rejected."""
    rows = connection.execute(_NUMBERS, {"suppliers": list(suppliers), "most": _MOST_NUMBERS})
    return {row["supplier_id"]: row["numbers"] for row in rows}
