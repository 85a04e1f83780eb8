"""Rows as COPY text: Postgres reads back what was sent, whatever stands in it."""

from datetime import UTC, datetime
from decimal import Decimal

import psycopg
import pytest

from blocks.database.copied_rows import copy_rows
from blocks.database.engine import Database
from tests import stack

TEXTS = ["", "a", "\\", "\\N", "\\.", "a\tb", "a\nb", "a\r\nb", "None", "NULL", "ä€😀", "\u2028", " a ", '"', "{}"]


def test_postgres_reads_back_what_was_sent(database_url: stack.DatabaseUrls) -> None:
    """Texts that mean something to COPY, more rows than one block, none, and one that no text column can hold."""
    at = datetime(2026, 11, 22, 20, 15, 1, 250, UTC)
    rows: list[tuple[object, ...]] = [(place, text, Decimal("1E+3"), True, at) for place, text in enumerate(TEXTS)]
    rows += [(len(rows) + place, f"many {place}", Decimal("-0.00000001"), False, at) for place in range(1200)]
    nothing = (len(rows), None, None, None, None)
    with Database(database_url.app).connect() as connection:
        connection.execute("CREATE TEMP TABLE kept (place int, text text, amount numeric, yes boolean, at timestamptz)")
        copy_rows(connection, "COPY kept FROM STDIN", [*rows, nothing])
        copy_rows(connection, "COPY kept FROM STDIN", iter(()))
        found = connection.execute("SELECT * FROM kept ORDER BY place").fetchall()
        assert [tuple(row.values()) for row in found] == [*rows, nothing]
        with pytest.raises(psycopg.DataError):
            copy_rows(connection, "COPY kept (text) FROM STDIN", [("a\x00b",)])
