"""The trail of invoices as a page: picture, what is missing, every link with its proof, in both directions. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from blocks.documents.evidence import Edge, Evidence
from blocks.markdown import plain, table
from tasks.invoice_trail.picture import image

SHORT = 16


def page(found: Sequence[Evidence], *, backwards: bool) -> str:
    """Return the trails as Markdown."""
    parts = ["# Trail from the order to the payment"]
    for evidence in found:
        parts += _of(evidence, backwards=backwards)
    return "\n\n".join(parts)


def _of(evidence: Evidence, *, backwards: bool) -> Iterable[str]:
    yield f"## Invoice {evidence.invoice}"
    yield plain(evidence.sentence())
    yield image(evidence)
    if evidence.missing:
        yield "### What is missing"
        yield "\n".join(f"- {plain(text)}" for text in evidence.missing)
    way = "From the payment back to the order" if backwards else "From the order to the payment"
    yield f"### {way}"
    names = {node.name: node.title for node in evidence.nodes}
    edges = evidence.backwards() if backwards else evidence.forwards()
    yield table(("from", "", "to", "said", "proof"), [_row(edge, names) for edge in edges])


def _row(edge: Edge, names: dict[str, str]) -> list[str]:
    said = "; ".join(f"{name}: {value}" for name, value in edge.said.items() if value)
    return [
        f"{plain(names[edge.source])} `{_code(edge.source)}`", edge.kind.value,
        f"{plain(names[edge.target])} `{_code(edge.target)}`", plain(said[:300]), _proof(edge),
    ]  # fmt: skip


def _code(name: str) -> str:
    return name.replace("`", "'").replace("|", "/")


def _proof(edge: Edge) -> str:
    if not edge.holds:
        wrong = ", ".join(f"`{proof.row}`" for proof in edge.proofs if not proof.holds)
        return f"**NOT as the audit trail says:** {wrong}"
    told = [f"event {proof.sequence} `{proof.event_hash[:SHORT]}…`" for proof in edge.proofs]
    return ", ".join(dict.fromkeys(told)) or "number of the ERP"


def as_data(found: Sequence[Evidence]) -> list[dict[str, Any]]:
    """Return the trails for programs."""
    return [
        {
            **evidence.model_dump(mode="json"),
            "unproven": list(evidence.unproven),
            "sentence": evidence.sentence(),
        }
        for evidence in found
    ]
