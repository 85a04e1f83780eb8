"""What people see of a proof: one sentence, and a page that says what was checked and what to do."""

from blocks.database.audit_verification import Verification
from blocks.database.stock_laws import StockProof

_CHECKED = (
    "Checked: that each event follows from the one before it, that the chain ends where its head says, that the heads"
    " kept outside the database lie on the chain, and that each audited row still is what its last event says."
)
_WHAT_TO_DO = (
    "Somebody or something has changed the trail or an audited row past SOMS. Change nothing, keep a copy of the"
    " database and of the file with the heads, and find out who had access. `soms audit verify` checks again."
)
_STOCK = (
    "Checked: that the events of each article in each warehouse add up to what is on hand, its reservations to what is"
    " reserved, and that no closed order holds anything."
)
_COUNT_IT = "Find out with `soms stock history` what happened to these articles; a count puts their stock right."


def sentence(result: Verification, stock: StockProof) -> str:
    """Return the outcome in a sentence each."""
    trail = f"The audit trail is in order: {result.events} events, {result.subjects} subjects."
    if result.findings:
        trail = f"The audit trail does not agree in {len(result.findings)} places."
    return f"{trail} {stock.sentence()}"


def page(result: Verification, stock: StockProof) -> str:
    """Return the proofs in Markdown."""
    figures = (
        ("Events in the trail", str(result.events)),
        ("Subjects they tell of", str(result.subjects)),
        ("Heads kept outside the database", str(result.anchors)),
        ("Places that do not agree", str(len(result.findings))),
        ("Head of the chain", f"`{result.head[:16]}…`"),
    )
    parts = ["# Proof of the audit trail", _table(("", "result"), figures), _CHECKED]
    if result.findings:
        rows = [(found.check, f"`{found.place}`", found.text) for found in result.findings]
        parts += ["## What does not agree", _table(("check", "place", "what"), rows), _WHAT_TO_DO]
    parts += ["## The laws of stock", stock.sentence(), _STOCK]
    if stock.findings:
        laws = [(found.law, f"`{found.place}`", found.text) for found in stock.findings]
        parts += [_table(("law", "place", "what"), laws), _COUNT_IT]
    return "\n\n".join(parts)


def _table(head: tuple[str, ...], rows: "list[tuple[str, str, str]] | tuple[tuple[str, str], ...]") -> str:
    lines = [head, ("---",) * len(head), *(tuple(cell.replace("|", r"\|") for cell in row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
