"""Gathers the reliable audit trail of invoices, proves each link against the chain, and keeps links as they come to be.

A link is kept once, with its proof as it stood; what is read later is gathered anew and proven anew, so that a row that
was changed past the trail shows.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from blocks.database import invoice_matches
from blocks.database.audited_tables import AUDITED, digest_query, row_texts
from blocks.documents.base import canonical_json, plain_decimal
from blocks.documents.evidence import Edge, Evidence, Link, Node, Proof, missing_links
from blocks.errors import WrongUse

if TYPE_CHECKING:
    from datetime import date

    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

_UNKEPT = """
SELECT r.id FROM received_invoice r WHERE r.state IN ('approved', 'rejected', 'posted', 'paid') AND (
  NOT EXISTS (SELECT FROM invoice_evidence e WHERE e.invoice_id = r.id AND e.kind = 'decided')
  OR r.state IN ('posted', 'paid')
    AND NOT EXISTS (SELECT FROM invoice_evidence e WHERE e.invoice_id = r.id AND e.kind = 'booked')
  OR r.state = 'paid' AND NOT EXISTS (SELECT FROM invoice_evidence e WHERE e.invoice_id = r.id AND e.kind = 'paid')
  OR EXISTS (SELECT FROM accounting_posting p WHERE p.invoice_id = r.id AND NOT EXISTS (
    SELECT FROM invoice_evidence e WHERE e.invoice_id = r.id AND e.kind = 'posted'))
  OR EXISTS (SELECT FROM accounting_posting p WHERE p.invoice_id = r.id AND p.reverses IS NOT NULL AND NOT EXISTS (
    SELECT FROM invoice_evidence e WHERE e.invoice_id = r.id AND e.kind = 'reversed'
      AND e.target = 'accounting_posting/' || p.id))
  OR EXISTS (SELECT FROM erp_bill b WHERE b.invoice_id = r.id AND b.reversal_of IS NOT NULL AND NOT EXISTS (
    SELECT FROM invoice_evidence e WHERE e.invoice_id = r.id AND e.kind = 'reversed'
      AND e.target = 'erp_bill/' || b.id))
  OR EXISTS (SELECT FROM accounting_posting p WHERE p.invoice_id = r.id AND p.export_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM invoice_evidence e WHERE e.invoice_id = r.id AND e.kind = 'exported'))
) ORDER BY r.id LIMIT %s
"""
WAYS = {
    "invoice": "SELECT id FROM received_invoice WHERE id::text = %(text)s OR number = %(text)s ORDER BY id",
    "order": "SELECT DISTINCT invoice_id AS id FROM invoice_match WHERE purchase = %(text)s ORDER BY 1",
    "receipt": "SELECT DISTINCT invoice_id AS id FROM invoice_match WHERE receipt = %(text)s ORDER BY 1",
    "posting": "SELECT invoice_id AS id FROM accounting_posting WHERE id::text = %(text)s",
    "bill": "SELECT invoice_id AS id FROM erp_bill WHERE number = %(text)s OR erp_id = %(text)s ORDER BY 1",
    "batch": "SELECT DISTINCT invoice_id AS id FROM accounting_posting WHERE export_id::text = %(text)s ORDER BY 1",
}
"""From where a trail can be looked up: the invoice, the order, the receipt, the posting, the ERP's bill, the batch."""
_SHORT, _LONGEST_SAID = 16, 80


def find(connection: "Connection", way: str, text: str) -> list[int]:
    """Return the invoices whose trail leads through something.

    Raises:
        WrongUse: There is no such way, or nothing is known under this name.
    """
    if way not in WAYS:
        raise WrongUse(f"A trail is looked up by {', '.join(WAYS)}, not by '{way}'.")
    text = text.replace("\0", "").strip()
    found = [row["id"] for row in connection.execute(WAYS[way], {"text": text})] if text else []
    if not found:
        raise WrongUse(f"No invoice is known by the {way} '{text[:_LONGEST_SAID]}'.")
    return found


def keep_new(connection: "Connection", trail: "Trail", limit: int = 500) -> int:
    """Keep the links of invoices that have gone on since theirs were kept last; returns how many are new."""
    ids = [row["id"] for row in connection.execute(_UNKEPT, (limit,))]
    return sum(keep(connection, trail, evidence) for evidence in gather(connection, ids))


