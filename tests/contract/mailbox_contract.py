"""What every mailbox connector must do, as tests to be run against a real mail server.

A subclass gives two fixtures: ``server``, a running keeper of mails, and ``mailbox``, a connector to it.
"""

from datetime import UTC, datetime
from typing import Any

from blocks.documents.mails import Mail
from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Done
from blocks.systems.mailboxes.contract import Mailbox
from tests.sandbox import RunningSmtp

WRITTEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TEXT = "Grüße aus Köln 🙏\n\n.\n..Punkt am Anfang\nFrom here on\n" + "lang " * 400 + "\n"


def a_mail(number: int = 1, **changes: Any) -> Mail:
    """Return a mail under a key of its own."""
    fields = {
        "key": f"mail.confirmation:berlin:{number}", "to": "joerg@example.com", "to_name": "Jörg Weiß, Köln",
        "language": "de", "written_at": WRITTEN, "subject": f"Ihre Bestellung {number} über 12,80 €", "text": TEXT,
        "html": "<p>Grüße 🙏</p>",
    }  # fmt: skip
    return Mail.model_validate({**fields, **changes})


class HandOvers:
    """Notes which mails were about to go out."""

    def __init__(self) -> None:
        """Start with none."""
        self.keys: list[str] = []

    def __call__(self, mail: Mail) -> None:
        """Note one."""
        self.keys.append(mail.key)


class MailboxContract:
    """The tests."""

    def test_a_mail_arrives_whole_in_both_forms_and_is_announced_once(
        self, server: RunningSmtp, mailbox: Mailbox
    ) -> None:
        hand_over = HandOvers()
        (answer,) = mailbox.send([a_mail()], hand_over)
        assert isinstance(answer, Done)
        assert hand_over.keys == [a_mail().key]
        (kept,) = server.mails()
        assert kept["Message-ID"] == answer.reference
        assert kept["Subject"] == "Ihre Bestellung 1 über 12,80 €"
        assert kept["To"].addresses[0].display_name == "Jörg Weiß, Köln"
        assert kept["X-Envelope-To"] == "joerg@example.com"
        plain, html = kept.get_body(("plain",)), kept.get_body(("html",))
        assert plain is not None
        assert html is not None
        assert plain.get_content().replace("\r\n", "\n").strip() == TEXT.strip()
        assert "Grüße 🙏" in html.get_content()

    def test_the_same_key_always_has_the_same_message_id(self, server: RunningSmtp, mailbox: Mailbox) -> None:
        for mail in (a_mail(1), a_mail(1), a_mail(2)):
            mailbox.send([mail], HandOvers())
        first, again, other = (mail["Message-ID"] for mail in server.mails())
        assert first == again != other

    def test_a_batch_gets_one_answer_each_and_one_bad_address_holds_up_nobody(
        self, server: RunningSmtp, mailbox: Mailbox
    ) -> None:
        hand_over = HandOvers()
        answers = mailbox.send([a_mail(1), a_mail(2, to="jo@example.com\r\nBcc: all"), a_mail(3)], hand_over)
        assert [type(answer) for answer in answers] == [Done, Refused, Done]
        assert "jo@" not in str(answers[1])
        assert hand_over.keys == [a_mail(1).key, a_mail(3).key]
        assert len(server.messages()) == 2

    def test_no_text_from_outside_adds_a_header_or_a_recipient(self, server: RunningSmtp, mailbox: Mailbox) -> None:
        mailbox.send([a_mail(subject="Order\r\nBcc: all@example.com", to_name="A\nBcc: b@example.com")], HandOvers())
        (kept,) = server.mails()
        assert kept["Bcc"] is None
        assert kept["X-Envelope-To"] == "joerg@example.com"

    def test_what_is_put_off_was_not_sent_and_may_be_sent_again(self, server: RunningSmtp, mailbox: Mailbox) -> None:
        hand_over = HandOvers()
        for step in ("sender", "recipient", "message"):
            server.faults({"kind": "status", "at": step, "code": 451})
            (answer,) = mailbox.send([a_mail()], hand_over)
            assert isinstance(answer, TryAgainLater)
            server.faults({"kind": "cut", "at": step})
            (answer,) = mailbox.send([a_mail()], hand_over)
            assert isinstance(answer, TryAgainLater)
        assert (hand_over.keys, server.messages()) == ([], [])
        server.faults()
        assert isinstance(mailbox.send([a_mail()], hand_over)[0], Done)

    def test_what_the_server_puts_off_at_the_very_end_was_not_sent_either(
        self, server: RunningSmtp, mailbox: Mailbox
    ) -> None:
        server.faults({"kind": "status", "at": "kept", "code": 452, "keep": False})
        (answer,) = mailbox.send([a_mail()], HandOvers())
        assert isinstance(answer, TryAgainLater)
        assert server.messages() == []

    def test_what_is_refused_says_so_without_the_address(self, server: RunningSmtp, mailbox: Mailbox) -> None:
        server.faults({"kind": "status", "at": "recipient", "code": 550, "times": 1})
        refused, sent = mailbox.send([a_mail(1), a_mail(2)], HandOvers())
        assert isinstance(refused, Refused)
        assert "550" in str(refused)
        assert "joerg" not in str(refused)
        assert isinstance(sent, Done)

    def test_a_lost_answer_is_for_a_person_who_is_told_what_to_look_for(
        self, server: RunningSmtp, mailbox: Mailbox
    ) -> None:
        for keep in (True, False):
            server.faults({"kind": "cut", "at": "kept", "keep": keep, "times": 1})
            lost, after = mailbox.send([a_mail(1), a_mail(2)], HandOvers())
            assert isinstance(lost, Refused)
            assert "may have been sent already" in str(lost)
            assert isinstance(after, TryAgainLater)
        (kept,) = server.mails()
        assert kept["Message-ID"] in str(lost)

    def test_a_handover_that_is_not_allowed_keeps_the_mail_from_going_out(
        self, server: RunningSmtp, mailbox: Mailbox
    ) -> None:
        def no(_mail: Mail) -> None:
            raise Refused("Not now.")

        answers = mailbox.send([a_mail(1), a_mail(2)], no)
        assert isinstance(answers[0], Refused)
        assert server.messages() == []
