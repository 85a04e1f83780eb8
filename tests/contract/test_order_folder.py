"""Order folders on disk, FTP and SFTP do the same: real servers, and each way in which they fail."""

import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from blocks.errors import Refused, TryAgainLater
from blocks.systems.folders.contract import OpenFolder
from blocks.systems.folders.order_folder import OrderFolder
from blocks.systems.folders.served_folder import settled
from blocks.systems.folders.servers import FileMissing
from deployments.sandbox.files import PASSWORD, USER
from tests.sandbox import RunningFileServers, running_file_servers

KINDS = ("file", "ftp", "sftp")
BODY = b"order;sku\r\n1;LAMP\r\n" * 50_000


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningFileServers]:
    with running_file_servers(tmp_path_factory.mktemp("served") / "room") as servers:
        yield servers


class Place:
    """One order folder and the disk it lies on."""

    def __init__(self, servers: RunningFileServers, kind: str) -> None:
        """Empty its folders and switch all faults off."""
        self.servers, self.kind = servers, kind
        self.root = servers.folder / "orders"
        for part in ("incoming", "work", "archive", "results"):
            (self.root / part).mkdir(parents=True, exist_ok=True)
            for left in (self.root / part).iterdir():
                left.unlink()
        servers.faults()

    def folder(self, **changes: Any) -> OrderFolder:
        urls = {"file": f"file://{self.root}", "ftp": self.servers.ftp_url, "sftp": self.servers.sftp_url}
        fields = {"url": urls[self.kind], "profile": "shop", "quiet_seconds": 0, "timeout": 5}
        if self.kind != "file":
            fields |= {"user": USER, "password": PASSWORD}
        if self.kind == "sftp":
            fields["host_key"] = self.servers.host_key
        return OrderFolder(**{**fields, **changes})

    @contextmanager
    def opened(self, **changes: Any) -> Iterator[OpenFolder]:
        with self.folder(**changes).opened() as place:
            yield place

    def put(self, name: str, body: bytes = BODY) -> Path:
        path = self.root / "incoming" / name
        path.write_bytes(body)
        return path

    def names(self, part: str) -> list[str]:
        return sorted(path.name for path in (self.root / part).iterdir())


@pytest.fixture(params=KINDS)
def place(served: RunningFileServers, request: pytest.FixtureRequest) -> Place:
    return Place(served, request.param)


@pytest.fixture(params=("ftp", "sftp"))
def remote(served: RunningFileServers, request: pytest.FixtureRequest) -> Iterator[Place]:
    yield Place(served, request.param)
    served.faults()


def fetched(opened: OpenFolder, claim: str) -> bytes:
    into = io.BytesIO()
    opened.fetch(claim, into)
    return into.getvalue()


def test_a_file_is_claimed_read_and_archived_unchanged(place: Place) -> None:
    place.put("orders.csv")
    with place.opened() as opened:
        assert [entry.name for entry in opened.waiting().ready] == ["orders.csv"]
        assert opened.claim("orders.csv", "c1.csv")
        assert (place.names("incoming"), place.names("work")) == ([], ["c1.csv"])
        assert fetched(opened, "c1.csv") == BODY
        opened.archive("c1.csv")
        assert (place.names("work"), (place.root / "archive" / "c1.csv").read_bytes()) == ([], BODY)


def test_every_step_may_be_taken_again(place: Place) -> None:
    place.put("orders.csv")
    for _ in range(2):
        with place.opened() as opened:
            assert opened.claim("orders.csv", "c1.csv")
    with place.opened() as opened:
        for _ in range(2):
            opened.archive("c1.csv")
        assert opened.claim("orders.csv", "c1.csv"), "An archived file was claimed by this very name."
        assert fetched(opened, "c1.csv") == BODY


def test_two_that_claim_one_file_do_not_both_have_it(place: Place) -> None:
    place.put("orders.csv")
    with place.opened() as first, place.opened() as second:
        assert [first.claim("orders.csv", "c1"), second.claim("orders.csv", "c2")] == [True, False]
    assert place.names("work") == ["c1"]


