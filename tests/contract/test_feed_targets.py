"""Receivers of stock feeds take a picture whole, in the place of the one before: folders, servers, web addresses."""

import hashlib
import threading
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from blocks.errors import Refused, TryAgainLater
from blocks.systems.feeds.contract import FeedFile
from blocks.systems.feeds.feed_endpoint import FeedEndpoint
from blocks.systems.feeds.feed_folder import FeedFolder
from deployments.sandbox.files import PASSWORD, USER
from tests.sandbox import RunningFileServers, running_file_servers

KINDS = ("file", "ftp", "sftp")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningFileServers]:
    with running_file_servers(tmp_path_factory.mktemp("served") / "room") as servers:
        yield servers


def picture(tmp_path: Path, body: bytes) -> FeedFile:
    path = tmp_path / "feed"
    path.write_bytes(body)
    digest = hashlib.sha256(body).hexdigest()
    return FeedFile("stock.csv", path, "text/csv; charset=utf-8", digest, "SOMS-feed-market-20270110T150000Z")


def target(servers: RunningFileServers, kind: str, **changes: Any) -> FeedFolder:
    urls = {"file": f"file://{servers.folder}/orders", "ftp": servers.ftp_url, "sftp": servers.sftp_url}
    fields: dict[str, Any] = {"url": urls[kind], "timeout": 5}
    if kind != "file":
        fields |= {"user": USER, "password": PASSWORD}
    if kind == "sftp":
        fields["host_key"] = servers.host_key
    return FeedFolder(**{**fields, **changes})


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_takes_the_place_of_the_one_before_and_nothing_unfinished_is_left(
    served: RunningFileServers, kind: str, tmp_path: Path
) -> None:
    root = served.folder / "orders"
    root.mkdir(exist_ok=True)
    target(served, kind).replace(picture(tmp_path, b"sku;quantity\r\nLAMP;3\r\n" * 50_000))
    target(served, kind).replace(picture(tmp_path, b"sku;quantity\r\nLAMP;2\r\n"))
    assert (root / "stock.csv").read_bytes() == b"sku;quantity\r\nLAMP;2\r\n"
    assert [path.name for path in root.iterdir() if path.name.endswith(".part")] == []


@pytest.mark.parametrize("kind", ["ftp", "sftp"])
def test_a_server_that_does_not_let_soms_in_is_for_a_person(
    served: RunningFileServers, kind: str, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="user"):
        target(served, kind, password="wrong").replace(picture(tmp_path, b"x"))


def test_a_folder_that_is_not_there_is_named(served: RunningFileServers, tmp_path: Path) -> None:
    with pytest.raises((Refused, TryAgainLater), match="nowhere"):
        target(served, "file", url=f"file://{tmp_path}/nowhere").replace(picture(tmp_path, b"x"))
    with pytest.raises(ValidationError, match="host_key"):
        FeedFolder(url="sftp://host/feeds")


class Receiver(ThreadingHTTPServer):
    """A web address that keeps what it is sent and answers as it is told."""

    def __init__(self) -> None:
        """Listen on a free port."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.requests = 204, list[tuple[str, dict[str, str], bytes]]()


class _Handler(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(server.status)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_web_address_is_sent_the_whole_picture_with_its_reference_and_digest(
    receiver: Receiver, tmp_path: Path
) -> None:
    body = b"sku;quantity\r\nLAMP;3\r\n" * 10_000
    endpoint = FeedEndpoint(url=f"http://127.0.0.1:{receiver.server_port}/stock?of=berlin", token="secret")
    endpoint.replace(picture(tmp_path, body))
    ((path, headers, sent),) = receiver.requests
    assert (path, sent == body) == ("/stock?of=berlin", True)
    assert headers["authorization"] == "Bearer secret"
    assert headers["idempotency-key"] == "SOMS-feed-market-20270110T150000Z"
    assert headers["content-digest"] == f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"
    assert headers["content-type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize(("status", "error"), [(503, TryAgainLater), (429, TryAgainLater), (403, Refused)])
def test_what_a_web_address_answers_says_what_to_do_next(
    receiver: Receiver, tmp_path: Path, status: int, error: type[Exception]
) -> None:
    receiver.status = status
    endpoint = FeedEndpoint(url=f"http://127.0.0.1:{receiver.server_port}/stock")
    with pytest.raises(error, match=f"{status}"):
        endpoint.replace(picture(tmp_path, b"x"))
