"""Orders from files: every row's fate is told, good rows go on, and nothing is taken twice, on a real Postgres."""

import dataclasses
from pathlib import Path

import pytest

from blocks.database import quarantine, received_files
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.documents.orders import Order
from blocks.errors import Refused, TryAgainLater
from blocks.systems.shops.contract import Received
from deployments.sandbox.files import PASSWORD, USER
from tasks.quarantine_desk.records import file_rows
from tests import desk, stack
from tests.branch import SOURCE, Branch, as_csv, as_xlsx, as_xml, profile, row
from tests.orders import a_line, an_order
from tests.sandbox import running_file_servers


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    return Database(database_url.app)


@pytest.fixture
def branch(tmp_path: Path, database: Database) -> Branch:
    return Branch(tmp_path, database)


def thousand_rows() -> bytes:
    """Return T-ORD-3's file: 3 rows without zip, 2 unknown SKUs, 1 broken UTF-8, 1 quantity of 1,5."""
    rows = [row(number) for number in range(1, 1001)]
    for place in (10, 500, 999):
        rows[place]["Zip"] = ""
    for place in (20, 700):
        rows[place]["SKU"] = "LAMQ"
    rows[30]["City"] = "BROKEN"
    rows[40]["Pieces"] = "1,5"
    return as_csv(rows).replace(b"BROKEN", b"K\xf6ln")