def keep(connection: "Connection", trail: "Trail", evidence: Evidence) -> int:
    """Keep the links of one invoice that are not kept yet, with their proofs; returns how many."""
    rows = connection.execute(
        "INSERT INTO invoice_evidence (invoice_id, kind, source, target, proof, run_id)"
        " SELECT %s, n.*, %s FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS n"
        " ON CONFLICT ON CONSTRAINT invoice_evidence_once DO NOTHING RETURNING id",
        (
            evidence.invoice, trail.actor.run_id, [edge.kind.value for edge in evidence.edges],
            [edge.source for edge in evidence.edges], [edge.target for edge in evidence.edges],
            [canonical_json(edge.model_dump(mode="json", include={"said", "proofs"})) for edge in evidence.edges],
        ),
    ).fetchall()  # fmt: skip
    if rows:
        touched = [("invoice_evidence", row["id"]) for row in rows]
        trail.add("invoice.evidence", f"received_invoice/{evidence.invoice}", touched, {"links": len(rows)})
    return len(rows)


def kept(connection: "Connection", invoice: int) -> list[dict[str, Any]]:
    """Return the links of an invoice as they were kept: ``kind, source, target, proof, at``."""
    return connection.execute(
        "SELECT kind, source, target, proof, at FROM invoice_evidence WHERE invoice_id = %s ORDER BY id", (invoice,)
    ).fetchall()


def gather(connection: "Connection", invoices: Sequence[int]) -> list[Evidence]:
    """Return the trail of each invoice as everything stands now."""
    rows = connection.execute(
        "SELECT r.*, c.inbox_id, c.file_name, c.sha256, coalesce(s.name, '') AS supplier FROM received_invoice r"
        " JOIN conversion c ON c.id = r.conversion_id LEFT JOIN supplier s ON s.id = r.supplier_id"
        " WHERE r.id = ANY(%s) ORDER BY r.id",
        (list(invoices),),
    ).fetchall()
    matches = invoice_matches.current(connection, [row["id"] for row in rows])
    return [_of(connection, row, matches[row["id"]][2] if row["id"] in matches else ()) for row in rows]


def _of(connection: "Connection", row: Mapping[str, Any], matched: Sequence[invoice_matches.MatchRow]) -> Evidence:
    nodes: dict[str, Node] = {}

    def node(name: str, title: str, text: str = "") -> str:
        nodes.setdefault(name, Node(name=name, title=title, text=text))
        return name

    invoice = node(f"received_invoice/{row['id']}", f"Invoice {row['number']}".strip(), _money(row))
    edges = [*_supply(node, invoice, matched)]
    file = node(f"inbox/{row['inbox_id']}", "File as received", f"sha256 {row['sha256'][:_SHORT]}")
    reading = node(f"conversion/{row['conversion_id']}", "Reading", row["file_name"])
    edges.append(Edge(kind=Link.READ, source=file, target=reading, said={"sha256": row["sha256"], **_whence(row)}))
    edges.append(Edge(kind=Link.TAKEN, source=reading, target=invoice))
    corrections = _corrections(connection, node, invoice, row)
    edges += corrections
    edges += _decisions(connection, node, invoice, row["id"])
    edges += _books(connection, node, edges, row["id"])
    others = [edge.source if edge.target == invoice else edge.target for edge in corrections]
    proven = _proven(connection, edges, [invoice, file, reading, *others, *_batches(edges)])
    lines = [one.line for one in matched if not one.order_line and not one.purchase]
    return Evidence(
        invoice=row["id"],
        state=row["state"],
        number=row["number"],
        supplier=row["supplier"],
        nodes=tuple(nodes.values()),
        edges=tuple(proven),
        missing=missing_links(
            row["state"],
            proven,
            list(dict.fromkeys(lines)),
            superseded=any(edge.source == invoice for edge in corrections),
        ),
    )


def _whence(row: Mapping[str, Any]) -> dict[str, str]:
    """Return whence a file came; of invoices taken before that was noted, their connection."""
    return {row["came_as"] or "source": row["came_from"] or row["source"]}


