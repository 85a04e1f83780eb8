"""What is known of who sent invoices and of invoices like them: read in one statement each for many at once."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from blocks.database.engine import Connection

_KEY = "ltrim(upper(regexp_replace({}.number, '[\\W_]+', '', 'g')), '0')"
_CONFUSED = "'OQDILZSBGT', '0001125867'"
"""Letters that are taken for digits, as ``translate`` takes them."""
_IDS = (
    "(array_agg(p.id ORDER BY p.id))[1:2] || (array_agg(p.id ORDER BY p.id) FILTER (WHERE p.is_settled))[1:2] AS ids,"
    " (array_agg(p.id ORDER BY p.id) FILTER (WHERE p.is_settled))[1:2] AS settled"
)
"""Of invoices that are alike, the two oldest, and the two oldest that were approved: the oldest one that an invoice
may double is among them, itself left out. So a thousand that are alike are a thousand rows, and no million pairs."""
_POOL = f"""
WITH asked AS MATERIALIZED (
  SELECT a.*, {_KEY.format("a")} AS k, a.type_code = ANY(%(credits)s) AS gives FROM received_invoice a
  WHERE a.id = ANY(%(ids)s)
), pool AS MATERIALIZED (
  SELECT e.id, e.supplier_id, {_KEY.format("e")} AS k, e.type_code = ANY(%(credits)s) AS gives, e.content_hash, e.gross,
    e.currency, e.issued_on, e.state IN ('approved', 'posted', 'paid') AS is_settled
  FROM received_invoice e WHERE e.state <> 'rejected' AND e.supplier_id IN (SELECT supplier_id FROM asked)
)
"""  # noqa: S608 - made of constants
_EARLIER = "x.id <> a.id AND (x.id < a.id OR x.id = ANY(g.settled))"
_LIKE = f"""
{_POOL}, numbered AS MATERIALIZED (
  SELECT p.supplier_id, p.k, p.gives, {_IDS} FROM pool p WHERE p.k <> '' GROUP BY 1, 2, 3
), filled AS MATERIALIZED (
  SELECT p.supplier_id, p.content_hash, p.gives, p.issued_on, {_IDS} FROM pool p WHERE p.content_hash <> ''
  GROUP BY 1, 2, 3, 4
), strangers AS MATERIALIZED (
  SELECT e.*, e.type_code = ANY(%(credits)s) AS gives,
    CASE WHEN e.state IN ('approved', 'posted', 'paid') THEN ARRAY[e.id] END AS settled
  FROM received_invoice e WHERE e.state <> 'rejected' AND e.number <> ''
    AND (e.number, e.gross, e.currency) IN (SELECT number, gross, currency FROM asked)
)
SELECT a.id AS asked, x.id FROM asked a
JOIN numbered g ON g.supplier_id = a.supplier_id AND g.k = a.k AND g.gives = a.gives
CROSS JOIN LATERAL unnest(g.ids) AS x(id) WHERE {_EARLIER}
UNION
SELECT a.id AS asked, near.id FROM asked a CROSS JOIN LATERAL (
  SELECT x.id FROM filled g CROSS JOIN LATERAL unnest(g.ids) AS x(id)
  WHERE g.supplier_id = a.supplier_id AND g.content_hash = a.content_hash AND g.gives = a.gives AND {_EARLIER}
  ORDER BY coalesce(abs(g.issued_on - a.issued_on), 0), x.id LIMIT %(most)s
) near
UNION
SELECT a.id AS asked, other.id FROM asked a CROSS JOIN LATERAL (
  SELECT x.id FROM strangers g CROSS JOIN LATERAL (SELECT g.id) AS x
  WHERE g.number = a.number AND g.gross = a.gross AND g.currency = a.currency AND g.gives = a.gives
    AND g.supplier_id <> a.supplier_id AND abs(g.issued_on - a.issued_on) <= %(days)s AND {_EARLIER}
  ORDER BY x.id LIMIT %(most)s
) other
"""  # noqa: S608 - made of constants
_BILLED = f"""
{_POOL}
SELECT p.supplier_id, p.gross, p.currency, p.gives, p.issued_on, p.k, translate(p.k, {_CONFUSED}) AS spelt, {_IDS},
  array_agg(p.id) FILTER (WHERE p.id = ANY(%(ids)s)) AS asked
FROM pool p WHERE p.k <> '' AND p.gross <> 0
  AND (p.supplier_id, p.gross, p.currency) IN (SELECT supplier_id, gross, currency FROM asked)
GROUP BY 1, 2, 3, 4, 5, 6
"""  # noqa: S608 - made of constants
_ROWS = """
SELECT id, supplier_id, number, type_code, issued_on, currency, gross, content_hash, state FROM received_invoice
WHERE id = ANY(%s)
"""
_MOST_ALIKE, _LONGEST_SPELT = 3, 64
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


def like(
    connection: "Connection", ids: Sequence[int], *, near_days: int, credits_: Collection[str]
) -> dict[int, list[dict[str, Any]]]:
    """Return by invoice what it may double, a few at most: the oldest with its number, the nearest with its content.

    And those over its amount with a number that may be its own misread. What came before it counts, or was approved.

    Args:
        connection: A transaction's connection.
        ids: Of received invoices.
        near_days: Within so many days of issue a like number over the same amount counts.
        credits_: Types of invoices that give back: they double none that bill.
    """
    values = {"ids": list(ids), "days": near_days, "credits": list(credits_), "most": _MOST_ALIKE}
    pairs = {(row["asked"], row["id"]) for row in connection.execute(_LIKE, values)}
    pairs.update(_misread(connection.execute(_BILLED, values).fetchall(), near_days))
    rows = connection.execute(_ROWS, (sorted({number for _, number in pairs}),))
    known = {row["id"]: row for row in rows}
    found: dict[int, list[dict[str, Any]]] = {}
    for asked, number in sorted(pairs):
        found.setdefault(asked, []).append(known[number])
    return found


def _misread(billed: Sequence[dict[str, Any]], near_days: int) -> Iterator[tuple[int, int]]:
    """Yield invoices with what came before them over the same amount, under a number that may be theirs misread.

    Numbers that differ in one letter, in one too many or in two neighbours that changed places are the same without
    one letter of each: they are found by that, and not by comparing each with each.
    """
    places: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for one in billed:
        for key in _without_a_letter(one):
            places.setdefault(key, []).append(one)
    for one in billed:
        if not one["asked"]:
            continue
        near = {id(other): other for key in _without_a_letter(one) for other in places[key] if other["k"] != one["k"]}
        for other in near.values():
            if _days(one["issued_on"], other["issued_on"]) <= near_days:
                yield from _earlier(one["asked"], other)


def _days(one: "date | None", other: "date | None") -> int:
    """Return how far apart two days are; an unknown one may be any."""
    return abs((one - other).days) if one and other else 0


def _without_a_letter(one: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    bill, spelt = (one["supplier_id"], one["gross"], one["currency"], one["gives"]), one["spelt"]
    yield (*bill, spelt)
    if len(spelt) <= _LONGEST_SPELT:
        yield from ((*bill, text) for text in {spelt[:at] + spelt[at + 1 :] for at in range(len(spelt))})


def _earlier(asked: Iterable[int], other: dict[str, Any]) -> Iterator[tuple[int, int]]:
    settled = other["settled"] or ()
    yield from ((one, number) for one in asked for number in other["ids"] if number < one or number in settled)


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
