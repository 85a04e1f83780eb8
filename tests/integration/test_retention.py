"""How long records are kept, what is held, and what may be deleted: on a real Postgres, as the roles that do it."""

from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest

from blocks.database import retention
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.documents.retention_terms import KeptAs, term
from blocks.errors import WrongUse
from tests import desk, stack

WHY = "The time is over."


@pytest.mark.parametrize(
    ("kept_as", "dated", "ends_on"),
    [
        (KeptAs.VOUCHER, date(2018, 5, 10), date(2026, 12, 31)),
        (KeptAs.BOOK, date(2018, 12, 31), date(2028, 12, 31)),
        (KeptAs.LETTER, date(2020, 3, 1), date(2026, 12, 31)),
        # Their ten years were over before the shorter time came into force, or were not.
        (KeptAs.VOUCHER, date(2013, 6, 1), date(2023, 12, 31)),
        (KeptAs.VOUCHER, date(2014, 6, 1), date(2024, 12, 31)),
        (KeptAs.VOUCHER, date(2015, 6, 1), date(2024, 12, 31)),
        (KeptAs.VOUCHER, date(2016, 1, 1), date(2024, 12, 31)),
        (KeptAs.VOUCHER, date(2017, 12, 31), date(2025, 12, 31)),
        (KeptAs.VOUCHER, date(9998, 1, 1), date(9999, 12, 31)),
    ],
)
def test_t_aud_5_terms_end_with_the_year_the_law_says(kept_as: KeptAs, dated: date, ends_on: date) -> None:
    found = term(kept_as, dated)
    assert found.ends_on == ends_on
    assert found.law.startswith("§147")


def kept(database: Database, *days: date) -> list[str]:
    """Write one received file of each day, noted as a voucher; returns their names."""
    with database.audited(desk.ACTOR) as (connection, trail):
        names = []
        for place in range(len(days)):
            row = connection.execute(
                "INSERT INTO inbox (source, kind, external_id, content_hash, content_type, body, run_id)"
                " VALUES ('invoice-folder/suppliers', 'invoice', %s, %s, 'application/xml', '<Invoice/>', '')"
                " RETURNING id",
                (str(place), str(place)),
            ).fetchone()
            assert row
            trail.add("inbox.received", f"inbox/{row['id']}", [("inbox", row["id"])])
            names.append(f"inbox/{row['id']}")
        named = [(name, term(KeptAs.VOUCHER, day), 7) for name, day in zip(names, days, strict=True)]
        assert retention.keep_records(connection, trail, named) == len(days)
        assert retention.keep_records(connection, trail, named) == 0, "A term is noted once."
    return names


def bodies(database: Database) -> list[bytes]:
    return [bytes(row["body"]) for row in desk.ask(database, "SELECT body FROM inbox ORDER BY id")]


def test_t_aud_5_what_must_be_kept_or_is_held_cannot_be_deleted_and_what_is_due_leaves_its_trace(
    database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    app, owner = Database(database_url.app), Database(database_url.owner)
    old, held, young = kept(app, date(2018, 5, 10), date(2017, 1, 1), date(2024, 1, 1))
    today = date(2027, 1, 1)
    with app.audited(desk.ACTOR) as (connection, trail):
        number = retention.place_hold(connection, trail, scope="year", value="2017", by="ada", reason="Tax audit.")
    with pytest.raises(WrongUse, match="held already"), app.audited(desk.ACTOR) as (connection, trail):
        retention.place_hold(connection, trail, scope="year", value="2017", by="bob", reason="Again.")

    def delete(on: date) -> retention.Deletion:
        with owner.audited(desk.ACTOR) as (connection, trail):
            return retention.delete(connection, trail, [old, held, young], today=on, by="ada", reason=WHY)

    early = delete(date(2026, 12, 31))
    assert early.deleted == ()
    assert "must be kept until 2026-12-31" in early.refused[0].why
    with app.connect() as connection:
        found = retention.due(connection, today)
    assert (found.deleted, [one.record for one in found.refused]) == ((old,), [held])
    done = delete(today)
    assert done.deleted == (old,)
    assert [one.record for one in done.refused] == [held, young]
    assert "Tax audit." in done.refused[0].why
    assert "must be kept until 2032-12-31" in done.refused[1].why
    assert bodies(app) == [b"", b"<Invoice/>", b"<Invoice/>"]
    with app.connect() as connection:
        assert retention.due(connection, today).deleted == (), "What is deleted is not due again."
    with app.audited(desk.ACTOR) as (connection, trail):
        retention.lift_hold(connection, trail, number, by="bob", reason="The audit has ended.")
    with pytest.raises(WrongUse, match="no hold"), app.audited(desk.ACTOR) as (connection, trail):
        retention.lift_hold(connection, trail, number, by="bob", reason="Twice.")
    assert delete(today).deleted == (held,), "What is deleted is not deleted again."
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def test_t_aud_5_the_application_itself_can_delete_nothing_and_change_no_term_or_hold(
    database_url: stack.DatabaseUrls,
) -> None:
    app = Database(database_url.app)
    (name,) = kept(app, date(2010, 1, 1))
    with pytest.raises(psycopg.errors.InsufficientPrivilege), app.audited(desk.ACTOR) as (connection, trail):
        retention.delete(connection, trail, [name], today=datetime.now(UTC).date(), by="ada", reason=WHY)
    with app.audited(desk.ACTOR) as (connection, trail):
        number = retention.place_hold(connection, trail, scope="everything", by="ada", reason="A lawsuit.")
        retention.lift_hold(connection, trail, number, by="ada", reason="It was settled.")
    for change in (
        "UPDATE retention SET ends_on = '2000-01-01'",
        "DELETE FROM legal_hold",
        "UPDATE legal_hold SET lifted_reason = 'Another.'",
    ):
        with pytest.raises(psycopg.Error, match=r"append-only|permission denied"):
            desk.ask(Database(database_url.owner if "lifted" in change else database_url.app), change)


NAMES_NOTHING = (("everything", "2018"), ("year", ""), ("year", "last"), ("planet", "x"), ("supplier", "ACME"))


def test_a_hold_that_names_nothing_is_refused(database_url: stack.DatabaseUrls) -> None:
    for scope, value in NAMES_NOTHING:
        with pytest.raises(WrongUse), Database(database_url.app).audited(desk.ACTOR) as (connection, trail):
            retention.place_hold(connection, trail, scope=scope, value=value, by="ada", reason="Why not.")