def _corrections(connection: "Connection", node: Any, invoice: str, row: Mapping[str, Any]) -> list[Edge]:
    """Return what the invoice corrects, and the approved invoice that corrects it."""
    rows = connection.execute(
        "SELECT id, number, gross, currency FROM received_invoice WHERE id = %(corrects)s"
        " OR corrects_id = %(id)s AND state IN ('approved', 'posted', 'paid') ORDER BY id",
        {"corrects": row["corrects_id"], "id": row["id"]},
    ).fetchall()
    found = []
    for one in rows:
        other = node(f"received_invoice/{one['id']}", f"Invoice {one['number']}".strip(), _money(one))
        ends = (other, invoice) if one["id"] == row["corrects_id"] else (invoice, other)
        found.append(Edge(kind=Link.CORRECTED, source=ends[0], target=ends[1]))
    return found


def _money(row: Mapping[str, Any]) -> str:
    return "" if row["gross"] is None else f"{plain_decimal(row['gross'])} {row['currency']}"


def _supply(node: Any, invoice: str, matched: Sequence[invoice_matches.MatchRow]) -> Iterable[Edge]:
    """Yield order → receipt → invoice, each pair once with the pieces of all its lines; order → invoice without one."""
    said: dict[tuple[Link, str, str], dict[str, str]] = {}
    for one in matched:
        if not one.purchase:
            continue
        order = node(f"order/{one.system}:{one.purchase}", f"Order {one.purchase}", one.system)
        ends = [(Link.BILLED, order, invoice)]
        if one.receipt:
            receipt = node(f"receipt/{one.system}:{one.receipt}", f"Receipt {one.receipt}", one.system)
            ends = [(Link.DELIVERED, order, receipt), (Link.BILLED, receipt, invoice)]
        for end in ends:
            words = said.setdefault(end, {"invoice_match": f"version of {one.how or 'the match'}"})
            pieces = "" if one.quantity is None else f"{plain_decimal(one.quantity)} {one.unit}".strip()
            words[f"line {one.line}"] = f"order line {one.order_line} {pieces}".strip()
    for (kind, source, target), words in said.items():
        yield Edge(kind=kind, source=source, target=target, said=words)


def _decisions(connection: "Connection", node: Any, invoice: str, number: int) -> Iterable[Edge]:
    rows = connection.execute(
        "SELECT v.id, v.version, v.format, v.business_rules, v.content, v.supply, d.id AS decision, d.action, d.by,"
        " d.at, d.final FROM invoice_verdict v"
        " LEFT JOIN invoice_decision d ON d.invoice_id = v.invoice_id AND d.verdict_version = v.version"
        " AND d.action IN ('approve', 'reject')"
        " WHERE v.invoice_id = %(id)s AND (d.id IS NOT NULL OR v.version ="
        " (SELECT max(version) FROM invoice_verdict x WHERE x.invoice_id = %(id)s)) ORDER BY v.version, d.id",
        {"id": number},
    ).fetchall()
    judged = set()
    for row in rows:
        classes = ", ".join(f"{name} {row[name]}" for name in ("format", "business_rules", "content", "supply"))
        verdict = node(f"invoice_verdict/{row['id']}", f"Verdict {row['version']}", classes.replace("_", " "))
        if row["id"] not in judged:
            judged.add(row["id"])
            yield Edge(kind=Link.JUDGED, source=invoice, target=verdict, said={"classes": classes})
        if row["decision"] is None:
            continue
        word = {"approve": "Approval", "reject": "Rejection"}[row["action"]]
        title = word if row["final"] else f"First {word.lower()}"
        decision = node(f"invoice_decision/{row['decision']}", title, f"{row['by']}, {row['at']:%Y-%m-%d}")
        said = {"by": row["by"], "at": row["at"].isoformat()}
        yield Edge(kind=Link.DECIDED, source=verdict, target=decision, said=said)


def _books(connection: "Connection", node: Any, edges: Sequence[Edge], number: int) -> Iterable[Edge]:
    decided = [edge.target for edge in edges if edge.kind is Link.DECIDED]
    before = decided[-1] if decided else f"received_invoice/{number}"
    for bill in connection.execute("SELECT * FROM erp_bill WHERE invoice_id = %s ORDER BY id", (number,)):
        title = f"ERP {'reversal' if bill['reversal_of'] else 'invoice'} {bill['number']}".strip()
        name = node(f"erp_bill/{bill['id']}", title, bill["state"])
        said = {"system": bill["system"], "number": bill["number"], "reference": bill["reference"]}
        if bill["reversal_of"]:
            yield Edge(kind=Link.REVERSED, source=f"erp_bill/{bill['reversal_of']}", target=name, said=said)
        else:
            yield Edge(kind=Link.BOOKED, source=before, target=name, said=said)
        if bill["paid_on"]:
            yield _paid(node, name, bill["paid_on"], bill["system"], bill["number"])
    for row in connection.execute("SELECT * FROM accounting_posting WHERE invoice_id = %s ORDER BY entry", (number,)):
        yield from _posted(node, before, row)


