"""The mail keeper keeps every message, whole, and sends none on."""

import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tests.sandbox import running_smtp


def test_every_message_is_kept_with_its_envelope(tmp_path: Path) -> None:
    with running_smtp(tmp_path) as mail:
        with smtplib.SMTP("127.0.0.1", mail.port) as client:
            for number in range(3):
                message = EmailMessage()
                message["Subject"], message["To"] = f"Bestellung {number} für Jürgen", "shown@example.com"
                message.set_content("Grüße 🙏\n.\n..Punkt am Anfang\n")
                client.send_message(message, "from@example.com", ["a@example.com", "hidden@example.org"])
        kept = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in mail.messages()]
        assert not list((mail.store / "tmp").iterdir())
    assert [message["Subject"] for message in kept] == [f"Bestellung {number} für Jürgen" for number in range(3)]
    assert kept[0]["X-Envelope-To"] == "a@example.com, hidden@example.org"
    assert kept[0]["X-Envelope-From"] == "from@example.com"
    assert kept[0].get_content().splitlines() == ["Grüße 🙏", ".", "..Punkt am Anfang"]


def test_messages_are_still_there_after_a_restart(tmp_path: Path) -> None:
    for number in (1, 2):
        with running_smtp(tmp_path) as mail:
            with smtplib.SMTP("127.0.0.1", mail.port) as client:
                client.sendmail("from@example.com", ["to@example.com"], f"Subject: {number}\r\n\r\nText")
            assert len(mail.messages()) == number
