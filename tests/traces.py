"""Looks for a text in everything that is kept: every column of every table of a database, every file of a folder."""

import re
from pathlib import Path

import psycopg
from psycopg import sql

_COLUMNS = (
    "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns c"
    " JOIN information_schema.tables t USING (table_schema, table_name)"
    " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND t.table_type = 'BASE TABLE' ORDER BY 1, 2, 3"
)


def places_of(url: str, text: str) -> list[str]:
    """Return each column of a database in which a text stands, whatever the column's type; bytes are looked through."""
    found = []
    with psycopg.connect(url, autocommit=True) as connection:
        for schema, table, column, kind in connection.execute(_COLUMNS).fetchall():
            name = sql.Identifier(column)
            holds = (
                sql.SQL("position(%(bytes)s::bytea IN {}) > 0").format(name)
                if kind == "bytea"
                else sql.SQL("position(%(text)s IN {}::text) > 0").format(name)
            )
            query = sql.SQL("SELECT count(*) FROM {} WHERE ").format(sql.Identifier(schema, table)) + holds
            row = connection.execute(query, {"text": text, "bytes": text.encode()}).fetchone()
            if row and row[0]:
                found.append(f"{schema}.{table}.{column}: {row[0]}")
    return found


def digits_in_files(folder: Path, digits: str) -> list[Path]:
    """Return the files under a folder in which these digits stand, grouped or not."""
    grouped = re.compile(rb"[ .\-]{0,2}".join(digit.encode() for digit in digits))
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and grouped.search(path.read_bytes())]
