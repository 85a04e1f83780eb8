"""The SMTP mailbox: the contract, encryption and sign-in, servers that are slow, away or not whom they say."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Done
from blocks.systems.mailboxes.smtp import SmtpMailbox
from tests.contract.mailbox_contract import HandOvers, MailboxContract, a_mail
from tests.sandbox import RunningSmtp, free_port, running_smtp


def a_mailbox(port: int, **changes: Any) -> SmtpMailbox:
    fields = {
        "host": "127.0.0.1", "port": port, "security": "none", "sender": "orders@example.com", "timeout": 30,
        "answer_timeout": 30, "merchant": "Lampenhaus", "imprint": "Lampenhaus GmbH",
    }  # fmt: skip
    return SmtpMailbox.model_validate({**fields, **changes})


class TestSmtpMailbox(MailboxContract):
    """The contract against the sandbox's mail server."""

    @pytest.fixture(scope="class")
    def running(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSmtp]:
        with running_smtp(tmp_path_factory.mktemp("smtp")) as server:
            yield server

    @pytest.fixture
    def server(self, running: RunningSmtp) -> RunningSmtp:
        running.faults()
        for message in running.messages():
            message.unlink()
        return running

    @pytest.fixture
    def mailbox(self, server: RunningSmtp) -> SmtpMailbox:
        return a_mailbox(server.port)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a PEM file with a key and a certificate of our own for 'localhost'."""
    pem = tmp_path_factory.mktemp("tls") / "server.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*command, "-keyout", f"{pem}.key", "-out", str(pem)], check=True, capture_output=True)
    pem.with_name("both.pem").write_text(Path(f"{pem}.key").read_text() + pem.read_text())
    return pem.with_name("both.pem")


@pytest.fixture
def guarded(tmp_path: Path, certificate: Path) -> Iterator[RunningSmtp]:
    """Return a mail server that wants STARTTLS and a user."""
    with running_smtp(tmp_path, options=["--tls", str(certificate), "--user", "soms:secret"]) as server:
        yield server


def test_a_mail_goes_out_encrypted_and_signed_in(guarded: RunningSmtp, certificate: Path) -> None:
    trusted = "".join(certificate.read_text().partition("-----BEGIN CERTIFICATE-----")[1:])
    access = {"host": "localhost", "security": "starttls", "trusted_certificates": trusted, "user": "soms"}
    right, wrong = (a_mailbox(guarded.port, **access, password=password) for password in ("secret", "guess"))
    assert isinstance(right.send([a_mail()], HandOvers())[0], Done)
    (answer,) = wrong.send([a_mail()], HandOvers())
    assert isinstance(answer, Refused)
    assert "535" in str(answer)
    assert "guess" not in str(answer)
    assert len(guarded.messages()) == 1


def test_a_server_that_is_not_whom_it_says_gets_nothing(guarded: RunningSmtp, certificate: Path) -> None:
    stranger = a_mailbox(guarded.port, host="localhost", security="starttls")
    (answer,) = stranger.send([a_mail()], HandOvers())
    assert isinstance(answer, Refused)
    assert "not trusted" in str(answer)
    trusted = "".join(certificate.read_text().partition("-----BEGIN CERTIFICATE-----")[1:])
    other_name = a_mailbox(guarded.port, host="127.0.0.1", security="starttls", trusted_certificates=trusted)
    assert isinstance(other_name.send([a_mail()], HandOvers())[0], Refused)


def test_a_server_without_encryption_gets_nothing_where_encryption_is_asked_for(tmp_path: Path) -> None:
    with running_smtp(tmp_path) as server:
        (answer,) = a_mailbox(server.port, security="starttls").send([a_mail()], HandOvers())
        assert isinstance(answer, Refused)
        (answer,) = a_mailbox(server.port, security="tls").send([a_mail()], HandOvers())
        assert isinstance(answer, TryAgainLater)
        assert server.messages() == []


def test_a_server_that_is_away_is_tried_again_later() -> None:
    answers = a_mailbox(free_port()).send([a_mail(1), a_mail(2)], HandOvers())
    assert [type(answer) for answer in answers] == [TryAgainLater, TryAgainLater]


def test_an_answer_that_does_not_come_in_time_is_a_lost_one_only_at_the_end(tmp_path: Path) -> None:
    with running_smtp(tmp_path) as server:
        server.faults({"kind": "slow", "at": "recipient", "seconds": 3, "times": 1})
        (answer,) = a_mailbox(server.port, timeout=0.3).send([a_mail()], HandOvers())
        assert isinstance(answer, TryAgainLater)
        server.faults({"kind": "slow", "at": "kept", "seconds": 3, "times": 1})
        (answer,) = a_mailbox(server.port, answer_timeout=0.3).send([a_mail()], HandOvers())
        assert isinstance(answer, Refused)
        assert "may have been sent already" in str(answer)


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "smtp.example.com", "security": "none"},
        {"sender": ""},
        {"sender": "orders"},
        {"reply_to": "a@example.com, b@example.com"},
        {"website": "javascript:alert(1)"},
    ],
)
def test_a_mailbox_that_cannot_work_or_would_leak_is_not_saved(changes: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        a_mailbox(25, **changes)