def test_t_ord_3_seven_bad_rows_of_a_thousand_are_put_aside_with_row_and_rule_and_the_others_accepted(
    branch: Branch, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    """T-ORD-3."""
    branch.put("till.csv", thousand_rows())
    judged = branch.take_in()
    assert (judged.accepted, judged.put_aside, judged.total) == (993, 7, 1000)
    answer = branch.answers_of("till.csv")
    aside = {line["rows"]: line["rules"] for line in answer if line["fate"] == "put aside"}
    assert aside == {
        "row 12": "ORD-ADDRESS", "row 502": "ORD-ADDRESS", "row 1001": "ORD-ADDRESS",
        "row 22": "ORD-ARTICLE", "row 702": "ORD-ARTICLE", "row 32": "ORD-UNREADABLE", "row 42": "ORD-UNREADABLE",
    }  # fmt: skip
    assert sum(line["fate"] == "accepted" for line in answer) == 993
    assert all(line["remedy"] and line["reason"] for line in answer if line["fate"] == "put aside")
    waiting = desk.ask(branch.database, "SELECT inbox_id, external_id FROM quarantine ORDER BY inbox_id")
    with branch.database.connect() as connection:
        seen = file_rows(connection, [each["inbox_id"] for each in waiting])
    rows = {each["inbox_id"]: each["first_row"] for each in seen}
    assert {each["external_id"]: rows[each["inbox_id"]] for each in waiting} == {
        "11": 12, "21": 22, "31": 32, "41": 42, "501": 502, "701": 702, "1000": 1001,
    }  # fmt: skip
    (archived,) = branch.names("archive")
    assert (branch.root / "archive" / archived).read_bytes() == thousand_rows()
    assert branch.names("incoming") == branch.names("work") == []
    assert verify(Database(database_url.audit), tmp_path / "anchors").findings == ()


def test_t_ord_4_one_order_in_five_dialects_is_one_canonical_record(branch: Branch) -> None:
    """T-ORD-4: CSV with ; and , and BOM and Windows-1252, XLSX and XML give the same hash."""
    english = row("1", Price="47.55")
    numbers = {**row("1"), "Pieces": 1, "Price": 47.55, "Tax": 19}
    dialects = {
        "semicolon": (profile(encoding="utf-8"), as_csv([row("1")])),
        "comma": (profile(decimal="."), as_csv([english], delimiter=",")),
        "bom": (profile(), as_csv([row("1")], encoding="utf-8-sig")),
        "western": (profile(encoding="windows-1252"), as_csv([row("1")], encoding="cp1252")),
        "utf16": (profile(), as_csv([row("1")], encoding="utf-16")),
        "workbook": (profile("xlsx"), as_xlsx([numbers])),
        "markup": (profile("xml", decimal="."), as_xml([english])),
    }
    hashes = {}
    for name, (mapping, body) in dialects.items():
        branch.activate(name, mapping)
        folder = branch.connection(profile=name)
        folder.reads_profiles_from(branch.database)
        branch.put(f"{name}.file", body)
        assert branch.collect(folder).new == 1
        (record,) = desk.ask(branch.database, "SELECT * FROM inbox ORDER BY id DESC LIMIT 1")
        order = folder.read_order(Received(record["external_id"], bytes(record["body"])), "branch")
        hashes[name] = order.content_hash()
    assert len(set(hashes.values())) == 1, hashes


def test_the_same_file_twice_is_all_duplicates_and_says_so(branch: Branch) -> None:
    body = as_csv([row(1), row(2), row(3, Zip="")])
    branch.put("a.csv", body)
    assert branch.take_in().accepted == 2
    branch.put("again.csv", body)
    stored = branch.collect()
    assert (stored.new, stored.duplicates, branch.judge().total) == (0, 3, 0)
    branch.answer()
    again = branch.answers_of("again.csv")
    assert [line["fate"] for line in again] == ["duplicate"] * 3
    assert again[2]["reason"].endswith("put aside.")
    assert desk.ask(branch.database, "SELECT sum(deliveries)::int AS n FROM inbox") == [{"n": 6}]


def test_one_order_twice_in_one_file_is_taken_once(branch: Branch) -> None:
    branch.put("a.csv", as_csv([row(1), row(2), row(1)]))
    assert branch.take_in().accepted == 2
    assert [line["fate"] for line in branch.answers_of("a.csv")] == ["accepted", "accepted", "duplicate"]


def test_a_file_that_cannot_be_read_is_kept_and_refused_and_the_others_go_on(branch: Branch) -> None:
    branch.put("a-picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    branch.put("b-empty.csv", b"")
    branch.put("c-other.csv", b"Name;Ort\r\nWeiss;Koeln\r\n")
    branch.put("d.csv", as_csv([row(1)]))
    assert branch.take_in().accepted == 1
    for name in ("a-picture.csv", "b-empty.csv", "c-other.csv"):
        (line,) = branch.answers_of(name)
        assert (line["fate"], bool(line["reason"]), bool(line["remedy"])) == ("refused", True, True)
    files = desk.ask(branch.database, "SELECT state, settled_at IS NOT NULL AS told FROM received_file ORDER BY id")
    assert [tuple(each.values()) for each in files] == [("refused", True)] * 3 + [("answered", True)]
    assert len(branch.names("archive")) == 4
    assert branch.answer().done == 0, "Nothing is answered twice."


def test_a_decision_about_a_row_is_told_in_a_second_answer(branch: Branch) -> None:
    branch.put("a.csv", as_csv([row(1), row(2, SKU="DESK")]))
    branch.take_in()
    (first,) = branch.answers()
    assert [line["fate"] for line in first] == ["accepted", "put aside"]
    desk.know(branch.database, "DESK", channel="branch")
    desk.count(branch.database, 5, "DESK")
    with branch.database.audited(desk.ACTOR) as (connection, trail):
        ids = [each["id"] for each in desk.ask(branch.database, "SELECT id FROM quarantine")]
        quarantine.release(connection, trail, ids, by="ada", reason="Known now.")
    assert branch.answer().done == 0, "Not before it is judged again."
    branch.judge()
    assert branch.answer().done == 1
    second, again = branch.answers()
    assert [line["fate"] for line in second] == ["accepted", "accepted"]
    assert again == first
    assert branch.names("results")[0].endswith(".result-2.csv")
    assert branch.answer().done == 0


def test_cells_that_a_spreadsheet_would_calculate_are_neutralised(branch: Branch) -> None:
    branch.put("=cmd.csv", as_csv([row("=HYPERLINK(1)", SKU="@SUM(1)")]))
    branch.take_in()
    ((line,),) = branch.answers()
    assert (line["file"], line["order"]) == ("'=cmd.csv", "'=HYPERLINK(1)")


def test_two_workers_on_one_folder_take_each_file_once(branch: Branch) -> None:
    branch.put("a.csv", as_csv([row(1)]))
    with branch.database.connect(autocommit=True) as other:
        assert received_files.hold_folder(other, source=SOURCE)
        assert branch.collect().new == 0
        assert branch.names("incoming") == ["a.csv"]
    assert branch.collect().new == 1


def test_a_run_that_lost_its_hold_stops_where_another_went_on(branch: Branch) -> None:
    branch.put("a.csv", as_csv([row(number) for number in range(10)]))
    branch.collect()
    (file,) = desk.ask(branch.database, "SELECT id, name, archived_as, sha256, size, profile, profile_version, records,"
                                        " state FROM received_file")  # fmt: skip
    stale = dataclasses.replace(received_files.ReceivedFile(**file), records=0)
    with branch.database.audited(desk.ACTOR) as (connection, trail), pytest.raises(TryAgainLater, match="Another run"):
        received_files.keep_records(connection, trail, stale, source=SOURCE, kind="order", begun=0, chunk=[])
    assert desk.ask(branch.database, "SELECT count(*)::int AS n FROM inbox") == [{"n": 10}]


def test_a_file_that_is_still_being_written_waits_for_the_next_run(tmp_path: Path, database: Database) -> None:
    branch = Branch(tmp_path, database, quiet_seconds=60)
    branch.put("growing.csv", as_csv([row(1)]))
    assert branch.collect().new == 0
    assert branch.names("incoming") == ["growing.csv"]
    assert desk.ask(database, "SELECT * FROM received_file") == []


def test_bytes_that_come_after_the_claim_are_named_to_the_sender(branch: Branch) -> None:
    class Latecomer(type(branch.folder)):  # type: ignore[misc]
        """A folder in which a sender goes on writing while SOMS reads."""

        def split(self, stream, profile):  # type: ignore[no-untyped-def]
            (path,) = (branch.root / "work").iterdir()
            with path.open("ab") as file:
                file.write(as_csv([row(2)]))
            return super().split(stream, profile)

    folder = Latecomer(**branch.folder.model_dump())
    folder.reads_profiles_from(branch.database)
    branch.put("a.csv", as_csv([row(1)]))
    branch.collect(folder)
    branch.judge()
    branch.answer()
    first, last = branch.answers_of("a.csv")
    assert (first["fate"], last["fate"]) == ("accepted", "refused")
    assert "still written to" in last["reason"]


def test_a_drop_folder_that_cannot_be_written_is_named_and_costs_nothing(tmp_path: Path, database: Database) -> None:
    with running_file_servers(tmp_path / "served") as servers:
        branch = Branch(servers.folder, database, url=servers.sftp_url, user=USER, password=PASSWORD,
                        host_key=servers.host_key)  # fmt: skip
        branch.put("a.csv", as_csv([row(1)]))
        servers.faults(writes="forbidden")
        with pytest.raises(Refused, match="right to read and write"):
            branch.collect()
        assert branch.names("incoming") == ["a.csv"]
        servers.faults()
        assert (branch.collect().new, branch.judge().accepted) == (1, 1)
        servers.faults(writes="full")
        assert (branch.answer().put_off, branch.names("results")) == (1, [])
        servers.faults()
        desk.change(database.url, "UPDATE effect SET due_at = now() WHERE kind = 'file.result'")
        assert (branch.answer().done, len(branch.names("results"))) == (1, 1)


@pytest.mark.parametrize("kind", ["ftp", "sftp"])
def test_a_server_that_cuts_a_file_in_the_middle_loses_nothing_and_doubles_nothing(
    tmp_path: Path, database: Database, kind: str
) -> None:
    with running_file_servers(tmp_path / "served") as servers:
        url, key = (servers.sftp_url, servers.host_key) if kind == "sftp" else (servers.ftp_url, "")
        branch = Branch(servers.folder, database, url=url, user=USER, password=PASSWORD, host_key=key)
        body = as_csv([row(number) for number in range(3000)])
        branch.put("big.csv", body)
        branch.put("small.csv", as_csv([row("small")]))
        servers.faults(cut_after=100_000)
        with pytest.raises(TryAgainLater):
            branch.collect()
        held = desk.ask(database, "SELECT name, state, records FROM received_file ORDER BY id")
        assert [tuple(each.values()) for each in held] == [("big.csv", "claimed", 0), ("small.csv", "read", 1)]
        servers.faults()
        assert branch.collect().new == 3000
        (archived,) = (path for path in (branch.root / "archive").iterdir() if "big" in path.name)
        assert archived.read_bytes() == body
        assert desk.ask(database, "SELECT sum(deliveries)::int AS n FROM inbox") == [{"n": 3001}]


def from_shop(branch: Branch, number: str) -> Order:
    """Return the shop's own order of what ``row(number)`` says, with all that a shop knows besides."""
    goods = an_order(lines=(a_line("LAMP", 1, "47.55"),), charges=())
    address = goods.billing_address.model_copy(update={"street": "Domstraße  1", "phone": "0221 1"})  # type: ignore[union-attr]
    return desk.numbered(goods, int(number), channel=branch.route.channel, billing_address=address, comment="Hello")


def test_t_ord_1_one_order_from_shop_and_files_again_and_again_is_one_order_with_every_repeat_logged(
    tmp_path: Path, database_url: stack.DatabaseUrls
) -> None:
    """T-ORD-1: by the shop's webhook twice and API, and in two files, with a restart between; one order, 4 repeats."""
    database = Database(database_url.app)
    branch = Branch(tmp_path, database, channel="berlin")
    order = from_shop(branch, "4711")
    for _ in range(2):
        desk.deliver(database, [desk.received(order)])
    assert desk.judge(database).accepted == 1
    branch.put("a.csv", as_csv([row("4711")]))
    assert branch.take_in().ignored == 1
    restarted = Branch(tmp_path / "again", database, channel="berlin", known=False)
    restarted.put("b.csv", as_csv([row("4711", **{"E-mail": ""})]))
    assert restarted.take_in().ignored == 1
    desk.deliver(database, [desk.received(order)])
    assert desk.judge(database).total == 0
    assert desk.ask(database, "SELECT count(*)::int AS n, min(version) AS v FROM sales_order") == [{"n": 1, "v": 1}]
    assert desk.ask(database, "SELECT count(*)::int AS n FROM effect WHERE kind = 'erp.sale'") == [{"n": 1}]
    logged = desk.ask(database, "SELECT kind FROM audit_event WHERE kind IN ('inbox.duplicate', 'order.duplicate')")
    assert len(logged) == 4
    assert [line["fate"] for line in branch.answers_of("a.csv")] == ["duplicate"]
    assert verify(Database(database_url.audit), tmp_path / "anchors").findings == ()


def test_an_order_known_from_files_is_not_booked_again_from_the_shop(tmp_path: Path, database: Database) -> None:
    branch = Branch(tmp_path, database, channel="berlin")
    branch.put("a.csv", as_csv([row("4711")]))
    assert branch.take_in().accepted == 1
    desk.deliver(database, [desk.received(from_shop(branch, "4711"))])
    assert desk.judge(database).ignored == 1
    assert len(desk.ask(database, "SELECT * FROM sales_order")) == 1


def test_a_file_that_contradicts_the_shop_is_put_aside_with_the_places(tmp_path: Path, database: Database) -> None:
    branch = Branch(tmp_path, database, channel="berlin")
    desk.deliver(database, [desk.received(from_shop(branch, "4711"))])
    desk.judge(database)
    branch.put("a.csv", as_csv([row("4711", Pieces="3", Zip="50667")]))
    assert branch.take_in().put_aside == 1
    (line,) = branch.answers_of("a.csv")
    assert (line["fate"], line["rules"]) == ("put aside", "ORD-SOURCES")
    assert all(place in line["reason"] for place in ("lines", "totals.total", "billing_address.postal_code"))
