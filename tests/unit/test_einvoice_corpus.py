"""Whole e-invoices of other makers, where they are at hand: every one reads; UBL written from it reads the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from blocks.standards.en16931.reading import Syntax, read_einvoice
from blocks.standards.en16931.ubl_tree import Surplus
from blocks.standards.en16931.ubl_writing import write
from tests.unit.test_ubl import schema_errors

CORPUS = Path(__file__).parents[3] / "shared/corpora/en16931"
pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus ../shared/corpora/en16931 is not here")


def _documents(syntax: str, *, valid: bool) -> list[tuple[str, bytes]]:
    entries: list[dict[str, Any]] = json.loads((CORPUS / "manifest.json").read_text())["docs"]
    chosen = [entry["file"] for entry in entries if (entry["syntax"], entry["valid"]) == (syntax, valid)]
    return [(name, (CORPUS / name).read_bytes()) for name in chosen]


def test_t_doc_1_every_ubl_document_even_an_invalid_one_reads():
    for name, data in _documents("UBL", valid=False):
        syntax, invoice, _ = read_einvoice(data)
        assert syntax is Syntax.UBL, name
        assert invoice.lines, name


def test_t_doc_1_valid_ubl_survives_reading_writing_and_reading():
    failed = {}
    for name, data in _documents("UBL", valid=True):
        _, invoice, defects = read_einvoice(data)
        written, not_held = write(invoice)
        _, again, _ = read_einvoice(written)
        wrong = [defect for defect in defects if not isinstance(defect, Surplus)]
        if again != invoice or not_held or schema_errors(written):
            failed[name] = (not_held, wrong, schema_errors(written))
    # One document that its makers call valid gives a day that no calendar has, so it has no issue date.
    assert [wrong[0].text[:12] for _, wrong, _ in failed.values()] == ["'2026-02-31'"]
