"""What is known of the addresses of a manufacturer's source: listed, fetched, confirmed, due again. Set-based.

The frontier of a visit stands here, not in memory: what an index lists is planted in the transaction that keeps the
index, so a killed visit goes on where it stopped.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import orjson

from blocks.database import inbox

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

KIND = "product_data"
"""What is fetched of products is called so in the inbox."""
INDEX_KIND = "product_index"
"""What only says where products are (robots.txt, sitemaps): kept, and never read for product data."""
_TARGET_BYTES = 500
MEDIA_KIND = "product_medium"
"""Pictures and documents for the shop: kept, and never read for product data."""
_KINDS = {"robots": INDEX_KIND, "index": INDEX_KIND, "sitemap": INDEX_KIND, "medium": MEDIA_KIND}
"""Role → what it is kept as; all others as ``KIND``."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address worth asking.

    Attributes:
        url: Without credentials.
        role: index, sitemap, list, item, page, sheet or medium.
        step: 0 for what lists, 1 for what is listed, 2 for what that links to; one step is done before the next.
        parent: Address of what lists it; empty where the connection's settings do.
        about: What is known of the article it is about: gtin, mpn, sku, name, brand.
    """

    url: str
    role: str
    step: int
    parent: str = ""
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """An address that is due, and what makes asking for it conditional."""

    key: str
    url: str
    role: str
    step: int
    about: Mapping[str, str]
    etag: str
    last_modified: str
    sha256: str
    failures: int


@dataclass(frozen=True, slots=True)
class Answered:
    """What one address answered.

    Attributes:
        known: Which address.
        status: HTTP status; 304 also where a whole answer had the same bytes as before; -1 without a usable answer.
        body: The bytes of a new content, else None.
        content_type: Their media type with its parameters, as sent.
        etag: As sent.
        last_modified: As sent.
        due_in: Seconds until it may be asked again.
        targets: What it lists, for a new content.
    """

    known: Known
    status: int
    body: bytes | None = None
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    due_in: float = 0.0
    targets: tuple[Target, ...] = ()

    @property
    def weight(self) -> int:
        """Return about how many bytes of memory it takes."""
        return len(self.body or b"") + _TARGET_BYTES * len(self.targets)


def key_of(url: str) -> str:
    """Return the address as an index can hold it."""
    return inbox.storable_id(url)


def plant(
    connection: "Connection", source: str, targets: Iterable[Target], *, instead_below: Sequence[str] = ()
) -> int:
    """Write down addresses to be asked; what was known stays known. Returns how many were named.

    Args:
        connection: Of a transaction.
        source: Type and name of the connection.
        targets: The addresses; read once, never held.
        instead_below: Parents that list these targets and nothing else any more; with '' the settings themselves.
            Whatever else stood below them is not listed from now on, nor is what that had listed.
    """
    connection.execute(
        "CREATE TEMP TABLE planted (place bigint GENERATED ALWAYS AS IDENTITY, key text, url text, role text, step int,"
        " parent text, about text) ON COMMIT DROP"
    )
    count = 0
    with connection.cursor().copy("COPY planted (key, url, role, step, parent, about) FROM STDIN") as copy:
        for target in targets:
            count += 1
            about = orjson.dumps(dict(target.about)).decode() if target.about else ""
            parent = key_of(target.parent) if target.parent else ""
            copy.write_row((key_of(target.url), target.url, target.role, target.step, parent, about))
    if instead_below:
        below = [key_of(parent) if parent else "" for parent in instead_below]
        connection.execute(_UNLIST, {"source": source, "below": below})
    connection.execute(_PLANT, {"source": source})
    connection.execute("DROP TABLE planted")
    return count


_UNLIST = """
WITH RECURSIVE gone AS (
  SELECT f.key FROM fetched f WHERE f.source = %(source)s AND f.listed AND f.parent = ANY(%(below)s)
  AND f.role <> 'robots' AND NOT EXISTS (SELECT FROM planted p WHERE p.key = f.key)
  UNION
  SELECT f.key FROM fetched f JOIN gone g ON f.parent = g.key WHERE f.source = %(source)s AND f.listed
)
UPDATE fetched f SET listed = false FROM gone g WHERE f.source = %(source)s AND f.key = g.key
"""
_PLANT = """
INSERT INTO fetched AS f (source, key, url, role, step, parent, about)
SELECT DISTINCT ON (key) %(source)s, key, url, role, step, parent, about FROM planted ORDER BY key, place
ON CONFLICT (source, key) DO UPDATE SET role = excluded.role, step = excluded.step, parent = excluded.parent,
  about = CASE WHEN excluded.about = '' THEN f.about ELSE excluded.about END, listed = true,
  etag = CASE WHEN f.listed THEN f.etag ELSE '' END,
  last_modified = CASE WHEN f.listed THEN f.last_modified ELSE '' END,
  sha256 = CASE WHEN f.listed THEN f.sha256 ELSE '' END