def _posted(node: Any, before: str, row: Mapping[str, Any]) -> Iterable[Edge]:
    """Yield what a posting follows from, and the batch it is in."""
    amount = f"{plain_decimal(row['amount'])} {row['currency']} {row['side']}"
    text = f"{row['account']} / {row['contra_account']}, {amount}"
    title = f"{'Reversal' if row['reverses'] else 'Posting'} {row['id']}"
    posting = node(f"accounting_posting/{row['id']}", title, text)
    said = {"amount": amount, "tax key": row["tax_key"]}
    if row["reverses"]:
        yield Edge(kind=Link.REVERSED, source=f"accounting_posting/{row['reverses']}", target=posting, said=said)
    else:
        yield Edge(kind=Link.POSTED, source=before, target=posting, said=said)
    if row["export_id"]:
        batch = node(f"accounting_export/{row['export_id']}", f"Batch {row['export_id']}")
        yield Edge(kind=Link.EXPORTED, source=posting, target=batch)


def _paid(node: Any, bill: str, on: "date", system: str, number: str) -> Edge:
    payment = node(f"payment/{system}:{number}", "Payment", on.isoformat())
    return Edge(kind=Link.PAID, source=bill, target=payment, said={"paid on": on.isoformat()})


def _batches(edges: Sequence[Edge]) -> list[str]:
    return sorted({edge.target for edge in edges if edge.kind is Link.EXPORTED})


def _proven(connection: "Connection", edges: Sequence[Edge], subjects: Sequence[str]) -> list[Edge]:
    """Return the edges with the proofs of the rows at both ends, as they are now."""
    rows = {end for edge in edges for end in (edge.source, edge.target) if end.partition("/")[0] in AUDITED}
    matches = {subject.replace("received_invoice", "invoice_match") for subject in subjects[:1]}
    proofs = _proofs(connection, rows | matches, subjects)
    return [edge.model_copy(update={"proofs": tuple(_proofs_of(edge, proofs, *matches))}) for edge in edges]


def _proofs_of(edge: Edge, proofs: Mapping[str, Proof], match: str) -> Iterable[Proof]:
    ends = [end for end in (edge.source, edge.target) if end in proofs]
    if edge.kind in {Link.DELIVERED, Link.BILLED}:
        ends.append(match)
    elif edge.kind is Link.PAID:
        ends = [edge.source]
    return (proofs[end] for end in ends if end in proofs)


def _proofs(connection: "Connection", rows: Iterable[str], subjects: Sequence[str]) -> dict[str, Proof]:
    """Return the proof of each row: its digest, and the newest event that names it where that says the same."""
    wanted: dict[str, list[str]] = {}
    for row in rows:
        table, _, key = row.partition("/")
        wanted.setdefault(table, []).append(key)
    texts = row_texts(connection, wanted)
    now: dict[str, str] = {}
    for table, keys in wanted.items():
        found = connection.execute(digest_query(table, texts[table], AUDITED[table].lookup), (keys,)).fetchall()
        now |= {f"{table}/{row['key']}": row["digest"] for row in found}
    told: dict[str, dict[str, Any]] = {}
    events = connection.execute(
        "SELECT seq, at, hash, digests FROM audit_event WHERE subject = ANY(%s) ORDER BY seq", (list(subjects),)
    )
    for event in events:
        for row, digest in json.loads(event["digests"]).items():
            if row in now:
                told[row] = {"digest": digest, "seq": event["seq"], "hash": event["hash"], "at": event["at"]}
    return {row: _proof(row, digest, told.get(row)) for row, digest in now.items()}


def _proof(row: str, digest: str, event: Mapping[str, Any] | None) -> Proof:
    if event is None or event["digest"] != digest:
        return Proof(row=row, digest=digest)
    return Proof(row=row, digest=digest, sequence=event["seq"], event_hash=event["hash"], at=event["at"])
