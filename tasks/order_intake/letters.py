"""Writes mails from templates: HTML and text, in the customer's language. Pure but for reading the templates."""

import textwrap
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from blocks.documents.mails import Mail
from tasks.order_intake.confirmation import Confirmation
from tasks.order_intake.wording import FOLDER, Wording

if TYPE_CHECKING:
    from jinja2 import Environment

WIDTH = 72
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Merchant:
    """Who writes; ``terms`` is what must stand below a confirmation, e.g. the right of withdrawal."""

    name: str
    imprint: str
    website: str = ""
    terms: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whom a mail goes to, the key it is known by, and when it was caused."""

    key: str
    to: str
    name: str
    written_at: datetime


def confirmation_mail(order: Confirmation, envelope: Envelope, merchant: Merchant, wording: Wording) -> Mail:
    """Return the mail that confirms an order."""
    words = wording.words["confirmation"]
    said = {"number": order.number, "merchant": merchant.name, "date": order.placed_on}
    return _mail("confirmation", envelope, merchant, wording, said, order=order, words=words, terms=merchant.terms)


def rejection_mail(
    number: str, rules: tuple[str, ...], envelope: Envelope, merchant: Merchant, wording: Wording
) -> Mail:
    """Return the mail that tells a customer why their order was not accepted.

    Args:
        number: The order's number as the customer knows it.
        rules: Ids of the rules it was put aside by; the customer reads sentences of their own language.
        envelope: Whom it goes to.
        merchant: Who writes.
        wording: The customer's language.
    """
    words = wording.words["rejection"]
    said = {"number": number, "merchant": merchant.name}
    return _mail("rejection", envelope, merchant, wording, said, reasons=reasons(rules, wording), words=words, terms="")


def reasons(rules: tuple[str, ...], wording: Wording) -> tuple[str, ...]:
    """Return what a customer is told of these rules, each sentence once; a suspicion is never told."""
    sentences = wording.words["rejection"]["reasons"]
    found = [_sentence(rule, sentences) for rule in rules] or [sentences[OTHER]]
    told = [sentence for sentence in dict.fromkeys(found) if sentence != sentences[OTHER]]
    return tuple(told or [sentences[OTHER]])


def _sentence(rule: str, sentences: dict[str, str]) -> str:
    known = [prefix for prefix in sentences if rule == prefix or rule.startswith((f"{prefix}-", f"{prefix}S"))]
    return sentences[max(known, key=len, default=OTHER)]


def _mail(
    template: str, envelope: Envelope, merchant: Merchant, wording: Wording, said: dict[str, str], **shown: Any
) -> Mail:
    words = wording.words[template]
    named = wording.words["greeting"].format(name=envelope.name)
    subject = words["subject"].format(**said)
    filled = {
        **shown,
        "subject": subject,
        "language": wording.language,
        "merchant": merchant,
        "title": words["title"],
        "preheader": words["preheader"].format(**said),
        "greeting": named if envelope.name else wording.words["greeting_unnamed"],
        "opening": words["opening"].format(**said),
        "closing": words["closing"],
        "regards": wording.words["closing"],
    }
    return Mail(
        key=envelope.key,
        to=envelope.to,
        to_name=envelope.name,
        language=wording.language,
        written_at=envelope.written_at,
        subject=subject,
        text=_templates().get_template(f"{template}.txt").render(filled),
        html=_templates().get_template(f"{template}.html").render(filled),
    )


@cache
def _templates() -> "Environment":
    """Return the templates: HTML escapes all it is given, and no template reaches beyond what it is given."""
    from jinja2 import FileSystemLoader, StrictUndefined, select_autoescape  # noqa: PLC0415 - only where a mail is due
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(("html",), default_for_string=False, default=False),
        undefined=StrictUndefined,
        keep_trailing_newline=False,
    )
    environment.filters |= {"columns": columns, "wrapped": wrapped}
    return environment


def columns(left: str, right: str) -> str:
    """Return two texts at both ends of a line, the right one below when there is no room."""
    room = WIDTH - len(left) - len(right)
    return f"{left}{' ' * room}{right}" if room > 0 else f"{wrapped(left)}\n{right:>{WIDTH}}"


def wrapped(text: str) -> str:
    """Return a text in lines of 72 characters, as plain mails have them."""
    return "\n".join(textwrap.wrap(text, WIDTH, break_long_words=False)) or text
