"""The audit trail finds every change that was made past it (T-AUD-1), and nobody can make one unseen (T-AUD-2)."""

# ruff: noqa: S608 - the names are those of our own tables
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from blocks.database import effects
from blocks.database.audit_chain import FIRST_HASH, event_hash
from blocks.database.audit_verification import Verification, anchor, verify, verify_on
from blocks.database.audited_tables import AUDITED
from blocks.database.engine import Connection, Database
from deployments.stack.embedded_postgres import Cluster
from tests import audited_rows, desk, stack
from tests.orders import a_line, an_order

ALSO = ("audit_event", "audit_head")
COLUMNS = (
    "SELECT table_name, column_name, data_type FROM information_schema.columns"
    " WHERE table_schema = 'public' AND table_name = ANY(%s) ORDER BY 1, ordinal_position"
)


@pytest.fixture(scope="module")
def lived_in(postgres_cluster: Cluster, database_template: str, tmp_path_factory: Any) -> Iterator["House"]:
    """Return a database in which every audited table has rows that the trail knows, and the anchor of its head."""
    with stack.copy_of(postgres_cluster, database_template) as urls:
        database = Database(urls.app)
        desk.know(database, "LAMP", "BOOK")
        desk.count(database, 30, "LAMP", "BOOK")
        fine = [desk.numbered(an_order()) for _ in range(20)]
        short = desk.numbered(an_order(lines=(a_line("LAMP", 99, "47.55"),)))
        unknown = desk.numbered(an_order(lines=(a_line("GHOST", 1, "5.00"),)))
        desk.take_in(database, *fine, short, unknown)
        claimed = effects.claim(database, desk.ACTOR, process="order_intake", kind="erp.sale", limit=1, lease=60)
        assert claimed
        audited_rows.fill(database)
        anchors = tmp_path_factory.mktemp("anchors") / "audit.jsonl"
        assert anchor(Database(urls.audit), anchors)
        superuser = postgres_cluster.url(database=urls.app.rpartition("/")[2])
        yield House(urls, superuser, anchors)


class House:
    """A database that is changed and always put back."""

    def __init__(self, urls: stack.DatabaseUrls, superuser: str, anchors: Path) -> None:
        """Keep where it is and where its head is anchored."""
        self.urls, self.superuser, self.anchors = urls, superuser, anchors

    def columns(self) -> list[tuple[str, str, str]]:
        found = desk.ask(Database(self.urls.audit), COLUMNS, ([*AUDITED, *ALSO],))
        return [(row["table_name"], row["column_name"], row["data_type"]) for row in found]

    def found_after(self, *statements: str | sql.Composed, anchors: Path | None = None) -> Verification:
        """Let somebody with every right do this with all guards off; return what is found; undo it."""
        with Database(self.superuser).connect() as connection:
            connection.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                connection.execute(statement)
            found = verify_on(connection, anchors or self.anchors)
            connection.rollback()
        return found


def loosened(table: str, connection: Connection) -> Iterator[sql.Composed]:
    """Yield what takes away a table's checks, so that any value can be written."""
    rows = connection.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('c', 'f', 'u')", (table,)
    )
    for row in rows:
        drop = "ALTER TABLE {} DROP CONSTRAINT {} CASCADE"
        yield sql.SQL(drop).format(sql.Identifier(table), sql.Identifier(row["conname"]))


OTHER = {
    "text": "{c} || '!'",
    "bigint": "{c} + 1000000",
    "integer": "{c} + 1000",
    "smallint": "{c} + 1",
    "numeric": "{c} + power(10::numeric, -scale({c}))",
    "boolean": "NOT {c}",
    "bytea": "{c} || '\\x00'::bytea",
    "uuid": "gen_random_uuid()",
    "date": "{c} + 1",
    "timestamp with time zone": "{c} + interval '1 microsecond'",
}
NEVER_NULL = (psycopg.errors.InvalidTableDefinition, psycopg.errors.SyntaxError)
"""What Postgres says when the column of a primary key or an identity is to allow NULL."""
VALUE = {
    "text": "''",
    "bigint": "1",
    "integer": "1",
    "numeric": "0",
    "date": "current_date",
    "timestamp with time zone": "now()",
    "boolean": "false",
    "bytea": "'\\x00'::bytea",
}
NUMBER = {
    "listing": "sku",
    "article": "sku",
    "file_record": "position",
    "order_line": "position",
    "order_part": "part",
    "order_version": "version",
    "stock": "sku",
    "edi_order_answer": "inbox_id",
    "product_value": "sku",
}
"""The column by which a row of a table is told from its siblings, where that is not ``id``."""


