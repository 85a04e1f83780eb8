"""`soms invoices trail`: the reliable audit trail of an invoice, from wherever it is looked up."""

from typing import TYPE_CHECKING, Annotated

import typer

from blocks.database import invoice_evidence
from blocks.database.engine import Database
from blocks.errors import WrongUse
from deployments.terminal import AsJson, plain, print_json, show, table

if TYPE_CHECKING:
    from blocks.documents.evidence import Edge, Evidence

FAILED = 1
_PROOF = 12


def trail(
    known: Annotated[
        str, typer.Argument(help="Number of the invoice, ours or the supplier's; or what --by says it is of.")
    ],
    by: Annotated[str, typer.Option(help=f"What the number is of: {', '.join(invoice_evidence.WAYS)}.")] = "invoice",
    backwards: Annotated[bool, typer.Option("--backwards", help="From the payment back to the order.")] = False,
    picture: Annotated[
        typer.FileTextWrite | None, typer.Option(help="Write the picture (SVG) of the first one to this file.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Show every link from the order to the payment with its proof, and what is missing; 1 where a proof fails."""
    with Database.current().connect() as connection:
        ids = invoice_evidence.find(connection, by, known)
        found = invoice_evidence.gather(connection, ids)
    if not found:
        raise WrongUse(f"No invoice is known by the {by} '{known}'.")
    if picture is not None:
        from tasks.invoice_trail.picture import svg  # noqa: PLC0415 - only where it is drawn

        picture.write(svg(found[0]))
    if as_json:
        from tasks.invoice_trail.page import as_data  # noqa: PLC0415 - as above

        print_json(as_data(found))
    else:
        for evidence in found:
            _show(evidence, backwards=backwards)
    return FAILED if any(evidence.unproven for evidence in found) else 0


def _show(evidence: "Evidence", *, backwards: bool) -> None:
    names = {node.name: node.title for node in evidence.nodes}
    lines = table("from", "", "to", "proof")
    for edge in evidence.backwards() if backwards else evidence.forwards():
        lines.add_row(plain(names[edge.source]), edge.kind.value, plain(names[edge.target]), plain(_proof(edge)))
    show(lines, evidence.sentence())
    for text in evidence.missing:
        typer.echo(f"  missing: {text}")


def _proof(edge: "Edge") -> str:
    if not edge.holds:
        return "NOT as the audit trail says: " + ", ".join(proof.row for proof in edge.proofs if not proof.holds)
    return ", ".join(
        dict.fromkeys(f"event {proof.sequence} {proof.event_hash[:_PROOF]}" for proof in edge.proofs)
    ) or "; ".join(f"{name} {value}" for name, value in edge.said.items())
