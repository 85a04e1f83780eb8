"""Writes what suppliers are told of their invoices, and people reminded of. Pure but for reading the templates."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blocks.documents.invoice_verdicts import Gravity, InvoiceFinding
from blocks.documents.invoices import Invoice
from blocks.documents.mails import Mail

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).with_name("mail")
WIDTH = 72
MOST_REASONS = 20
GERMAN = frozenset({"DE", "AT", "CH", "LI", "LU"})
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the merchant's name and what a business letter must say of it."""

    name: str
    imprint: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The invoice that is written about."""

    number: str
    issued_on: date | None
    gross: Decimal | None
    currency: str
    order: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whom a mail goes to, in which language, the key it is known by, and when it was caused."""

    key: str
    to: str
    name: str
    language: str
    written_at: datetime


def answer_mail(
    what: str,
    invoice: Subject,
    reasons: Sequence[str],
    envelope: Envelope,
    sender: Sender,
    *,
    more: Mapping[str, Any] | None = None,
    until: date | None = None,
) -> Mail:
    """Return the mail that says why an invoice was rejected, asks about it, or reminds of it.

    Args:
        what: 'rejected', 'asked' or 'reminded'.
        invoice: The invoice.
        reasons: What is said, sentence by sentence.
        envelope: Whom it goes to.
        sender: Who writes.
        more: What a reminder names beside the number: ``id, supplier, limit``.
        until: The day until which it must be decided.
    """
    language = envelope.language
    words = _words(language)
    own = words[what]
    said = {name: " ".join(str(value).split()) for name, value in (more or {}).items()}
    said |= {"number": " ".join(invoice.number.split()) or "?", "until": _day(until, words) if until else ""}
    filled = {
        "language": language,
        "words": words,
        "subject": own["subject"].format(**said),
        "title": own["title"],
        "opening": own["opening"].format(**said),
        "closing": own["closing"].format(**said),
        "reasons": tuple(reasons) or (own.get("nothing", ""),),
        "facts": tuple(_facts(invoice, words, language)),
        "merchant": sender.name,
        "imprint": sender.imprint,
    }
    return Mail(
        key=envelope.key,
        to=envelope.to,
        to_name=envelope.name,
        language=language,
        written_at=envelope.written_at,
        subject=filled["subject"],
        text=_templates().get_template("answer.txt").render(filled),
        html=_templates().get_template("answer.html").render(filled),
    )


def reasons(what: str, remark: str, findings: Sequence[InvoiceFinding], language: str) -> tuple[str, ...]:
    """Return what a supplier is told, each sentence once: the person's own words, and for a rejection what was wrong.

    What was noticed of the account is never told: it could help whoever forged the invoice. In a reminder, which stays
    in the house, it is.
    """
    told = [remark] if remark else []
    if what != "asked":
        wrong = [
            one
            for one in findings
            if one.gravity is Gravity.FATAL and (what == "reminded" or "account" not in one.rule)
        ]
        told += [(one.text_de if language == "de" else "") or one.text for one in wrong[:MOST_REASONS]]
    return tuple(dict.fromkeys(told))


def language_of(invoice: Invoice) -> str:
    """Return the language to write to a supplier in, by where it is; German where nothing says so."""
    seller = invoice.seller
    country = (seller.address.country if seller.address else "") or seller.vat_id[:2]
    return "de" if country.strip().upper() in GERMAN or not country else "en"


def _facts(invoice: Subject, words: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    found = [(words["number"], invoice.number)]
    if invoice.issued_on:
        found.append((words["issued"], _day(invoice.issued_on, words)))
    if invoice.gross is not None:
        figures = f"{invoice.gross:,.2f}"
        if language == "de":
            figures = figures.translate(str.maketrans(",.", ".,"))
        found.append((words["amount"], f"{figures} {invoice.currency}"))
    if invoice.order:
        found.append((words["order"], invoice.order))
    return [(label, value) for label, value in found if value]


def _day(day: date, words: Mapping[str, Any]) -> str:
    parts = {"day": day.day, "month": day.month, "month_name": _MONTHS[day.month - 1], "year": day.year}
    return str(words["date"].format(**parts))


@cache
def _words(language: str) -> Mapping[str, Any]:
    import yaml  # noqa: PLC0415 - only where a mail is due

    found: Mapping[str, Any] = yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    return found


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
    environment.filters["wrapped"] = _wrapped
    return environment


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False))