def test_what_is_still_being_written_or_is_none_of_ours_is_left_alone(place: Place) -> None:
    for name in ("a.csv.tmp", "b.csv.part", "c.csv.filepart", ".hidden.csv", "d.txt", "e.csv~", "f.csv.done", "g.csv"):
        place.put(name, b"x")
    (place.root / "incoming" / "folder.csv").mkdir()
    (place.root / "incoming" / "link.csv").symlink_to("/etc/hostname")
    try:
        with place.opened(pattern="*.csv") as opened:
            found = opened.waiting()
    finally:
        (place.root / "incoming" / "folder.csv").rmdir()
    if place.kind == "ftp":  # MLSD tells links as what they point at; reading one reads what its owner may read
        assert {entry.name for entry in found.ready} - {"link.csv"} == {"g.csv"}
    else:
        assert [entry.name for entry in found.ready] == ["g.csv"]


def test_a_name_no_path_should_be_made_of_is_named_and_left(place: Place) -> None:
    place.put("a\\b.csv", b"x")
    place.put("ok ü.csv", b"x")
    with place.opened() as opened:
        found = opened.waiting()
        assert [entry.name for entry in found.ready] == ["ok ü.csv"]
        assert [name for name, _ in found.refused] == ["a\\b.csv"]
        assert opened.claim("ok ü.csv", "c1")


def test_a_file_that_changed_a_moment_ago_waits_for_a_second_look(place: Place) -> None:
    path = place.put("growing.csv", b"1")
    settled_before = place.put("old.csv", b"1")
    os.utime(settled_before, (time.time() - 1000, time.time() - 1000))
    with place.opened(quiet_seconds=60) as opened:
        first = opened.waiting()
        assert "growing.csv" in {entry.name for entry in first.unsettled}
        path.write_bytes(b"12")
        assert "growing.csv" not in {entry.name for entry in settled(first, opened.waiting())}
        second = opened.waiting()
        assert {entry.name for entry in settled(second, opened.waiting())} == {"growing.csv", "old.csv"}


def test_a_done_marker_says_that_a_file_is_whole_and_leaves_with_it(place: Place) -> None:
    place.put("orders.csv")
    with place.opened(done_marker=True, quiet_seconds=60) as opened:
        assert opened.waiting().ready == ()
        place.put("orders.csv.done", b"")
        assert [entry.name for entry in opened.waiting().ready] == ["orders.csv"]
        assert opened.claim("orders.csv", "c1")
    assert (place.names("incoming"), place.names("archive")) == ([], ["c1.done"])


def test_an_answer_is_whole_from_the_moment_it_is_there_and_is_never_written_over(place: Place, tmp_path: Path) -> None:
    (tmp_path / "answer").write_bytes(BODY)
    with place.opened() as opened:
        assert opened.answer("c1.result.csv", tmp_path / "answer")
        (tmp_path / "answer").write_bytes(b"other")
        assert not opened.answer("c1.result.csv", tmp_path / "answer")
    assert place.names("results") == ["c1.result.csv"]
    assert (place.root / "results" / "c1.result.csv").read_bytes() == BODY


def test_a_half_written_answer_of_a_killed_worker_is_written_anew(place: Place, tmp_path: Path) -> None:
    (place.root / "results" / ".c1.result.csv.part").write_bytes(b"half")
    (tmp_path / "answer").write_bytes(BODY)
    with place.opened() as opened:
        assert opened.answer("c1.result.csv", tmp_path / "answer")
    assert place.names("results") == ["c1.result.csv"]
    assert (place.root / "results" / "c1.result.csv").read_bytes() == BODY


def test_what_is_not_there_is_missing_and_not_an_endless_wait(place: Place) -> None:
    with place.opened() as opened:
        assert not opened.claim("never.csv", "c1")
        with pytest.raises(FileMissing, match="put the file in once more"):
            opened.fetch("c1", io.BytesIO())
    with place.opened(incoming="nowhere") as opened, pytest.raises(FileMissing, match="nowhere"):
        opened.waiting()