WHERE (f.role, f.step, f.parent, f.listed) IS DISTINCT FROM (excluded.role, excluded.step, excluded.parent, true)
  OR (excluded.about <> '' AND f.about <> excluded.about)
"""
"""What is listed again is asked for in full: what it lists itself had been dropped with it."""


def known_of(connection: "Connection", source: str, urls: Sequence[str]) -> set[str]:
    """Return which of some addresses are known already, whatever they are."""
    rows = connection.execute(
        "SELECT url FROM fetched WHERE source = %s AND key = ANY(%s)", (source, [key_of(url) for url in urls])
    )
    return {row["url"] for row in rows}


_IN_FULL = (
    "coalesce(changed_at < clock_timestamp() - interval '30 days' AND abs(hashtext(key)::bigint) %% 30"
    " = floor(extract(epoch FROM clock_timestamp()) / 86400)::bigint %% 30, false)"
)
"""A server may say of a changed page that it is not: what has not changed for a month is asked for in full every
thirtieth day, another thirtieth of it each day."""


def due(
    connection: "Connection",
    source: str,
    *,
    step: int,
    begun: datetime,
    again: bool,
    after: str,
    limit: int,
    only: Sequence[str] = (),
) -> list[Known]:
    """Return the next addresses of a step that this visit has not asked yet, by key.

    Args:
        connection: Any.
        source: Type and name of the connection.
        step: Which step.
        begun: When the visit began, by the database's clock.
        again: Also what was fetched a short while ago.
        after: The last key that was returned; '' for the first.
        limit: At most so many.
        only: Keys of parents or addresses to keep to; empty for all.
    """
    rows = connection.execute(
        "SELECT key, url, role, step, about, sha256, failures,"  # noqa: S608 - of constants
        f" CASE WHEN {_IN_FULL} THEN '' ELSE etag END AS etag,"
        f" CASE WHEN {_IN_FULL} THEN '' ELSE last_modified END AS last_modified FROM fetched"
        " WHERE source = %(source)s AND step = %(step)s AND listed AND role <> 'robots' AND key > %(after)s"
        " AND (asked_at IS NULL OR asked_at < %(begun)s) AND (%(again)s OR next_due_at <= clock_timestamp())"
        " AND (%(only)s::text[] = '{}' OR key = ANY(%(only)s) OR parent = ANY(%(only)s))"
        " ORDER BY key LIMIT %(limit)s",
        {
            "source": source, "step": step, "after": after, "begun": begun, "again": again, "limit": limit,
            "only": list(only),
        },
    )  # fmt: skip
    return [Known(**{**row, "about": about_of(row["about"])}) for row in rows]


def note(connection: "Connection", trail: "Trail", source: str, answers: Sequence[Answered]) -> list[inbox.Kept]:
    """Keep new contents in the inbox, and write down for every address what it answered and what it lists.

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        source: Type and name of the connection.
        answers: At most one per address.

    Returns:
        Where the new contents are kept.
    """
    kept: list[inbox.Kept] = []
    for kind in (KIND, INDEX_KIND, MEDIA_KIND):
        new = [each for each in answers if each.body is not None and _KINDS.get(each.known.role, KIND) == kind]
        deliveries = [_Delivery(each.known.key, each.body or b"", each.content_type) for each in new]
        kept += inbox.keep(connection, trail, source=source, kind=kind, deliveries=deliveries)
    where = {each.external_id: each.inbox_id for each in kept}
    connection.execute(
        "CREATE TEMP TABLE answered (key text, status int, etag text, last_modified text, sha256 text, inbox_id bigint,"
        " size bigint, due_in float8) ON COMMIT DROP"
    )
    with connection.cursor().copy("COPY answered FROM STDIN") as copy:
        for each in answers:
            digest = hashlib.sha256(each.body).hexdigest() if each.body is not None else None
            size = len(each.body) if each.body is not None else None
            copy.write_row(
                (
                    each.known.key, each.status, each.etag, each.last_modified, digest, where.get(each.known.key), size,
                    each.due_in,
                )
            )  # fmt: skip
    connection.execute(_NOTE, {"source": source})
    connection.execute("DROP TABLE answered")
    listing = [each for each in answers if each.body is not None]
    if listing:
        targets = (target for each in listing for target in each.targets)
        plant(connection, source, targets, instead_below=[each.known.url for each in listing])
    return kept


_NOTE = """
UPDATE fetched f SET status = a.status, asked_at = clock_timestamp(),
  fetched_at = CASE WHEN a.status IN (200, 304) THEN clock_timestamp() ELSE f.fetched_at END,
  changed_at = CASE WHEN a.inbox_id IS NOT NULL THEN clock_timestamp() ELSE f.changed_at END,
  failures = CASE WHEN a.status IN (200, 304) THEN 0 ELSE f.failures + 1 END,
  etag = CASE WHEN a.inbox_id IS NOT NULL OR (a.status = 304 AND a.etag <> '') THEN a.etag ELSE f.etag END,
  last_modified = CASE WHEN a.inbox_id IS NOT NULL OR (a.status = 304 AND a.last_modified <> '')
    THEN a.last_modified ELSE f.last_modified END,
  sha256 = coalesce(a.sha256, f.sha256), inbox_id = coalesce(a.inbox_id, f.inbox_id), size = coalesce(a.size, f.size),
  next_due_at = clock_timestamp() + a.due_in * interval '1 second'
