"""`soms extract`: one report for many files, each read in a worker that may die."""

import gzip
import json
import os
import signal

import pytest
from typer.testing import CliRunner

from blocks.errors import WrongUse
from blocks.standards.product_data import reading
from deployments import cli_extract
from tests.shop_pages import PAGES

INVOKE = CliRunner().invoke


def test_t_doc_12_files_of_every_kind_stand_in_one_report_in_their_order(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.html.gz").write_bytes(gzip.compress(PAGES["oxid"].html.encode()))
    (folder / "b.html").write_bytes(b"")
    (folder / "c.htm").write_text(PAGES["swedish"].html, encoding="utf-8")
    (folder / "d.pdf").write_bytes(b"%PDF-1.4 broken")
    out = folder / "report.json"
    answer = INVOKE(cli_extract.app, [str(folder), "--out", str(out), "--jobs", "2"])
    assert answer.exit_code == 0, answer.output
    files = json.loads(out.read_bytes())["files"]
    assert [entry["file"].rpartition("/")[2] for entry in files] == ["a.html.gz", "b.html", "c.htm", "d.pdf"]
    assert [entry["kind"] for entry in files] == ["page", "page", "page", "datasheet"]
    assert [entry["verdict"] for entry in files] == ["read", "unreadable", "read", "unreadable"]
    assert [len(entry["products"]) for entry in files] == [1, 0, 1, 0]
    assert (files[2]["products"][0]["price"], files[2]["products"][0]["currency"]) == ("1299", "SEK")
    assert all(entry["findings"] for entry in files if entry["verdict"] == "unreadable")
    again = INVOKE(cli_extract.app, [str(folder), "--out", str(out)])
    assert "4 files with 2 products: 2 read, 0 partly, 2 unreadable" in again.output


def test_a_file_that_ends_its_worker_is_unreadable_and_the_others_are_read(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(PAGES["swedish"].html, encoding="utf-8")
    lost = cli_extract._without_products(page, tmp_path / "entry.json", "The process that read it died.")
    entry = json.loads((tmp_path / "entry.json").read_bytes())
    assert (lost.verdict, entry["kind"], entry["products"]) == ("unreadable", "page", [])
    assert entry["findings"] == ["The process that read it died."]


@pytest.mark.parametrize(
    "arguments", [["nothing.html", "--out", "r.json"], [".", "--out", "."], [".", "--out", "no/such/r.json"]]
)
def test_wrong_use_is_told_in_a_sentence(tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    answer = INVOKE(cli_extract.app, arguments)
    assert isinstance(answer.exception, WrongUse)
    assert str(answer.exception).endswith(".")


def test_told_to_end_half_way_it_leaves_no_report_and_no_half_of_one(tmp_path, monkeypatch):
    def entries(files, _jobs, folder):
        yield cli_extract._without_products(files[0], folder / "0.json", "It is empty.")
        os.kill(os.getpid(), signal.SIGTERM)
        yield cli_extract._without_products(files[1], folder / "1.json", "It is empty.")

    monkeypatch.setattr(cli_extract, "_entries", entries)
    for name in ("a.html", "b.html"):
        (tmp_path / name).touch()
    answer = INVOKE(cli_extract.app, [str(tmp_path), "--out", str(tmp_path / "report.json")])
    assert answer.exit_code == 128 + signal.SIGTERM
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_a_pipe_is_no_file_of_product_data(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    answer = INVOKE(cli_extract.app, [str(tmp_path / "pipe"), "--out", str(tmp_path / "report.json")])
    assert isinstance(answer.exception, WrongUse)
    assert "is no file but a device or a pipe" in str(answer.exception)


def test_a_list_without_end_ends_after_the_most_products_and_says_so(monkeypatch):
    monkeypatch.setattr(reading, "MOST_PRODUCTS", 3)
    found = reading.read_product_file("list.csv", b"sku;name;preis\n" + b"1;Lampe;2,50\n" * 5)
    assert (len(found.products), str(found.verdict)) == (3, "partly")
    assert "more than 3 products; the rest was left out." in "".join(found.findings)
