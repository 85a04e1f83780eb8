"""What is known of who sent invoices and of invoices like them: read in one statement each for many at once."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import product
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
_ASKED = f"""
WITH asked AS MATERIALIZED (
  SELECT a.*, {_KEY.format("a")} AS k, a.type_code = ANY(%(credits)s) AS gives FROM received_invoice a
  WHERE a.id = ANY(%(ids)s)
)
"""  # noqa: S608 - made of constants
_COLUMNS = f"""
e.id, e.supplier_id, {_KEY.format("e")} AS k, e.type_code = ANY(%(credits)s) AS gives, e.content_hash, e.gross,
e.currency, e.issued_on, e.state IN ('approved', 'posted', 'paid') AS is_settled
"""
_EARLIER = "x.id <> a.id AND (x.id < a.id OR x.id = ANY(g.settled))"
_LIKE = f"""
{_ASKED}, numbered AS MATERIALIZED (
  SELECT p.supplier_id, p.k, p.gives, {_IDS} FROM (
    SELECT {_COLUMNS} FROM (SELECT DISTINCT supplier_id, k FROM asked WHERE k <> '') s
    JOIN received_invoice e ON e.supplier_id = s.supplier_id AND {_KEY.format("e")} = s.k AND e.state <> 'rejected'
  ) p GROUP BY 1, 2, 3
), filled AS MATERIALIZED (
  SELECT p.supplier_id, p.content_hash, p.gives, p.issued_on, {_IDS} FROM (
    SELECT {_COLUMNS} FROM (SELECT DISTINCT supplier_id, content_hash FROM asked WHERE content_hash <> '') s
    JOIN received_invoice e ON e.content_hash = s.content_hash AND e.content_hash <> ''
      AND e.supplier_id = s.supplier_id AND e.state <> 'rejected'
  ) p GROUP BY 1, 2, 3, 4
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
SELECT other.asked, other.id FROM (
  SELECT a.id AS asked, e.id, row_number() OVER (PARTITION BY a.id ORDER BY e.id) AS place FROM asked a
  JOIN received_invoice e ON e.gross = a.gross AND e.currency = a.currency AND e.number = a.number
    AND e.supplier_id <> a.supplier_id AND e.state <> 'rejected' AND (e.type_code = ANY(%(credits)s)) = a.gives
  WHERE a.number <> '' AND abs(e.issued_on - a.issued_on) <= %(days)s
    AND (e.id < a.id OR e.id <> a.id AND e.state IN ('approved', 'posted', 'paid'))
) other WHERE other.place <= %(most)s
"""  # noqa: S608 - made of constants
_BILLED = f"""
{_ASKED}
SELECT p.supplier_id, p.gross, p.currency, p.gives, p.issued_on, p.k, translate(p.k, {_CONFUSED}) AS spelt, {_IDS},
  array_agg(p.id) FILTER (WHERE p.id = ANY(%(ids)s)) AS asked
FROM (
  SELECT {_COLUMNS} FROM (
    SELECT supplier_id, gross, currency, min(coalesce(issued_on, '-infinity')) AS first,
      max(coalesce(issued_on, 'infinity')) AS last FROM asked WHERE k <> '' AND gross <> 0 GROUP BY 1, 2, 3
  ) s JOIN received_invoice e ON e.gross = s.gross AND e.currency = s.currency AND e.supplier_id = s.supplier_id
    AND e.state <> 'rejected' AND (e.issued_on IS NULL OR e.issued_on + %(days)s >= s.first
      AND e.issued_on - %(days)s <= s.last)
) p WHERE p.k <> '' GROUP BY 1, 2, 3, 4, 5, 6
"""  # noqa: S608 - made of constants
_ROWS = """
SELECT id, supplier_id, number, type_code, issued_on, currency, gross, content_hash, state FROM received_invoice
WHERE id = ANY(%s)
"""
_MOST_ALIKE, _LONGEST_SPELT, _MOST_COMPARED = 3, 64, 50
_HEADS = """
SELECT r.id, r.supplier_id, r.number, r.type_code, r.issued_on, r.currency, r.gross, r.net, r.content_hash, r.state,
  r.corrects_id, coalesce(s.key, '') AS key, coalesce(s.name, '') AS name, coalesce(s.state, 'new') AS supplier_state,
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
    """Yield invoices with what came before them over the same amount, under a number that may be theirs misread."""
    bills: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for one in billed:
        bills.setdefault((one["supplier_id"], one["gross"], one["currency"], one["gives"]), []).append(one)
    for several in bills.values():
        asking = [one for one in several if one["asked"]]
        pairs = product(asking, several) if len(asking) <= _MOST_COMPARED else _alike(asking, several)
        for one, other in pairs:
            near = one["k"] != other["k"] and _days(one["issued_on"], other["issued_on"]) <= near_days
            if near and _a_letter_apart(one["spelt"], other["spelt"]):
                yield from _earlier(one["asked"], other)


def _alike(
    asking: Sequence[dict[str, Any]], several: Sequence[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield pairs of many whose numbers may be alike, without comparing each with each.

    Numbers that differ in one letter, in one too many or in two neighbours that changed places are the same without
    one letter of each.
    """
    places: dict[str, list[dict[str, Any]]] = {}
    for one in several:
        for key in _without_a_letter(one["spelt"]):
            places.setdefault(key, []).append(one)
    for one in asking:
        near = {id(other): other for key in _without_a_letter(one["spelt"]) for other in places[key]}
        yield from ((one, other) for other in near.values())


def _a_letter_apart(one: str, other: str) -> bool:
    """Tell whether two texts are the same, or are without one letter of each."""
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1 or len(longer) > _LONGEST_SPELT:
        return False
    begin = next((at for at, letter in enumerate(shorter) if letter != longer[at]), len(shorter))
    ours, theirs = shorter[begin:], longer[begin:]
    if len(ours) < len(theirs):
        return ours == theirs[1:]
    while ours and ours[-1] == theirs[-1]:
        ours, theirs = ours[:-1], theirs[:-1]
    return ours[1:] == theirs[:-1] or ours[:-1] == theirs[1:]


def _days(one: "date | None", other: "date | None") -> int:
    """Return how far apart two days are; an unknown one may be any."""
    return abs((one - other).days) if one and other else 0


def _without_a_letter(spelt: str) -> set[str]:
    """Return a text, and all that it becomes without one of its letters."""
    if len(spelt) > _LONGEST_SPELT:
        return {spelt}
    return {spelt, *(spelt[:at] + spelt[at + 1 :] for at in range(len(spelt)))}


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
