"""What a data-quality suite said of a batch, kept as evidence."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from blocks.documents.base import canonical_json

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection
    from blocks.documents.verdicts import QualityFinding


def keep(
    connection: "Connection", trail: "Trail", *, batch: str, suite: str, findings: Sequence["QualityFinding"]
) -> None:
    """Keep the gate's results as evidence."""
    if not findings:
        return
    with connection.cursor().copy(
        "COPY quality_result (batch, suite, expectation, description, severity, owner, passed, checked, unexpected,"
        " examples, run_id) FROM STDIN"
    ) as copy:
        for finding in findings:
            copy.write_row((
                batch, suite, finding.expectation, finding.text, finding.severity, finding.owner, finding.passed,
                finding.checked, finding.unexpected, canonical_json(finding.examples), trail.actor.run_id,
            ))  # fmt: skip
    failed = [finding.expectation for finding in findings if not finding.passed]
    facts = {"suite": suite, "expectations": len(findings), "failed": failed}
    trail.add("quality.judged", f"quality_result/{batch}", [("quality_result", batch)], facts)


def stopped(connection: "Connection", *, run_id: str) -> tuple[str, ...]:
    """Return the fatal expectations that a run's batches did not meet, as sentences."""
    rows = connection.execute(
        "SELECT DISTINCT description FROM quality_result WHERE run_id = %s AND severity = 'fatal' AND NOT passed"
        " ORDER BY 1",
        (run_id,),
    )
    return tuple(row["description"] for row in rows)