def test_a_file_that_is_there_but_cannot_be_moved_is_tried_again_and_not_given_up(place: Place) -> None:
    place.put("orders.csv")
    (place.root / "work").rmdir()
    with place.opened() as opened:
        (place.root / "work").mkdir()
        opened.claim("never.csv", "c0")  # the folder is known to be there from here on
        (place.root / "work").rmdir()
        with pytest.raises(TryAgainLater, match="cannot be moved"):
            opened.claim("orders.csv", "c1")
    assert place.names("incoming") == ["orders.csv"]


def test_a_download_that_is_cut_in_the_middle_is_noticed_and_succeeds_later(remote: Place) -> None:
    remote.put("orders.csv")
    with remote.opened() as opened:
        opened.claim("orders.csv", "c1")
    remote.servers.faults(cut_after=300_000)
    with remote.opened() as opened, pytest.raises(TryAgainLater):
        opened.fetch("c1", io.BytesIO())
    remote.servers.faults()
    with remote.opened() as opened:
        assert fetched(opened, "c1") == BODY


@pytest.mark.parametrize(("writes", "kind"), [("full", TryAgainLater), ("forbidden", Refused)])
def test_a_server_that_stores_nothing_says_whether_it_may_pass(
    remote: Place, tmp_path: Path, writes: str, kind: type[Exception]
) -> None:
    (tmp_path / "answer").write_bytes(BODY)
    remote.servers.faults(writes=writes)
    with remote.opened() as opened, pytest.raises(kind):
        opened.answer("c1.result.csv", tmp_path / "answer")
    remote.servers.faults()
    assert "c1.result.csv" not in remote.names("results")


def test_a_wrong_password_is_for_a_person(remote: Place) -> None:
    with pytest.raises(Refused, match="password"), remote.opened(password="wrong"):
        pass


def test_a_server_that_does_not_answer_is_asked_later(remote: Place) -> None:
    url = f"{remote.kind}://127.0.0.1:1/orders"
    with pytest.raises(TryAgainLater, match=r"127\.0\.0\.1:1"), remote.opened(url=url):
        pass


OTHER_KEYS = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9",
)


@pytest.mark.parametrize("key", OTHER_KEYS, ids=("of another kind", "of the same kind"))
def test_an_sftp_server_with_another_host_key_is_refused(served: RunningFileServers, key: str) -> None:
    with pytest.raises(Refused, match="host key"), Place(served, "sftp").opened(host_key=key):
        pass


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"url": "sftp://host/orders", "host_key": ""}, "host_key is needed"),
        ({"url": "sftp://host/orders", "host_key": "AAAA"}, "ssh-keyscan"),
        ({"url": "ftp://ada:secret@host/orders"}, "fields of their own"),
        ({"url": "https://host/orders"}, "begins with"),
        ({"url": "file:///"}, "below the root"),
        ({"url": "file:///srv/../etc"}, "below the root"),
        ({"incoming": "../outside"}, "incoming"),
        ({"archive": "work"}, "four different"),
        ({"time_zone": "Mars"}, "time zone"),
    ],
)
def test_settings_that_cannot_work_are_refused_in_words(fields: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        OrderFolder(**{"url": "file:///srv/orders", "profile": "shop", **fields})


def test_a_full_disk_passes_and_a_folder_without_rights_does_not(served: RunningFileServers, tmp_path: Path) -> None:
    place = Place(served, "file")
    (tmp_path / "answer").write_bytes(BODY)
    full = Path("/dev/full")
    if full.exists():
        (place.root / "results" / ".c1.part").symlink_to(full)
        with place.opened() as opened, pytest.raises(TryAgainLater, match="full"):
            opened.answer("c1", tmp_path / "answer")
    (place.root / "taken").write_bytes(b"a file where a folder should be")
    with place.opened(results="taken") as opened, pytest.raises((Refused, TryAgainLater), match="taken"):
        opened.answer("c1", tmp_path / "answer")
    (place.root / "taken").unlink()
