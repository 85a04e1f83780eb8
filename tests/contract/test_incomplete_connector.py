"""Somebody from outside runs the contract suite over a connector that is not finished, and is told what it lacks."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.sandbox import HOUSE

UNFINISHED = """
from collections.abc import Sequence

import pytest

from blocks.documents.sales import SaleRequest
from blocks.systems.answers import Answer
from blocks.systems.erps.contract import Erp, ErpCapabilities
from tests.contract.erp_contract import ErpContract


class HalfErp(Erp):
    _block_type_slug = "half-erp"
    password: str = "open"

    @property
    def capabilities(self) -> ErpCapabilities:
        return ErpCapabilities(sales=True, stock_by_location=False, articles=False)

    def book_sales(self, requests: Sequence[SaleRequest]) -> list[Answer]:
        return []


class TestHalfErp(ErpContract):
    connector = HalfErp

    @pytest.fixture
    def erp(self) -> HalfErp:
        return HalfErp()
"""


def test_t_plt_3_the_suite_names_what_a_connector_lacks(tmp_path: Path) -> None:
    file = tmp_path / "test_half_erp.py"
    file.write_text(UNFINISHED)
    command = [sys.executable, "-m", "pytest", str(file), "--rootdir", str(tmp_path), "-p", "no:cacheprovider", "-vv"]
    environment = {**os.environ, "PYTHONPATH": str(HOUSE), "COLUMNS": "400"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    told = re.sub(r"\s+", " ", done.stdout)
    for gap in (
        "HalfErp lacks stock: write it as blocks.systems.erps.contract describes it.",
        "HalfErp lacks article_codes: write it",
        "HalfErp lacks find_sales: write it",
        "'half-erp' does not lead to HalfErp: add it to CONNECTORS in blocks/systems/registry.py.",
        "HalfErp has no docstring",
        "HalfErp.password has no description",
        "HalfErp.password is kept in plain text: make it a SecretStr.",
    ):
        assert gap in told, gap
    assert "HalfErp lacks book_sales" not in told
    assert "Can't instantiate abstract class HalfErp" in told
