"""Hands converted invoices over: into a folder, looked up there by name, or by mail, noted before it is out."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from prefect.runtime import flow_run

from blocks.database import conversions, effects
from blocks.database.audit import Actor
from blocks.database.conversions_in_force import in_force
from blocks.database.effect_delivery import Delivery
from blocks.documents.conversions import Conversion, Outcome
from blocks.documents.mails import Attachment, Mail, mail_id
from blocks.errors import Refused, SomsError
from blocks.systems.answers import Answer, Done
from blocks.systems.invoices.contract import Output, TakesInvoices
from blocks.systems.limits import Limits, limits_of
from blocks.systems.registry import is_kind, load_system
from blocks.worker_pool import limited
from tasks.edi_conversion.booking import DELIVERY, PROCESS
from tasks.edi_conversion.writing import write

if TYPE_CHECKING:
    from blocks.database.engine import Connection, Database
    from blocks.documents.invoices import Invoice
    from blocks.systems.mailboxes.contract import Mailbox

MOST_SENTENCES = 20
WITH_ORIGINAL = "zugferd"
"""The form that the original goes into."""
CONTENT_TYPES = {
    ".json": "application/json", ".xml": "application/xml", ".pdf": "application/pdf", ".edi": "application/edifact",
}  # fmt: skip
MAYBE_SENT = (
    "This invoice may have been sent already: a worker ended just when it was handed over. Look in the mail log for a"
    " Message-ID that begins with {id}; then abandon this call if it is there, or retry it if it is not."
)


def deliver(database: "Database", claimed: Sequence[effects.Claimed]) -> list[Answer]:
    """Write each invoice in its form and hand it over; one answer per call, in order."""
    target = load_system(claimed[0].system)
    by_mail = is_kind(claimed[0].system, "mailboxes")
    if not by_mail and not hasattr(target, "put"):
        wrong = Refused(f"'{claimed[0].system}' takes no invoices: name an invoice-folder or a mailbox.")
        return [wrong] * len(claimed)
    made = _made(database, claimed)
    ready = [(effect, each) for effect, each in zip(claimed, made, strict=True) if isinstance(each, _Made)]
    if not ready:
        answers: list[Answer] = []
    elif by_mail:
        answers = _send(database, target, ready)
    else:
        answers = _put(database, target, ready)
    told = iter([_with_facts(answer, each) for answer, (_, each) in zip(answers, ready, strict=True)])
    return [each if isinstance(each, Refused) else next(told) for each in made]


@dataclass(frozen=True, slots=True)
class _Made:
    """An invoice as it is handed over, whose it is, and what its form cannot hold."""

    output: Output
    number: str
    seller: str
    not_held: Sequence[str]


def _made(database: "Database", claimed: Sequence[effects.Claimed]) -> "list[_Made | Refused]":
    """Return the invoice of each call in its form, as its approved corrections leave it; or why it must not go.

    Where the original goes into the result, it is opened by a worker process that may die: it comes from outside.
    """
    with database.connect() as connection:
        found = in_force(connection, [int(effect.payload["conversion"]) for effect in claimed])
        return [_made_one(connection, found, effect) for effect in claimed]


def _made_one(
    connection: "Connection", found: "Mapping[int, tuple[dict[str, Any], Invoice]]", effect: effects.Claimed
) -> "_Made | Refused":
    number, form = int(effect.payload["conversion"]), str(effect.payload["form"])
    row, invoice = found[number]
    if row["outcome"] not in {"proven", "released"}:
        return Refused(f"Conversion {number} is {row['outcome']}: it goes nowhere. Abandon this call.")
    places = json.loads(row["provenance"]) if form == "json" else {}
    told = Conversion(file=row["file_name"], outcome=Outcome.PROVEN, invoice=invoice, provenance=places)
    original = conversions.body(connection, row["inbox_id"]) if form == WITH_ORIGINAL else b""
    try:
        written = limited(partial(write, original=original), told, form) if original else write(told, form)
    except SomsError as error:
        return Refused(f"Conversion {number} was not handed over. {error}")
    if not written.content or written.conversion.outcome is not Outcome.PROVEN:
        return Refused(f"Conversion {number} was not handed over. {' '.join(written.conversion.reasons)}")
    name = output_name(row["file_name"], row["sha256"], row["part"], written.suffix)
    output = Output(f"conversion/{number}", name, written.content, CONTENT_TYPES[written.suffix])
    return _Made(output, invoice.number, invoice.seller.name, written.conversion.not_held)


def output_name(name: str, sha256: str, part: int, suffix: str) -> str:
    """Return what a converted file is called: what is harmless of its own name, and the digest of its bytes."""
    stem = name.rpartition(".")[0] or name
    label = re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-")[:60].rstrip("-") or "invoice"
    return f"{label}-{sha256[:16]}{f'-{part}' if part > 1 else ''}{suffix}"


def _with_facts(answer: Answer, made: _Made) -> Answer:
    """Return the answer with what the form cannot hold, so that it is told and not dropped."""
    if not isinstance(answer, Done) or not made.not_held:
        return answer
    facts = {**answer.facts, "not_held": list(made.not_held[:MOST_SENTENCES]), "not_held_in_all": len(made.not_held)}
    return Done(answer.reference, facts, adopted=answer.adopted)


def _put(database: "Database", target: TakesInvoices, ready: "Sequence[tuple[effects.Claimed, _Made]]") -> list[Answer]:
    calls = {each.output.reference: effect for effect, each in ready}
    with database.connect() as connection:
        known = effects.handed_over(connection, list(calls.values()))

    def note(references: Sequence[str]) -> None:
        effects.hand_over_together(database, _actor(), [calls[reference] for reference in references])

    begun = {reference for reference, effect in calls.items() if effect.id in known}
    return target.put([each.output for _, each in ready], begun=begun, note=note)


def _actor() -> Actor:
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""))


def _send(database: "Database", mailbox: "Mailbox", ready: "Sequence[tuple[effects.Claimed, _Made]]") -> list[Answer]:
    by_key = {effect.business_key: effect for effect, _ in ready}

    def hand_over(mail: Mail) -> None:
        effect = by_key[mail.key]
        effects.hand_over(database, _actor(), effect, maybe_made=_maybe_sent(effect))

    return mailbox.send([_mail(effect, each, mailbox) for effect, each in ready], hand_over)


def _mail(effect: effects.Claimed, made: _Made, mailbox: "Mailbox") -> Mail:
    text = f"Invoice {made.number} of {made.seller} is attached as {made.output.name}.\n\n{mailbox.imprint}\n"
    output = made.output
    return Mail(
        key=effect.business_key, to=effect.payload["recipient"], language="en", written_at=datetime.now(UTC),
        subject=f"Invoice {made.number}", text=text, html=f"<pre>{escape(text)}</pre>",
        attachments=(Attachment(name=output.name, content=output.content, content_type=output.content_type),),
    )  # fmt: skip


def _maybe_sent(effect: effects.Claimed) -> str:
    return MAYBE_SENT.format(id=mail_id(effect.business_key))


def hold_back(connection: "Connection", claimed: Sequence[effects.Claimed]) -> Mapping[int, Answer]:
    """Return the claimed mails that nobody may send without having looked: they had been handed over before."""
    if not is_kind(claimed[0].system, "mailboxes"):
        return {}
    known = effects.handed_over(connection, claimed)
    return {effect.id: Refused(_maybe_sent(effect)) for effect in claimed if effect.id in known}


def _limits(system: str) -> Limits:
    return limits_of(load_system, system)


DELIVERIES = Delivery(
    process=PROCESS, calls={DELIVERY: deliver}, names={DELIVERY: "Invoices handed over"}, per_call={DELIVERY: 50},
    hold_back=hold_back, limits=_limits,
)  # fmt: skip
