"""Audit verification: prove every night that the trail and the tables agree, and that stock obeys its laws."""

from datetime import UTC, datetime

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from pydantic import BaseModel, ConfigDict, Field

from blocks.errors import Refused
from tasks.audit_verification.reporting import page, sentence
from tasks.audit_verification.steps import prove, prove_laws


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
    """Check links, head, anchors, every audited row and the laws of stock; returns the number of findings."""
    result, stock = prove(), prove_laws()
    create_markdown_artifact(page(result, stock), key="audit-verification", description=sentence(result, stock))
    get_run_logger().info(sentence(result, stock))
    texts = [found.text for found in result.findings] + [found.text for found in stock.findings]
    if texts and request.fail_on_findings:
        raise Refused(f"{sentence(result, stock)} First: {texts[0]}")
    return len(texts)
