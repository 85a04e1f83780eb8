"""What a person sees of an incoming invoice: verdict by class, findings, match, account, decisions. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from blocks.documents.base import plain_decimal
from blocks.documents.invoice_verdicts import FindingClass, Gravity, InvoiceFinding, InvoiceVerdict
from blocks.documents.invoices import Invoice
from blocks.markdown import plain, table
from tasks.invoice_validation.summary import INPUT_TAX

MOST_FINDINGS, MOST_LINES, SHOWN = 100, 100, 4
_ORDER = {Gravity.FATAL: 0, Gravity.WARNING: 1, Gravity.INFORMATION: 2}


def page(look: Any, links: Mapping[str, str]) -> str:
    """Return all about one invoice in Markdown.

    Args:
        look: ``row, invoice, verdict, versions, decisions, account, wants_two, matches, corrected_by, seen, open`` of
            an invoice.
        links: What can be done → address of the desk's form, filled in; empty where there is none.
    """
    row = look.row
    name = f"{plain(row['number'])} of {plain(row['supplier'])}" if row["number"] else plain(row["file_name"])
    parts = [f"# Invoice {row['id']}: {name}, {row['state']}", _head(row), _corrections(look)]
    if look.open:
        parts.append(_to_do(look, links))
    if look.verdict is not None:
        parts += [_classes(look.verdict.verdict), _findings(look.verdict.verdict)]
    parts += [_lines(look.invoice), _matches(look.matches)]
    if look.decisions:
        told = [_decision(each) for each in look.decisions]
        head = ("no.", "decision", "by", "at", "why", "on version", "of view")
        parts += ["## Decisions", table(head, told)]
    if len(look.versions) > 1:
        versions = [_version(each) for each in look.versions]
        head = ("version", "format", "rules", "content", "supply", "at", "view")
        parts += ["## Verdicts, newest first", table(head, versions)]
    return "\n\n".join(part for part in parts if part)


def _head(row: Mapping[str, Any]) -> str:
    gross = "no amount" if row["gross"] is None else f"{plain_decimal(row['gross'])} {plain(row['currency'])}"
    settled = ""
    if row["settled_by"]:
        settled = f" {row['state'].capitalize()} by {plain(row['settled_by'])}: {plain(row['settled_reason'] or '')}"
    return (
        f"{gross}, issued {row['issued_on'] or 'on no day'}, came {row['received_at']:%Y-%m-%d %H:%M} UTC"
        f" {whence(row)}, to be decided by {row['decide_by']}. Conversion {row['conversion_id']}, supplier"
        f" {row['supplier_id'] or 'not recognised'}.{settled}"
    )


def whence(row: Mapping[str, Any]) -> str:
    """Return whence an invoice came, in words; invoices taken before that was noted say their connection."""
    words = {"edi": "from EDI partner", "mailbox": "from mailbox", "folder": "from folder"}
    name = plain(row["came_from"] or row["source"])
    return f"{words.get(row['came_as'] or '', 'from')} {name}"


def _corrections(look: Any) -> str:
    """Return what it replaces, and what replaces it."""
    said = []
    if look.row["corrects_id"]:
        said.append(f"It corrects invoice {look.row['corrects_id']}.")
    if look.corrected_by:
        said.append(f"**Invoice {look.corrected_by} has taken its place.**")
    return " ".join(said)


def _matches(matches: Sequence[Any]) -> str:
    """Return what the lines are held against, and why against that."""
    held = [one for one in matches if one.purchase]
    if not held:
        return ""
    rows = [
        [
            plain(one.line), plain(one.purchase), plain(one.receipt),
            f"{_figure(one.quantity)} {plain(one.unit)}".strip(), _figure(one.order_price), plain(one.how),
            plain(one.why or ""),
        ]
        for one in held[:MOST_LINES]
    ]  # fmt: skip
    head = ("line", "order", "receipt", "quantity", "ordered at", "found by", "why")
    more = len(held) - len(rows)
    parts = ["## What it is held against", table(head, rows)]
    return "\n\n".join([*parts, f"… and {more} more."] if more > 0 else parts)


def _to_do(look: Any, links: Mapping[str, str]) -> str:
    """Return what can be done: links into the form with this view of the facts filled in."""
    parts = []
    if look.account is not None and look.account["state"] != "confirmed":
        parts.append(
            f"**Its account {plain(masked(look.account['iban']))} (no. {look.account['id']}) is"
            f" {look.account['state']}: two persons must confirm it before the invoice can be approved.**"
        )
    if look.wants_two:
        parts.append("Two persons must approve it.")
    if look.seen:
        parts.append(f"You look at view `{look.seen}` of the facts.")
    parts.append(" · ".join(f"[{words}]({address})" for words, address in links.items() if address))
    return "\n\n".join(part for part in parts if part)


def masked(iban: str) -> str:
    """Return an account as it may be shown: its ends."""
    return iban if len(iban) <= 2 * SHOWN else f"{iban[:SHOWN]}…{iban[-SHOWN:]}"


def _classes(verdict: InvoiceVerdict) -> str:
    e_invoice = {True: "yes", False: "no", None: "cannot be told"}[verdict.is_e_invoice]
    rows = [
        ["format", str(verdict.format)],
        ["business rules (EN 16931)", str(verdict.business_rules)],
        ["content (§14(4) UStG)", str(verdict.content)],
        ["supply (order and receipt)", str(verdict.supply)],
        ["e-invoice", e_invoice],
        ["input tax", INPUT_TAX.get(str(verdict.input_tax), str(verdict.input_tax))],
    ]
    sets = ", ".join(f"{name}: {version}" for name, version in sorted(verdict.rule_sets.items()))
    return "\n\n".join(["## Verdict", table(("class", "verdict"), rows), f"By {plain(sets)}." if sets else ""])


def _findings(verdict: InvoiceVerdict) -> str:
    if not verdict.findings:
        return "Nothing was found against it."
    ordered = sorted(verdict.findings, key=lambda one: _ORDER[one.gravity])
    rows = [[plain(one.rule), _kind(one), one.gravity, _both(one)] for one in ordered[:MOST_FINDINGS]]
    more = len(ordered) - len(rows)
    parts = ["## Findings", table(("rule", "class", "gravity", "what, where, what to do"), rows)]
    return "\n\n".join([*parts, f"… and {more} more."] if more > 0 else parts)


def _kind(one: InvoiceFinding) -> str:
    return "business rule" if one.kind is FindingClass.BUSINESS_RULE else str(one.kind)


def _both(one: InvoiceFinding) -> str:
    return (
        plain(one.text) if not one.text_de or one.text_de == one.text else f"{plain(one.text)} — {plain(one.text_de)}"
    )


def _lines(invoice: Invoice) -> str:
    if not invoice.lines:
        return ""
    rows = [
        [
            plain(line.id), plain(line.item.name), _figure(line.quantity), plain(line.unit), _figure(line.price.net),
            _figure(line.net), f"{plain(line.vat_category)} {_figure(line.vat_rate)}",
        ]
        for line in invoice.lines[:MOST_LINES]
    ]  # fmt: skip
    head = ("line", "what", "quantity", "unit", "price", "net", "VAT")
    more = len(invoice.lines) - len(rows)
    parts = ["## What it bills", table(head, rows)]
    return "\n\n".join([*parts, f"… and {more} more lines."] if more > 0 else parts)


def _figure(value: Any) -> str:
    return "" if value is None else plain_decimal(value)


def _decision(made: Mapping[str, Any]) -> list[str]:
    what = made["action"] if made["final"] or made["action"] != "approve" else "approve (first of two)"
    by = f"{made['by']} after {made['first_by']}" if made["first_by"] else made["by"]
    return [
        str(made["id"]), what, plain(by), f"{made['at']:%Y-%m-%d %H:%M}", plain(made["reason"]),
        str(made["verdict_version"]), made["view_hash"][:12],
    ]  # fmt: skip


def _version(each: Mapping[str, Any]) -> list[str]:
    classes = [each[name] for name in ("format", "business_rules", "content", "supply")]
    return [str(each["version"]), *classes, f"{each['judged_at']:%Y-%m-%d %H:%M}", each["view_hash"][:12]]


def accounts_table(rows: Sequence[Mapping[str, Any]], forms: Mapping[int, str]) -> str:
    """Return accounts that wait to be confirmed; ``forms`` are addresses of the desk's form by account."""
    told = [
        [
            str(row["id"]), plain(row["name"]), masked(row["iban"]), plain(row["by"]), f"{row['at']:%Y-%m-%d}",
            f"[Decide]({forms[row['id']]})" if forms.get(row["id"]) else f"`soms invoices confirm-account {row['id']}`",
        ]
        for row in rows
    ]  # fmt: skip
    return table(("no.", "supplier", "account", "noted by", "at", ""), told)
