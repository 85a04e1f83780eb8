"""Audit verification: prove every night that the trail and the tables still agree."""

from prefect import flow, get_run_logger
from prefect.artifacts import create_table_artifact
from pydantic import BaseModel, Field

from blocks.errors import Refused
from tasks.audit_verification.steps import prove


class VerificationRequest(BaseModel):
    """What to verify: the whole trail; nothing needs to be chosen."""

    fail_on_findings: bool = Field(
        default=True, description="End the run as failed when anything does not agree, so that an alarm can follow."
    )


@flow(name="audit-verification", flow_run_name="audit-verification", validate_parameters=True)
def audit_verification(request: VerificationRequest | None = None) -> int:
    """Check links, head, anchors and every audited row; returns the number of findings."""
    request = request or VerificationRequest()
    result = prove()
    create_table_artifact(
        [{"check": found.check, "place": found.place, "what": found.text} for found in result.findings]
        or [{"check": "all", "place": f"{result.events} events, {result.subjects} subjects", "what": "in order"}],
        key="audit-verification",
        description=f"{result.events} events, {result.subjects} subjects, {result.anchors} anchors checked.",
    )
    get_run_logger().info("%d events, %d findings", result.events, len(result.findings))
    if result.findings and request.fail_on_findings:
        raise Refused(f"The audit trail does not agree in {len(result.findings)} places: {result.findings[0].text}")
    return len(result.findings)
