"""The HTTP client against real servers that misbehave on the wire."""

import gzip
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from blocks.errors import Refused, TryAgainLater, Unreadable
from blocks.systems.http import open_client, send


@contextmanager
def server(*pieces: bytes, tls: ssl.SSLContext | None = None, pause: threading.Event | None = None) -> Iterator[int]:
    """Answer every connection with the pieces, one after the other, then close it; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                    with tls.wrap_socket(connection, server_side=True) if tls else connection as open_connection:
                        open_connection.recv(65536)
                        for piece in pieces:
                            open_connection.sendall(piece)
                            if pause:
                                pause.wait(0.02)
                except ssl.SSLError:
                    continue
                except OSError:
                    if listening.fileno() < 0:
                        return

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    serving.join(5)


def answer(body: bytes, *headers: str, length: int | None = None) -> bytes:
    lines = [
        "HTTP/1.1 200 OK",
        f"Content-Length: {len(body) if length is None else length}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def test_an_answer_is_read_in_full_and_unpacked() -> None:
    body = gzip.compress("Grüße".encode())
    with server(answer(body, "Content-Encoding: gzip")) as port, open_client(f"http://127.0.0.1:{port}") as client:
        assert send(client, "GET", "x", system="Shop").text == "Grüße"


def test_a_packed_answer_that_unpacks_beyond_the_limit_is_unreadable() -> None:
    body = gzip.compress(b"0" * 1_000_000)
    assert len(body) < 2000
    with (
        server(answer(body, "Content-Encoding: gzip")) as port,
        open_client(f"http://127.0.0.1:{port}") as client,
        pytest.raises(Unreadable),
    ):
        send(client, "GET", "x", system="Shop", limit=100_000)


@pytest.mark.parametrize(
    "sent", [answer(b"half", length=8), answer(b"no gzip", "Content-Encoding: gzip"), b"", b"SSH-2.0-OpenSSH\r\n"]
)
@pytest.mark.parametrize(("method", "maybe"), [("GET", False), ("POST", True)])
def test_an_answer_cut_off_or_garbled_is_to_be_asked_for_again(sent: bytes, method: str, maybe: bool) -> None:
    with (
        server(sent) as port,
        open_client(f"http://127.0.0.1:{port}") as client,
        pytest.raises(TryAgainLater) as caught,
    ):
        send(client, method, "x", system="Shop", params={"email": "a@example.com"})
    assert caught.value.maybe_done is maybe
    assert "example.com" not in str(caught.value)


def test_an_answer_that_drips_in_is_given_up() -> None:
    head = answer(b"", length=10_000)
    with (
        server(head, *([b"x"] * 9_000), pause=threading.Event()) as port,
        open_client(f"http://127.0.0.1:{port}", timeout=0.1) as client,
        pytest.raises(TryAgainLater),
    ):
        send(client, "GET", "x", system="Shop")


def test_nothing_was_done_where_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with open_client(f"http://127.0.0.1:{port}") as client, pytest.raises(TryAgainLater) as caught:
        send(client, "POST", "x", system="Shop", json={})
    assert caught.value.maybe_done is False


def test_an_untrusted_certificate_is_refused(tmp_path: Path) -> None:
    with (
        server(answer(b"secret"), tls=_self_signed(tmp_path)) as port,
        open_client(f"https://127.0.0.1:{port}") as client,
        pytest.raises(Refused) as caught,
    ):
        send(client, "GET", "x", system="Shop")
    assert "certificate" in str(caught.value)


@pytest.mark.parametrize("address", ["ftp://shop.example", "shop.example", "http://shop.example:port"])
def test_an_address_that_cannot_work_is_refused(address: str) -> None:
    with pytest.raises(Refused), open_client(address) as client:
        send(client, "GET", "x", system="Shop")


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with server(answer(b"direct")) as port, open_client(f"http://127.0.0.1:{port}") as client:
        assert send(client, "GET", "x", system="Shop").text == "direct"


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
