"""Audit verification: prove every night that the trail and the tables still agree."""

from datetime import UTC, datetime

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from pydantic import BaseModel, ConfigDict, Field

from blocks.errors import Refused
from tasks.audit_verification.reporting import page, sentence
from tasks.audit_verification.steps import prove


class VerificationRequest(BaseModel):
    """What is verified is always the whole trail; nothing needs to be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fail_on_findings: bool = Field(
        default=True, description="End the run as failed when anything does not agree, so that an alarm can follow."
    )


AS_USUAL = VerificationRequest()


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'audit-verification 2026-11-21 03:30'."""
    return f"audit-verification {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="audit-verification", flow_run_name=run_name, validate_parameters=True)
def audit_verification(request: VerificationRequest = AS_USUAL) -> int:
    """Check links, head, anchors and every audited row; returns the number of findings."""
    result = prove()
    create_markdown_artifact(page(result), key="audit-verification", description=sentence(result))
    get_run_logger().info(sentence(result))
    if result.findings and request.fail_on_findings:
        raise Refused(f"{sentence(result)} First: {result.findings[0].text}")
    return len(result.findings)
