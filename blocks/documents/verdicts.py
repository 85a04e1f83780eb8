"""Verdicts: why a document may not go on, in sentences a person can act on."""

from typing import Any

from pydantic import Field

from blocks.documents.base import Document


class Fault(Document):
    """One reason why a record is put aside."""

    rule: str = Field(description="Id of the rule, e.g. 'ORD-TOTAL'.")
    version: int = Field(default=1, description="Version of the rule that judged.")
    place: str = Field(description="Where in the record, e.g. 'lines[2].sku'.")
    text: str = Field(description="What is wrong, one sentence, no personal data.")
    remedy: str = Field(description="What to do about it, one sentence.")


class QualityFinding(Document):
    """The result of one expectation over one batch."""

    expectation: str = Field(description="Id of the expectation, e.g. 'ORD-DQ-03'.")
    text: str
    severity: str = Field(description="'fatal' stops the batch, 'warning' is shown.")
    owner: str
    passed: bool
    checked: int
    unexpected: int
    examples: tuple[Any, ...] = Field(default=(), description="Business ids of up to 20 offending records.")
