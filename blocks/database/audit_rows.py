"""Proof of the audited rows: each is as the last event that tells of it says, and none is there untold."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from blocks.database.audit_links import MOST_FINDINGS, Broken
from blocks.database.audited_tables import AUDITED, digest_query, row_texts

if TYPE_CHECKING:
    from blocks.database.engine import Connection

_TOLD = """
SELECT d.key, substr(max(lpad(e.seq::text, 19, '0') || d.value), 20) AS digest
FROM audit_event e, json_each_text(e.digests::json) AS d
WHERE e.digests <> '{{}}' AND split_part(d.key, '/', 1) = ANY({tables}) GROUP BY 1
"""
"""The newest digest of each subject; an empty one says that it has no rows."""

_COMPARISON = """
WITH told AS MATERIALIZED ({told}), held AS MATERIALIZED ({held}), broken AS (
  SELECT key, told.digest IS NULL AS untold, held.digest IS NULL AS gone FROM held FULL JOIN told USING (key)
  WHERE nullif(told.digest, '') IS DISTINCT FROM held.digest ORDER BY key LIMIT {most}
)
SELECT (SELECT count(*) FROM told) AS subjects, (SELECT json_agg(broken) FROM broken) AS broken,
  (SELECT count(*) FROM held) - (SELECT count(*) FROM told WHERE digest <> '') AS too_many
"""


def broken_rows(connection: "Connection", tables: Iterable[str] = AUDITED) -> tuple[list[Broken], int]:
    """Compare audited tables with what the events say of them; returns findings and the number of subjects."""
    asked = sorted(tables)
    held = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {prefix} || coalesce(key, '?') AS key, digest FROM ({rows}) AS {alias}").format(
            prefix=sql.Literal(f"{table}/"), rows=digest_query(table, text), alias=sql.Identifier(f"held_{table}")
        )
        for table, text in row_texts(connection, asked).items()
    )
    told = sql.SQL(_TOLD).format(tables=sql.Literal(asked))
    query = sql.SQL(_COMPARISON).format(told=told, held=held, most=sql.Literal(MOST_FINDINGS))
    try:
        with connection.transaction():
            row = connection.execute(query).fetchone()
    except psycopg.DataError:
        text = "An event's digests are no longer JSON: no row can be compared before that event is put right."
        return [Broken("rows", "audit_event", text)], 0
    if not row:  # pragma: no cover - the query always has one
        return [], 0
    findings = [_finding(**found) for found in row["broken"] or ()]
    if row["too_many"] and not findings:
        findings = [Broken("rows", "audited tables", f"{row['too_many']} rows are there twice under the same key.")]
    return findings, row["subjects"]


def _finding(*, key: str, untold: bool, gone: bool) -> Broken:
    subject = key.replace("/", " ", 1)
    if untold:
        return Broken("rows", subject, f"A row of {subject} was inserted past the audit trail.")
    if gone:
        return Broken("rows", subject, f"Every row of {subject} was deleted past the audit trail.")
    return Broken("rows", subject, f"{subject} is not as the audit trail last saw it: a row was changed or removed.")