FROM answered a WHERE f.source = %(source)s AND f.key = a.key
"""


@dataclass(frozen=True, slots=True)
class _Delivery:
    external_id: str
    body: bytes
    content_type: str


def count_listed(connection: "Connection", source: str) -> int:
    """Return how many addresses of product data the source lists; documents linked from them are left out."""
    row = connection.execute(
        "SELECT count(*) AS listed FROM fetched WHERE source = %s AND listed AND role IN ('item', 'page')", (source,)
    ).fetchone()
    return int(row["listed"]) if row else 0


def robots(connection: "Connection", source: str) -> dict[str, tuple[Known, bytes, bool]]:
    """Return what is kept of each robots.txt by URL: how to ask again, its bytes, whether that is not due yet."""
    rows = connection.execute(
        "SELECT f.key, f.url, f.role, f.step, f.about, f.etag, f.last_modified, f.sha256, f.failures, f.status,"
        " CASE WHEN f.status IN (200, 304) THEN i.body END AS body, f.next_due_at > clock_timestamp() AS fresh"
        " FROM fetched f LEFT JOIN inbox i ON i.id = f.inbox_id WHERE f.source = %s AND f.role = 'robots'",
        (source,),
    ).fetchall()
    found = {}
    for row in rows:
        body, fresh, status = row.pop("body"), row.pop("fresh"), row.pop("status")
        known = Known(**{**row, "about": {}})
        found[known.url] = (known, bytes(body or b""), bool(fresh and status > 0))
    return found


def clock(connection: "Connection") -> datetime:
    """Return the database's time."""
    row = connection.execute("SELECT clock_timestamp() AS now").fetchone()
    moment: datetime = (row or {})["now"]
    return moment


def about_of(text: str) -> Mapping[str, str]:
    """Return what was written down of an article."""
    return orjson.loads(text) if text else {}
