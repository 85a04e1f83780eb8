"""Verdicts on incoming invoices: every one kept, a new version only where something has changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from blocks.documents.base import canonical_json
from blocks.documents.invoice_verdicts import FindingClass, Gravity, InvoiceVerdict, Judged

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

_COLUMNS = (
    "invoice_id, version, verdict, format, business_rules, content, supply, input_tax, is_e_invoice, fatal, facts_hash,"
    " view_hash, run_id"
)
SHORTEST_VIEW = 8
"""Letters of a view's hash that name it well enough."""


@dataclass(frozen=True, slots=True)
class Known:
    """A verdict as it was kept."""

    invoice: int
    version: int
    verdict: InvoiceVerdict
    facts_hash: str
    view_hash: str

    def without_supply(self) -> InvoiceVerdict:
        """Return what was judged of the invoice itself, to be held against the supply anew."""
        own = tuple(one for one in self.verdict.findings if one.kind is not FindingClass.SUPPLY)
        sets = {name: version for name, version in self.verdict.rule_sets.items() if name != "supply"}
        update = {"findings": own, "supply": Judged.NOT_CHECKED, "rule_sets": sets}
        return self.verdict.model_copy(update=update)


def view_hash(verdict: InvoiceVerdict, facts_hash: str, match: str = "") -> str:
    """Return what names the view of the facts that a person decides on: findings, facts and match with the supply.

    The versions of the rules are not part of it: newer rules that find the same leave a person's view as it is.
    """
    seen = verdict.model_dump(mode="json", exclude={"rule_sets"})
    return sha256(canonical_json([seen, facts_hash, match]).encode("utf-8", "replace")).hexdigest()


def newest(connection: "Connection", ids: Sequence[int]) -> dict[int, Known]:
    """Return the newest verdict of each invoice that has one."""
    rows = connection.execute(
        "SELECT DISTINCT ON (invoice_id) invoice_id, version, verdict, facts_hash, view_hash FROM invoice_verdict"
        " WHERE invoice_id = ANY(%s) ORDER BY invoice_id, version DESC",
        (list(ids),),
    )
    return {row["invoice_id"]: _known(row) for row in rows}


def history(connection: "Connection", number: int) -> list[dict[str, Any]]:
    """Return every version of an invoice's verdict, newest first: class by class, when and by which run."""
    return connection.execute(
        "SELECT version, format, business_rules, content, supply, input_tax, is_e_invoice, fatal, view_hash, judged_at,"
        " run_id FROM invoice_verdict WHERE invoice_id = %s ORDER BY version DESC",
        (number,),
    ).fetchall()


def _known(row: Mapping[str, Any]) -> Known:
    verdict = InvoiceVerdict.model_validate(json.loads(row["verdict"]))
    return Known(row["invoice_id"], row["version"], verdict, row["facts_hash"], row["view_hash"])


@dataclass(frozen=True, slots=True)
class New:
    """A verdict to be kept."""

    invoice: int
    verdict: InvoiceVerdict
    facts_hash: str
    match: str = ""


def keep(connection: "Connection", trail: "Trail", judged: Sequence[New]) -> dict[int, Known]:
    """Keep what was judged as the next version, where it differs from the one before; returns all as they stand.

    The caller has locked the invoices.
    """
    before = newest(connection, [one.invoice for one in judged])
    stand, new = {}, []
    for one in judged:
        view, known = view_hash(one.verdict, one.facts_hash, one.match), before.get(one.invoice)
        if known is not None and known.view_hash == view and known.verdict.rule_sets == one.verdict.rule_sets:
            stand[one.invoice] = known
            continue
        stand[one.invoice] = Known(one.invoice, known.version + 1 if known else 1, one.verdict, one.facts_hash, view)
        new.append(stand[one.invoice])
    _write(connection, trail, new)
    return stand


def _write(connection: "Connection", trail: "Trail", new: Sequence[Known]) -> None:
    if not new:
        return
    with connection.cursor().copy(f"COPY invoice_verdict ({_COLUMNS}) FROM STDIN") as copy:
        for one in new:
            told = one.verdict
            copy.write_row((
                one.invoice, one.version, _text(told), str(told.format), str(told.business_rules), str(told.content),
                str(told.supply), str(told.input_tax), told.is_e_invoice, fatal(told), one.facts_hash, one.view_hash,
                trail.actor.run_id,
            ))  # fmt: skip
    connection.execute(
        "UPDATE received_invoice r SET verdict_version = n.version,"
        " state = CASE WHEN r.state = 'received' THEN 'waiting' ELSE r.state END"
        " FROM unnest(%s::bigint[], %s::int[]) AS n(id, version) WHERE r.id = n.id",
        ([one.invoice for one in new], [one.version for one in new]),
    )
    ids = {(one.invoice, one.version) for one in new}
    rows = connection.execute(
        "SELECT id, invoice_id, version FROM invoice_verdict WHERE invoice_id = ANY(%s)", ([one for one, _ in ids],)
    ).fetchall()
    numbers = {(row["invoice_id"], row["version"]): row["id"] for row in rows}
    for one in new:
        touched = [("invoice_verdict", numbers[one.invoice, one.version]), ("received_invoice", one.invoice)]
        facts = {
            "version": one.version, "format": str(one.verdict.format), "rules": str(one.verdict.business_rules),
            "content": str(one.verdict.content), "supply": str(one.verdict.supply), "fatal": fatal(one.verdict),
            "rule_sets": one.verdict.rule_sets, "view": one.view_hash,
        }  # fmt: skip
        trail.add("invoice.judged", f"received_invoice/{one.invoice}", touched, facts)


def _text(verdict: InvoiceVerdict) -> str:
    return canonical_json(verdict.model_dump(mode="json")).replace("\\u0000", "").encode("utf-8", "replace").decode()


def fatal(verdict: InvoiceVerdict) -> int:
    """Return how many fatal findings there are."""
    return sum(one.gravity is Gravity.FATAL for one in verdict.findings)
