"""What a file ERP exports is believed only when whole and fresh; the sandbox's program by itself."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from blocks.documents.sales import SaleRequest
from blocks.errors import Outstanding, Refused, Unreadable, Unsupported
from blocks.systems.answers import Done
from blocks.systems.erps.file_erp import FileErp
from deployments.sandbox import file_erp as program
from tests.contract.erp_contract import LINES, kinds, request_for
from tests.sandbox import HOUSE


@pytest.fixture
def theirs(tmp_path: Path) -> program.FileErp:
    return program.FileErp(tmp_path / "erp")


@pytest.fixture
def erp(theirs: program.FileErp) -> FileErp:
    return connected(theirs)


def connected(theirs: program.FileErp, **settings: Any) -> FileErp:
    return FileErp(folder=str(theirs.folder), **{"exports": "exports", **settings})


def test_exports_are_believed_only_when_whole_and_fresh(theirs: program.FileErp, erp: FileErp) -> None:
    place = theirs.folder / "exports" / "stock.csv"
    whole = place.read_bytes()
    lines = whole.splitlines(keepends=True)
    for body, says in (
        (b"".join(lines[:-1]), "does not end with a row END"),
        (b"".join(lines[:-2] + lines[-1:]), "export it anew"),
        (whole.replace(b"forecast", b"free", 1), "lacks the columns forecast"),
        (b"".join([lines[0], b"HOME-001;BER;BER-A;many;1\r\n", b"END;1;;;\r\n"]), "Row 2 of the export"),
        (b"\xff\xfe\x00", "cannot be read"),
    ):
        place.write_bytes(body)
        with pytest.raises(Unreadable, match=says):
            list(erp.stock())
    place.write_bytes(whole)
    os.utime(place, (time.time() - 30 * 3600,) * 2)
    with pytest.raises(Refused, match="30 hours old"):
        list(erp.stock())
    place.unlink()
    with pytest.raises(Refused, match=r"holds no stock\.csv"):
        list(erp.stock())


def test_an_erp_without_exports_says_by_name_what_it_cannot_do(theirs: program.FileErp) -> None:
    erp = connected(theirs, exports="")
    assert (erp.capabilities.stock_by_location, erp.capabilities.articles) == (False, False)
    with pytest.raises(Unsupported, match="exports no stock"):
        list(erp.stock())
    with pytest.raises(Unsupported, match="exports no articles"):
        erp.article_codes()


def test_the_program_itself_takes_answers_and_goes_wrong_on_demand(tmp_path: Path) -> None:
    folder = tmp_path / "erp"
    theirs = program.FileErp(folder)
    (folder / "faults.json").write_text(json.dumps([{"kind": "refuse", "match": "bad"}]))
    erp = connected(theirs)
    wanted: list[SaleRequest] = [request_for(), request_for(reference="bad-1", lines=LINES)]
    command = [sys.executable, "-m", "deployments.sandbox.file_erp", "--folder", str(folder), "--every", "0.05"]
    process = subprocess.Popen(command, cwd=HOUSE)
    try:
        deadline = time.monotonic() + 30
        answers = erp.book_sales(wanted)
        while any(isinstance(answer, Outstanding) for answer in answers) and time.monotonic() < deadline:
            time.sleep(0.05)
            answers = erp.book_sales(wanted)
    finally:
        process.terminate()
        process.wait(10)
    assert kinds(answers) == [Done, Refused]
