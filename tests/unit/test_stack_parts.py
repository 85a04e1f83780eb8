"""What the parts of the stack find in their environment, and the ports they get."""

import socket
from pathlib import Path

import pytest

from deployments.stack import parts, ports


def test_settings_for_another_prefect_do_not_reach_the_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT_API_URL", "https://prefect.example.com/api")
    monkeypatch.setenv("PREFECT_API_KEY", "secret")
    monkeypatch.setenv("PREFECT_LOGGING_LEVEL", "DEBUG")
    environment = parts.base_environment(tmp_path)
    assert not {"PREFECT_API_URL", "PREFECT_API_KEY"} & set(environment)
    assert environment["PREFECT_LOGGING_LEVEL"] == "DEBUG"
    assert parts.base_environment(tmp_path, foreign_prefect=True)["PREFECT_API_KEY"] == "secret"


def test_parts_may_keep_what_they_compile_and_share_no_folder_with_other_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    environment = parts.base_environment(tmp_path)
    assert "PYTHONDONTWRITEBYTECODE" not in environment
    assert Path(environment["TMPDIR"]).parent == tmp_path


def test_a_part_keeps_its_port_while_that_is_free_and_gets_another_when_it_is_not(tmp_path: Path):
    first = ports.port_for(tmp_path, "shop")
    assert ports.port_for(tmp_path, "shop") == first
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", first))
        somebody.listen()
        second = ports.port_for(tmp_path, "shop")
    assert second != first
    assert ports.port_for(tmp_path, "erp") != second
