"""What a manufacturer's source offers now, and the bytes of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from blocks.database.fetched import KIND, about_of

if TYPE_CHECKING:
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Offered:
    """A content that a source offers, without its bytes.

    Attributes:
        inbox_id: Where its bytes are kept.
        url: Its address, or the name of a file.
        role: item, list, page or sheet; 'file' from a folder.
        content_type: Media type as sent.
        sha256: Of its bytes.
        about: What the source said of the article when it named the address: gtin, mpn, sku, name, brand.
        parent: Address of the page or answer that linked to it, whose article it is about; empty where none did.
        fetched_at: When it was last delivered or confirmed.
    """

    inbox_id: int
    url: str
    role: str
    content_type: str
    sha256: str
    about: Mapping[str, str]
    parent: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Thing:
    """Bytes of product data, and what is known of them besides; attributes as in ``Offered``."""

    inbox_id: int
    url: str
    role: str
    content_type: str
    body: bytes
    about: Mapping[str, str]


def things(connection: "Connection", inbox_ids: Sequence[int]) -> list[Thing]:
    """Return these contents, by id."""
    rows = connection.execute(_THINGS, (KIND, list(inbox_ids)))
    return [
        Thing(row["id"], row["url"], row["role"], row["content_type"], bytes(row["body"]), about_of(row["about"]))
        for row in rows
    ]


_THINGS = """
SELECT i.id, i.content_type, i.body, coalesce(f.url, r.name, i.external_id) AS url, coalesce(f.role, 'file') AS role,
  coalesce(f.about, '') AS about
FROM inbox i LEFT JOIN fetched f ON f.source = i.source AND f.key = i.external_id
LEFT JOIN LATERAL (SELECT file.name FROM file_record record JOIN received_file file ON file.id = record.file_id
  WHERE record.inbox_id = i.id ORDER BY file.id DESC LIMIT 1) r ON f.key IS NULL
WHERE i.kind = %s AND i.id = ANY(%s) ORDER BY i.id
"""


def offered(connection: "Connection", source: str) -> Iterator[Offered]:
    """Yield what the source offers now: what it delivered or confirmed last, without what is gone or not listed.

    What merely did not answer this time is among it, as it was last delivered. Parents come before what they link to.
    """
    place = (-1, "")
    while True:
        rows = connection.execute(_OFFERED, (source, *place, _PAGE)).fetchall()
        for row in rows:
            place = (row.pop("step"), row.pop("key"))
            yield Offered(**{**row, "about": about_of(row["about"])})
        if len(rows) < _PAGE:
            return


_PAGE = 1000
_OFFERED = """
SELECT f.step, f.key, f.inbox_id, f.url, f.role, i.content_type, f.sha256, f.about, coalesce(p.url, '') AS parent,
  f.fetched_at
FROM fetched f JOIN inbox i ON i.id = f.inbox_id
LEFT JOIN fetched p ON p.source = f.source AND p.key = f.parent AND p.role IN ('item', 'list', 'page')
WHERE f.source = %s AND f.listed AND f.status NOT IN (404, 410)
  AND f.role NOT IN ('robots', 'index', 'sitemap', 'medium') AND (f.step, f.key) > (%s, %s)
ORDER BY f.step, f.key LIMIT %s
"""


def offered_files(connection: "Connection", source: str, *, dated: bool = False) -> Iterator[Offered]:
    """Yield the files of a folder, of each name the one that came last.

    Args:
        connection: Any.
        source: Type and name of the connection.
        dated: Take names that differ in their digits alone for the same; data sheets aside, whose names hold numbers.
    """
    rows = connection.execute(
        "SELECT DISTINCT ON (n.same) i.id AS inbox_id, f.name AS url, 'file' AS role, i.content_type, f.sha256,"
        " '' AS parent, f.received_at AS fetched_at FROM received_file f JOIN file_record r ON r.file_id = f.id"
        " JOIN inbox i ON i.id = r.inbox_id CROSS JOIN LATERAL (SELECT CASE WHEN %(dated)s AND f.name !~* '[.]pdf$'"
        " THEN regexp_replace(f.name, '[0-9]+', '#', 'g') ELSE f.name END AS same) n"
        " WHERE f.source = %(source)s AND f.state IN ('read', 'answered') ORDER BY n.same, f.id DESC",
        {"source": source, "dated": dated},
    )
    for row in rows:
        yield Offered(**{**row, "about": {}})
