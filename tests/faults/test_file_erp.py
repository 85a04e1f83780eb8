"""The file ERP under faults: killed at every step, two at once, folders that fail, answers cut, late or foreign."""

import errno
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from blocks.documents.sales import SaleLine, SaleLineKind
from blocks.errors import Outstanding, Refused, TryAgainLater
from blocks.systems.answers import Done
from blocks.systems.erps.file_erp import FileErp
from blocks.systems.erps.file_erp_sales import HEAD, as_csv, as_xml, handed_over, stem
from deployments.sandbox import file_erp as program
from tests.contract.erp_contract import HOME, TOTAL, kinds, request_for

SYSTEM_CALLS = ("open", "fsync", "link", "rename", "unlink")
"""What a hand-over does to its folders; a file is on the disk when it is synchronised, not when it is opened."""


@pytest.fixture
def theirs(tmp_path: Path) -> program.FileErp:
    return program.FileErp(tmp_path / "erp")


@pytest.fixture
def erp(theirs: program.FileErp) -> FileErp:
    return connected(theirs)


def connected(theirs: program.FileErp, **settings: Any) -> FileErp:
    return FileErp(folder=str(theirs.folder), **{"exports": "exports", **settings})


def names(theirs: program.FileErp, folder: str) -> list[str]:
    return sorted(path.name for path in (theirs.folder / folder).iterdir())


