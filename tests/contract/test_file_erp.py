"""The file ERP against a real program that works through folders, as XML and as CSV."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from blocks.errors import TryAgainLater
from blocks.systems.erps.file_erp import FileErp
from blocks.systems.erps.file_erp_folders import Folder
from deployments.sandbox import file_erp as program
from tests.contract.erp_contract import ErpContract

STEPS = ("write", "place", "rename")


@pytest.fixture(scope="module", params=["xml", "csv"])
def file_format(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory, file_format: str) -> program.FileErp:
    return program.FileErp(tmp_path_factory.mktemp(f"erp-{file_format}"))


def connected(theirs: program.FileErp, **settings: Any) -> FileErp:
    return FileErp(folder=str(theirs.folder), **{"exports": "exports", "taken": "taken", **settings})


class TestFileErp(ErpContract):
    connector = FileErp

    @pytest.fixture
    def erp(self, theirs: program.FileErp, file_format: str) -> FileErp:
        return connected(theirs, format=file_format)

    @pytest.fixture
    def let_work(self, theirs: program.FileErp) -> Callable[[], None]:
        return lambda: theirs.work() and None

    @pytest.fixture
    def count_parties(self, theirs: program.FileErp) -> Callable[[list[str]], dict[str, int]]:
        return lambda codes: {code: theirs.parties().count(code) for code in codes}

    @pytest.fixture(params=STEPS)
    def erp_losing_answers(self, erp: FileErp, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
        @contextmanager
        def losing() -> Iterator[FileErp]:
            done: list[Any] = []
            step = getattr(Folder, request.param)

            def lost(folder: Folder, *arguments: Any) -> Any:
                done.append(step(folder, *arguments))
                raise TryAgainLater("The share did it and did not say so.")

            with monkeypatch.context() as patched:
                patched.setattr(Folder, request.param, lost)
                yield erp
            assert len(done) == 1

        return losing()
