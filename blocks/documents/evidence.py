"""The reliable audit trail between an invoice and the supply (§14(1) UStG): what is linked, by what proof, what is not.

Pure. A node is a row of the database ('invoice_verdict/3') or a number of the ERP ('order/tryton-erp/main:PO7'); an
edge leads from what came first to what followed from it. Read forwards it is the progressive check of the books, read
backwards the retrograde one.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from blocks.documents.base import Document


class Link(StrEnum):
    """What an edge says, in the order in which they follow from each other."""

    DELIVERED = "delivered"
    BILLED = "billed"
    READ = "read"
    TAKEN = "taken"
    CORRECTED = "corrected"
    JUDGED = "judged"
    DECIDED = "decided"
    BOOKED = "booked"
    POSTED = "posted"
    REVERSED = "reversed"
    EXPORTED = "exported"
    PAID = "paid"


ORDER = tuple(Link)


class Proof(Document):
    """What proves one row: its digest, and the audit event that holds it; ``holds`` says whether they agree now."""

    row: str
    digest: str
    sequence: int | None = Field(default=None, description="The audit event's number; None: no event names the row.")
    event_hash: str = ""
    at: datetime | None = None

    @property
    def holds(self) -> bool:
        """Return whether an audit event says of the row what it is."""
        return self.sequence is not None


class Edge(Document):
    """One link of the trail; ``said`` are numbers of the ERP, quantities and days that prove it besides."""

    kind: Link
    source: str
    target: str
    said: dict[str, str] = Field(default_factory=dict)
    proofs: tuple[Proof, ...] = ()

    @property
    def holds(self) -> bool:
        """Return whether every row it is about is as the audit trail says."""
        return all(proof.holds for proof in self.proofs)


class Node(Document):
    """One thing on the trail, with what people know it by."""

    name: str
    title: str
    text: str = ""


class Evidence(Document):
    """All that is known of one invoice, from the order to the payment."""

    invoice: int
    state: str
    number: str
    supplier: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    missing: tuple[str, ...] = Field(default=(), description="In whole sentences: what is not linked.")

    @property
    def unproven(self) -> tuple[str, ...]:
        """Return the rows that are not as the audit trail says, or that it does not know."""
        return tuple(sorted({proof.row for edge in self.edges for proof in edge.proofs if not proof.holds}))

    def forwards(self) -> tuple[Edge, ...]:
        """Return the edges from the order to the payment."""
        return tuple(sorted(self.edges, key=lambda edge: (ORDER.index(edge.kind), edge.source, edge.target)))

    def backwards(self) -> tuple[Edge, ...]:
        """Return the edges from the payment to the order."""
        return tuple(reversed(self.forwards()))

    def sentence(self) -> str:
        """Return how the trail stands in a sentence."""
        whole = (
            f"Invoice {self.invoice} ({self.number or 'without a number'} of {self.supplier or 'an unknown supplier'})"
        )
        said = f"{whole} is {self.state}: {len(self.edges)} links"
        if self.unproven:
            return f"{said}, {len(self.unproven)} rows are NOT as the audit trail says: {', '.join(self.unproven)}."
        if self.missing:
            return f"{said}, all proven; {len(self.missing)} are missing."
        return f"{said}, all proven, none missing."


def missing_links(
    state: str, edges: Sequence[Edge], unmatched: Sequence[str], *, superseded: bool = False
) -> tuple[str, ...]:
    """Return in sentences which links an invoice of this state should have and has not.

    Args:
        state: The invoice's state.
        edges: What is linked.
        unmatched: Lines of the invoice for which no order was found.
        superseded: Whether another invoice has taken its place: what was booked is taken back, the rest never comes.
    """
    kinds = {edge.kind for edge in edges}
    found = list(_supply(edges, unmatched))
    found += [text for kind, text in _ALWAYS if kind not in kinds]
    if superseded:
        found += _taken_back(edges)
    elif state not in {"received", "waiting", "rejected"}:
        found += [text for kind, text in _ONCE_APPROVED if kind not in kinds]
        if Link.POSTED in kinds and Link.EXPORTED not in kinds:
            found.append("Export: its postings are in no batch for the accountants yet.")
    return tuple(found)


def _taken_back(edges: Sequence[Edge]) -> Iterator[str]:
    """Yield what was booked of an invoice that another one has replaced, and is not taken back."""
    reversed_ = {edge.source for edge in edges if edge.kind is Link.REVERSED}
    undone = {edge.target for edge in edges if edge.kind is Link.REVERSED}
    if any(edge.target not in reversed_ for edge in edges if edge.kind is Link.BOOKED):
        yield "ERP: the bill is not taken back there yet, though another invoice has replaced this one."
    if any(edge.target not in reversed_ | undone for edge in edges if edge.kind is Link.POSTED):
        yield "Posting: it is not reversed yet, though another invoice has replaced this one."


_ALWAYS = (
    (Link.READ, "File: the bytes that were received are not linked to the invoice."),
    (Link.JUDGED, "Verdict: the invoice was not judged."),
    (Link.DECIDED, "Approval: nobody has approved or rejected the invoice."),
)
_ONCE_APPROVED = (
    (Link.BOOKED, "ERP: the ERP has not booked the invoice."),
    (Link.POSTED, "Posting: the invoice is not posted; `soms accounting export` posts what is approved."),
    (Link.PAID, "Payment: the ERP has not said that the invoice is paid."),
)


def _supply(edges: Sequence[Edge], unmatched: Sequence[str]) -> Iterator[str]:
    billed = [edge for edge in edges if edge.kind is Link.BILLED]
    if unmatched:
        yield f"Order: nothing that was ordered belongs to line {', '.join(unmatched[:10])} of the invoice."
    elif not billed:
        yield "Order: the invoice was not held against what was ordered."
    if direct := sorted({edge.source.rpartition(":")[2] for edge in billed if edge.source.startswith("order/")}):
        yield f"Receipt: no goods receipt is known for what it bills of order {', '.join(direct)}."