def changes(table: str, column: str, kind: str) -> Iterator[sql.Composed]:
    """Yield an update of one row for each way in which a column can differ: its value, to NULL, from NULL."""
    update = sql.SQL(
        "UPDATE {t} SET {c} = {v} WHERE ctid = (SELECT ctid FROM {t} WHERE {c} IS {n} NULL ORDER BY ctid LIMIT 1)"
    )
    c, t, some, none = sql.Identifier(column), sql.Identifier(table), sql.SQL("NOT"), sql.SQL("")
    yield update.format(t=t, c=c, n=some, v=sql.SQL(OTHER[kind]).format(c=c))
    yield update.format(t=t, c=c, n=some, v=sql.SQL("NULL"))
    yield update.format(t=t, c=c, n=none, v=sql.SQL(VALUE.get(kind, "NULL")))


def test_an_untouched_database_has_no_findings(lived_in: House) -> None:
    result = verify(Database(lived_in.urls.audit), lived_in.anchors)
    assert result.findings == ()
    assert (result.anchors, result.events > 60, result.subjects > 60) == (1, True, True)


def rounds(columns: list[tuple[str, str, str]]) -> Iterator[list[tuple[str, str, sql.Composed]]]:
    """Yield changes to be made together: one of each table at most, so that every finding tells which it is about.

    Those of the chain and its head are made one by one: they may keep everything else from being compared.
    """
    together: dict[tuple[int, int], list[tuple[str, str, sql.Composed]]] = {}
    seen: Counter[str] = Counter()
    for table, column, kind in columns:
        seen[table] += 1
        for way, statement in enumerate(changes(table, column, kind)):
            if table in ALSO:
                yield [(table, column, statement)]
            else:
                together.setdefault((seen[table], way), []).append((table, column, statement))
    for changed in together.values():  # two findings of each table at most, and a proof names a hundred
        for start in range(0, len(changed), 40):
            yield changed[start : start + 40]


def test_t_aud_1_a_changed_column_of_any_audited_table_is_found(lived_in: House) -> None:
    """T-AUD-1: one column of one row of each table at a time, until each column, of chain and head too, was changed."""
    unseen, tried = [], 0
    with Database(lived_in.superuser).connect() as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        for changed in rounds(lived_in.columns()):
            with connection.transaction(force_rollback=True):
                touched = [each for each in changed if _touches(connection, *each)]
                findings = verify_on(connection, lived_in.anchors).findings if touched else ()
                tried += len(touched)
                named = {found.place.partition(" ")[0] for found in findings}
                unseen += [
                    f"{table}.{column}: {statement.as_string(connection)}"
                    for table, column, statement in touched
                    if table not in named and not (table in ALSO and findings)
                ]
        connection.rollback()
    assert unseen == []
    assert tried > len(lived_in.columns())


def _touches(connection: Connection, table: str, column: str, statement: sql.Composed) -> bool:
    """Make one change with all guards off; returns whether there was a row to change."""
    for drop in list(loosened(table, connection)):
        connection.execute(drop)
    try:
        with connection.transaction():
            connection.execute("SET CONSTRAINTS ALL DEFERRED")
            if b"= NULL" in statement.as_bytes(connection):
                free = sql.SQL("ALTER TABLE {} ALTER {} DROP NOT NULL")
                connection.execute(free.format(sql.Identifier(table), sql.Identifier(column)))
            return connection.execute(statement).rowcount > 0
    except NEVER_NULL:
        return False