def in_a_child(work: Callable[[], None], dies_at: int, *, before: bool) -> bool:
    """Run ``work`` in a copy of this process that is killed at its n-th call to the system; tell whether it was."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    numbers = count()

    def dying(call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **options: Any) -> Any:
            number = next(numbers)
            if number == dies_at and before:
                os.kill(os.getpid(), signal.SIGKILL)
            result = call(*arguments, **options)
            if number == dies_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return called

    for name in SYSTEM_CALLS:
        setattr(os, name, dying(getattr(os, name)))
    try:
        work()
    finally:
        os._exit(0)


@pytest.mark.parametrize("taken_meanwhile", [False, True], ids=["erp idle", "erp takes what is there"])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_killed_at_any_step_and_run_again_there_is_one_file_per_sale(
    tmp_path: Path, *, before: bool, taken_meanwhile: bool
) -> None:
    for step in count():
        theirs = program.FileErp(tmp_path / f"erp-{step}")
        erp, wanted = connected(theirs), [request_for(), request_for()]
        killed = in_a_child(lambda: erp.book_sales(wanted), step, before=before)  # noqa: B023 - it ends within the turn
        if taken_meanwhile:
            theirs.work()
        erp.book_sales(wanted)
        theirs.work()
        assert kinds(erp.book_sales(wanted)) == [Done, Done]
        assert [len(theirs.files_of(request.reference)) for request in wanted] == [1, 1], f"killed at step {step}"
        if not killed:
            break
    assert step > 10


def test_two_at_once_hand_each_sale_over_once(theirs: program.FileErp, erp: FileErp) -> None:
    wanted, together = [request_for() for _ in range(20)], Barrier(4)

    def book(_: int) -> None:
        together.wait()
        erp.book_sales(wanted)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(book, range(4)))
    theirs.work()
    assert kinds(erp.book_sales(wanted)) == [Done] * 20
    assert [len(theirs.files_of(request.reference)) for request in wanted] == [1] * 20
    assert names(theirs, "orders") == []


def test_until_it_is_acknowledged_a_sale_is_outstanding_and_is_handed_over_once(
    theirs: program.FileErp, erp: FileErp
) -> None:
    wanted = request_for()
    for _ in range(3):
        (answer,) = erp.book_sales([wanted])
        assert isinstance(answer, Outstanding)
        assert "handed over, acknowledgement outstanding" in str(answer)
        assert answer.maybe_done
    assert names(theirs, "orders") == [f"{wanted.reference}.xml"]
    assert [sale.state for sale in erp.find_sales([wanted.reference])[wanted.reference]] == ["handed over"]
    theirs.work()
    (answer,) = erp.book_sales([wanted])
    assert isinstance(answer, Done)
    assert answer.adopted
    assert answer.facts == {
        "number": "F000001", "state": "confirmed", "total": "37.31", "rounding": "0.00",
        "file": f"{wanted.reference}.xml",
    }  # fmt: skip


def test_it_is_asked_again_ever_later_the_longer_it_waits(theirs: program.FileErp, erp: FileErp) -> None:
    wanted, waits = request_for(), []
    for hours in (0, 1, 48):
        erp.book_sales([wanted])
        then = time.time() - hours * 3600
        os.utime(theirs.folder / "sent" / f"{wanted.reference}.sale", (then, then))
        (answer,) = erp.book_sales([wanted])
        assert isinstance(answer, Outstanding)
        waits.append(round(answer.retry_after or 0.0, -1))
    assert waits == [0, 1800, 7200]


def test_an_acknowledgement_is_read_only_when_it_is_whole(theirs: program.FileErp) -> None:
    for file_format in ("xml", "csv"):
        erp, wanted = connected(theirs, format=file_format), request_for()
        erp.book_sales([wanted])
        theirs.faults = [program.Fault("cut")]
        theirs.work()
        (answer,) = erp.book_sales([wanted])
        assert isinstance(answer, Outstanding)
        assert "not whole" in str(answer)
        theirs.work()
        assert kinds(erp.book_sales([wanted])) == [Done]


def test_cut_anywhere_an_acknowledgement_is_never_taken_for_another(theirs: program.FileErp) -> None:
    for file_format in ("xml", "csv"):
        erp, wanted = connected(theirs, format=file_format), request_for()
        erp.book_sales([wanted])
        theirs.work()
        place = theirs.folder / "acknowledgements" / f"{wanted.reference}.{file_format}"
        whole = place.read_bytes()
        for length in range(len(whole.rstrip())):
            place.write_bytes(whole[:length])
            assert kinds(erp.book_sales([wanted])) == [Outstanding], whole[:length]
        place.write_bytes(whole)
        assert kinds(erp.book_sales([wanted])) == [Done]


def test_an_erp_that_is_slow_or_answers_twice_has_each_sale_once(theirs: program.FileErp, erp: FileErp) -> None:
    wanted = [request_for(), request_for()]
    theirs.faults = [program.Fault("slow", times=2), program.Fault("twice", times=2)]
    for expected in ([Outstanding] * 2, [Outstanding] * 2, [Done] * 2, [Done] * 2):
        assert kinds(erp.book_sales(wanted)) == expected
        theirs.work()
    assert [len(theirs.files_of(request.reference)) for request in wanted] == [1, 1]


def test_a_refusal_is_told_with_its_reason_and_a_retry_is_a_new_file(theirs: program.FileErp, erp: FileErp) -> None:
    wanted = request_for()
    theirs.faults = [program.Fault("refuse", times=2)]
    for _ in range(2):
        assert kinds(erp.book_sales([wanted])) == [Outstanding]
        theirs.work()
        (answer,) = erp.book_sales([wanted])
        assert isinstance(answer, Refused)
        assert "The books are closed" in str(answer)
        assert erp.find_sales([wanted.reference]) == {}
    erp.book_sales([wanted])
    theirs.work()
    assert kinds(erp.book_sales([wanted])) == [Done]
    assert names(theirs, "taken") == [f"{wanted.reference}{part}.xml" for part in (".2", ".3", "")]
    assert theirs.files_of(wanted.reference) == [f"{wanted.reference}.3.xml"]


@pytest.mark.parametrize(
    "reference", ["../../etc/passwd", "a/b\\c", "..", ".hidden", "x\x00y", "Grüße 你好", "n" * 4000, "a.2", "CON:1 *?"]
)
def test_a_reference_from_outside_never_builds_a_path(theirs: program.FileErp, erp: FileErp, reference: str) -> None:
    everywhere = {path for path in theirs.folder.parent.rglob("*") if path.is_dir()}
    wanted = request_for(reference=reference)
    assert kinds(erp.book_sales([wanted])) == [Outstanding]
    (name,) = names(theirs, "orders")
    assert not set(name.removesuffix(".xml")) & set("./\\\x00: *?")
    assert len(name) < 200
    assert {path for path in theirs.folder.parent.rglob("*") if path.is_dir()} == everywhere


def test_no_two_references_share_a_file_name() -> None:
    references = ["a", "A", "a.2", "a~2e2", "a/2", "a\\2", "ä", "a" * 121, "a" * 122, "a" * 120 + "b", "~", "~7e"]
    assert len({stem(reference) for reference in references}) == len(references)


def test_another_sale_or_another_total_under_the_name_is_never_adopted(theirs: program.FileErp, erp: FileErp) -> None:
    wanted = request_for()
    erp.book_sales([wanted])
    (answer,) = erp.book_sales([wanted.model_copy(update={"total": TOTAL + Decimal("0.01")})])
    assert isinstance(answer, Refused)
    assert "37.31 instead of 37.32" in str(answer)
    copy = theirs.folder / "sent" / f"{wanted.reference}.sale"
    copy.write_bytes(as_xml(request_for(), "m"))
    (answer,) = erp.book_sales([wanted])
    assert isinstance(answer, Refused)
    assert "is another sale" in str(answer)


def test_a_file_without_a_copy_is_adopted_where_it_lies(theirs: program.FileErp) -> None:
    erp = connected(theirs, taken="taken")
    in_drop, taken, answered = (request_for() for _ in range(3))
    for request, work in ((answered, True), (taken, True), (in_drop, False)):
        erp.book_sales([request])
        if work:
            theirs.work()
    (theirs.folder / "acknowledgements" / f"{taken.reference}.xml").unlink()
    (theirs.folder / "taken" / f"{answered.reference}.xml").unlink()
    for copy in (theirs.folder / "sent").iterdir():
        copy.unlink()
    assert kinds(erp.book_sales([in_drop, taken, answered])) == [Outstanding, Outstanding, Done]
    theirs.work()
    assert [len(theirs.files_of(request.reference)) for request in (in_drop, taken, answered)] == [1, 1, 1]


def test_a_changed_format_hands_nothing_over_again(theirs: program.FileErp, erp: FileErp) -> None:
    wanted = request_for()
    erp.book_sales([wanted])
    other = connected(theirs, format="csv")
    assert kinds(other.book_sales([wanted])) == [Outstanding]
    theirs.work()
    assert kinds(other.book_sales([wanted])) == [Done]
    assert names(theirs, "taken") == [f"{wanted.reference}.xml"]


def test_a_foreign_file_of_the_same_name_is_never_overwritten(theirs: program.FileErp, erp: FileErp) -> None:
    wanted = request_for()
    foreign = theirs.folder / "orders" / f"{wanted.reference}.xml"
    foreign.write_bytes(b"not ours")
    assert kinds(erp.book_sales([wanted, request_for()])) == [Refused, Outstanding]
    assert foreign.read_bytes() == b"not ours"


@pytest.mark.parametrize("folder", ["orders", "sent", "acknowledgements"])
def test_a_folder_that_is_gone_leaves_every_sale_for_later_and_none_twice(
    theirs: program.FileErp, erp: FileErp, folder: str
) -> None:
    wanted = [request_for(), request_for()]
    erp.book_sales(wanted[:1])
    (theirs.folder / folder).rename(theirs.folder / "away")
    answers = erp.book_sales(wanted)
    assert kinds(answers) == [TryAgainLater, TryAgainLater]
    assert f"{folder} of the file ERP could not be opened" in str(answers[0])
    (theirs.folder / "away").rename(theirs.folder / folder)
    erp.book_sales(wanted)
    theirs.work()
    assert kinds(erp.book_sales(wanted)) == [Done, Done]
    assert [len(theirs.files_of(request.reference)) for request in wanted] == [1, 1]


@pytest.mark.parametrize(
    ("number", "expected", "says"),
    [(errno.ENOSPC, TryAgainLater, "is full"), (errno.EROFS, Refused, "right to read and write")],
)
@pytest.mark.parametrize("call", ["fsync", "link", "rename"])
def test_a_full_or_forbidden_folder_is_told_with_its_remedy_and_leaves_no_rubbish(
    theirs: program.FileErp, erp: FileErp, monkeypatch: pytest.MonkeyPatch, *, number: int, expected: type, says: str,
    call: str,
) -> None:  # fmt: skip
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    wanted = [request_for(), request_for()]
    with monkeypatch.context() as patched:
        patched.setattr(os, call, fail)
        answers = erp.book_sales(wanted)
    assert kinds(answers) == [expected, expected]
    assert says in str(answers[0])
    erp.book_sales(wanted)
    theirs.work()
    assert kinds(erp.book_sales(wanted)) == [Done, Done]
    assert [len(theirs.files_of(request.reference)) for request in wanted] == [1, 1]


def test_what_a_killed_worker_left_behind_is_cleared_away_after_a_day(theirs: program.FileErp, erp: FileErp) -> None:
    old, young = (theirs.folder / "orders" / f".{name}.xml.m.part" for name in ("old", "young"))
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 90000,) * 2)
    erp.book_sales([request_for()])
    assert [path.exists() for path in (old, young)] == [False, True]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\x00\xff", b"<", b"<a/>", b"reference;outcome\n", b"reference;outcome\nx;accepted\n",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Acknowledgement reference="&x;" outcome="refused"/>',
        b"<a>" * 100_000, b'<Acknowledgement reference="R" outcome="accepted" number="1" total="1e999999"/>',
        b'<Acknowledgement reference="someone else\'s" outcome="accepted" number="1" total="37.31"/>',
        b'<?xml version="1.0" encoding="klingon"?><Acknowledgement/>', b"\xff\xfe<\x00a\x00",
    ],
)  # fmt: skip
def test_whatever_lies_in_the_acknowledgements_no_sale_is_doubled_or_lost(
    theirs: program.FileErp, erp: FileErp, body: bytes
) -> None:
    wanted = request_for()
    erp.book_sales([wanted])
    (theirs.folder / "acknowledgements" / f"{wanted.reference}.xml").write_bytes(body)
    assert kinds(erp.book_sales([wanted])) == [Outstanding]
    theirs.work()
    assert kinds(erp.book_sales([wanted])) == [Done]


def test_formulas_in_a_csv_are_texts_and_control_characters_break_no_xml() -> None:
    hostile = HOME.model_copy(update={"company": '=HYPERLINK("http://x")', "city": "+1", "street": "x\x00\x0by"})
    line = SaleLine(
        kind=SaleLineKind.GOODS, sku="@SUM(1)", text="-2+3", quantity=1, unit_net=Decimal("-2.5"), tax_rate=None
    )
    request = request_for(invoice_address=hostile, lines=(line,), total=Decimal("-2.5"))
    sale = program.read_csv(as_csv(request, "m", ";"))
    assert (sale.lines[0]["sku"], sale.lines[0]["text"]) == ("'@SUM(1)", "'-2+3")
    assert sale.lines[0]["invoice_company"] == '\'=HYPERLINK("http://x")'
    assert sale.cities[0] == "'+1"
    assert sale.lines[0]["unit_net"] == "-2.5"
    root = ET.fromstring(as_xml(request, "m"))  # noqa: S314 - our own
    assert root.findtext("InvoiceAddress/company") == '=HYPERLINK("http://x")'
    assert root.findtext("InvoiceAddress/street") == "x\ufffd\ufffdy"


@pytest.mark.parametrize("file_format", ["xml", "csv"])
def test_the_sums_let_the_receiver_check_and_read_back_as_they_were(file_format: str) -> None:
    request = request_for(total=TOTAL + Decimal("0.03"))
    body = as_xml(request, "m1") if file_format == "xml" else as_csv(request, "m1", ",")
    sale = program.read(body)
    assert (sale.total, sale.stated, sale.rounding) == (Decimal("37.34"), Decimal("37.34"), "0.03")
    copy = handed_over(body)
    assert (copy.reference, copy.message, copy.total) == (request.reference, "m1", Decimal("37.34"))
    head = program.read_csv(body).lines[0] if file_format == "csv" else dict(ET.fromstring(body).attrib)  # noqa: S314
    assert [head[name] for name in HEAD[5:]] == ["4", "32.36", "4.95", "0.03", "37.34"]