def test_t_aud_1_every_column_of_every_audited_table_is_tried(lived_in: House) -> None:
    """T-AUD-1: no table of the matrix is empty, and the registry names every table but those it says it leaves out."""
    for table in AUDITED:
        assert desk.ask(Database(lived_in.urls.audit), f"SELECT FROM {table} LIMIT 1"), f"{table} has no row to change"
    tables = desk.ask(
        Database(lived_in.urls.audit), "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    )
    read_anew = {
        "fetched", "incoming_goods", "product_due", "purchase_line", "receipt_line", "seen_listing", "source_cursor",
        "stock_import_row", "stock_location",
    }  # fmt: skip
    left_out = {"alembic_version", "edi_counter", "lease", "movement_cursor", "system_turn", *read_anew, *ALSO}
    assert {row["name"] for row in tables} == AUDITED.keys() | left_out


@pytest.mark.parametrize("table", sorted(AUDITED))
def test_t_aud_1_a_row_that_was_deleted_or_slipped_in_is_found(lived_in: House, table: str) -> None:
    """T-AUD-1: rows of the audited tables."""
    one = f"ctid = (SELECT min(ctid) FROM {table})"
    assert lived_in.found_after(f"DELETE FROM {table} WHERE {one}").findings
    key = NUMBER.get(table, "id")
    other = "'9999'" if key == "sku" else "9999"
    copied = (
        f"CREATE TEMP TABLE copied ON COMMIT DROP AS SELECT * FROM {table} WHERE {one}",
        f"UPDATE copied SET {key} = {other}",
        f"INSERT INTO {table} SELECT * FROM copied",
    )
    with Database(lived_in.superuser).connect() as connection:
        drops = list(loosened(table, connection))
    indexes = desk.ask(
        Database(lived_in.urls.audit),
        "SELECT c.relname AS name FROM pg_index JOIN pg_class c ON c.oid = indexrelid"
        " WHERE indrelid = %s::regclass AND indisunique AND NOT indisprimary AND indpred IS NOT NULL",
        (table,),
    )
    drops += [sql.SQL("DROP INDEX {}").format(sql.Identifier(row["name"])) for row in indexes]
    assert lived_in.found_after(*drops, *copied).findings


LAST = "(SELECT max(seq) FROM audit_event)"
SLIP_IN = (
    "INSERT INTO audit_event SELECT 8, at, actor, process, run_id, kind, subject, digests, facts, previous, hash"
    " FROM audit_event WHERE seq = 7"
)
REWIND = "UPDATE audit_head SET seq = e.seq, hash = e.hash FROM (SELECT * FROM audit_event ORDER BY seq DESC LIMIT 1) e"
CUT = f"DELETE FROM audit_event WHERE seq > {LAST} - 10"
TAMPERED = {
    "a middle event deleted": ["DELETE FROM audit_event WHERE seq = 7"],
    "the gap closed": [
        "DELETE FROM audit_event WHERE seq = 7",
        "UPDATE audit_event SET seq = -seq WHERE seq > 7",
        "UPDATE audit_event SET seq = -seq - 1 WHERE seq < 0",
        REWIND,
    ],
    "an event slipped in": [
        "UPDATE audit_event SET seq = -seq - 1 WHERE seq > 7",
        "UPDATE audit_event SET seq = -seq WHERE seq < 0",
        SLIP_IN,
        REWIND,
    ],
    "two events swapped": [
        "UPDATE audit_event SET seq = -8 WHERE seq = 7",
        "UPDATE audit_event SET seq = 7 WHERE seq = 8",
        "UPDATE audit_event SET seq = 8 WHERE seq = -8",
    ],
    "the tail cut": [CUT],
    "the first event cut": ["DELETE FROM audit_event WHERE seq = 1"],
    "everything emptied": ["DELETE FROM audit_event"],
    "the head gone": ["DELETE FROM audit_head"],
    "a second head": [
        "ALTER TABLE audit_head DROP CONSTRAINT audit_head_single",
        "INSERT INTO audit_head (id, seq, hash) SELECT 2, seq, hash FROM audit_head",
    ],
    "a moment moved before Christ": [
        "UPDATE audit_event SET at = (to_char(at, 'YYYY-MM-DD HH24:MI:SS.US') || '+00 BC')::timestamptz WHERE seq = 7"
    ],
    "digests that are no JSON": ["UPDATE audit_event SET digests = '{' WHERE seq = 7"],
}


@pytest.mark.parametrize("statements", TAMPERED.values(), ids=TAMPERED.keys())
def test_t_aud_1_a_chain_that_was_tampered_with_is_found(
    lived_in: House, statements: list[str], tmp_path: Path
) -> None:
    """T-AUD-1: deleted, inserted, swapped events and a cut tail, without help of the anchor."""
    assert lived_in.found_after(*statements, anchors=tmp_path / "none").findings


def rewritten(connection: Connection) -> None:
    """Rewrite the whole chain from its first event on, consistently, as the best of forgers would."""
    previous = FIRST_HASH
    for row in connection.execute("SELECT * FROM audit_event ORDER BY seq").fetchall():
        actor = "somebody else" if row["seq"] == 1 else row["actor"]
        at = row["at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        told = (str(row["seq"]), at, actor, row["process"], row["run_id"], row["kind"], row["subject"])
        following = event_hash(previous, (*told, row["digests"], row["facts"]))
        connection.execute(
            "UPDATE audit_event SET actor = %s, previous = %s, hash = %s WHERE seq = %s",
            (actor, previous, following, row["seq"]),
        )
        previous = following
    connection.execute(REWIND)


@pytest.mark.parametrize("renamed", [False, True], ids=["as it was called", "under a new name"])
def test_t_aud_1_a_chain_rewritten_as_a_whole_is_found_by_the_anchor_alone(
    lived_in: House, tmp_path: Path, *, renamed: bool
) -> None:
    """T-AUD-1: only what stands outside the database can tell."""
    with Database(lived_in.superuser).connect() as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        rewritten(connection)
        if renamed:
            connection.execute("UPDATE audit_head SET chain = gen_random_uuid()")
        assert verify_on(connection, tmp_path / "none").findings == ()
        assert {found.check for found in verify_on(connection, lived_in.anchors).findings} == {"anchor"}
        connection.rollback()


def test_t_aud_1_a_cut_tail_is_found_by_the_anchor_when_the_head_was_rewound_too(
    lived_in: House, tmp_path: Path
) -> None:
    """T-AUD-1: the last ten events vanish together with what they tell of."""
    found = lived_in.found_after(CUT, REWIND).findings
    assert "anchor" in {each.check for each in found}
    assert "head" not in {each.check for each in lived_in.found_after(CUT, REWIND, anchors=tmp_path / "none").findings}


def test_an_anchor_is_written_once_per_head_and_survives_a_line_cut_off_by_a_crash(
    lived_in: House, tmp_path: Path
) -> None:
    database, path = Database(lived_in.urls.audit), tmp_path / "anchors"
    path.write_text('{"chain": "cut o')
    assert anchor(database, path)
    assert not anchor(database, path)
    assert verify(database, path).anchors == 1
    assert json.loads(path.read_text().splitlines()[-1])["seq"] == verify(database, path).events


def test_the_hash_of_an_event_is_what_the_documentation_says() -> None:
    text = FIRST_HASH + "1:1" + "2:äß" + "0:"
    assert event_hash(FIRST_HASH, ("1", "äß", "")) == hashlib.sha256(text.encode()).hexdigest()
    assert event_hash(FIRST_HASH, ("ab", "c")) != event_hash(FIRST_HASH, ("a", "bc"))


APPEND_ONLY = (
    "audit_event",
    "completeness_certificate",
    "file_record",
    "order_status_entry",
    "order_version",
    "quality_result",
    "reservation",
    "rulebook",
)
WRITES = ("UPDATE {t} SET {c} = {c}", "DELETE FROM {t}", "TRUNCATE {t} CASCADE")


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_t_aud_2_what_is_append_only_stays_so_for_the_application_and_for_the_owner(
    lived_in: House, table: str, write: str
) -> None:
    """T-AUD-2: the application has no right to, and triggers stop the owner."""
    column = "seq" if table == "audit_event" else NUMBER.get(table, "id")
    statement = write.format(t=table, c=column)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        desk.change(lived_in.urls.app, statement)
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        desk.change(lived_in.urls.owner, statement)


def test_t_aud_2_the_auditor_reads_everything_and_writes_nothing(lived_in: House) -> None:
    """T-AUD-2: every table, every way to write, sequences and temporary tables too."""
    auditor = lived_in.urls.audit
    for table in desk.ask(Database(auditor), "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        name = table["tablename"]
        desk.ask(Database(auditor), f"SELECT * FROM {name} LIMIT 1")
        column = "version_num" if name == "alembic_version" else lived_in_column(lived_in, name)
        for write in (*WRITES, "INSERT INTO {t} DEFAULT VALUES"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                desk.change(auditor, write.format(t=name, c=column))
    for statement in ("SELECT nextval('effect_token')", "CREATE TABLE mine (id int)"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            desk.change(auditor, statement)


def lived_in_column(house: House, table: str) -> str:
    return str(desk.ask(Database(house.urls.audit), COLUMNS, ([table],))[0]["column_name"])


def test_t_aud_2_writers_at_the_same_time_leave_one_unbroken_chain(
    database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    """T-AUD-2: eight threads, twenty transactions each; those on rows of their own wait for the head alone."""
    database = Database(database_url.app)
    skus = [f"A{number}" for number in range(8)]
    desk.know(database, *skus)
    broken: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            for turn in range(20):
                mine = skus[:2] if turn % 5 == 0 else [skus[writer]]
                desk.count(database, writer * 100 + turn, *mine)
        except BaseException as error:  # noqa: BLE001 - told below
            broken.append(error)

    stack.together(*(threading.Thread(target=write, args=(writer,)) for writer in range(8)))
    result = verify(Database(database_url.audit), tmp_path / "none")
    assert (broken, result.findings, result.events) == ([], (), 161)
