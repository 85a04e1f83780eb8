"""Explain profile: what a mapping profile makes of a sample file, or a first profile for it; nothing is taken in."""

from pathlib import Path

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field, model_validator

from blocks.forms import in_reading_order
from tasks.explain_profile.reporting import Told, headline, page
from tasks.explain_profile.steps import told_of


class ExplainRequest(BaseModel):
    """Which file is explained by which profile."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    file: Path = Field(description="The sample: a file of orders or of stock on the machine where this runs.")
    profile: str = Field(
        default="",
        max_length=500,
        description="A profile's name (`soms profiles list`), or the path of its YAML file.",
    )
    propose: bool = Field(default=False, description="Propose a first profile for the file instead of naming one.")
    records: int = Field(default=50, ge=1, le=1000, description="How many orders or rows of the file are looked at.")

    @model_validator(mode="after")
    def _names_one(self) -> "ExplainRequest":
        if bool(self.profile) == self.propose:
            raise ValueError("name a profile, or ask for a proposal with propose=true, and not both")
        return self


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'explain-profile german-semicolon'."""
    request = ExplainRequest.model_validate(flow_run.parameters.get("request"))
    return f"explain-profile {Path(request.profile).stem or 'proposal'}"


@flow(name="explain-profile", flow_run_name=run_name, validate_parameters=True)
def explain_profile(request: ExplainRequest) -> Told:
    """Show where each column lands, what is lost and which orders of the sample can be read."""
    told = told_of(request.file, request.profile, records=request.records)
    sentence = headline(told.explanation) if told.explanation else told.outcome
    create_markdown_artifact(page(told), key="explain-profile", description=sentence)
    get_run_logger().info(sentence)
    return told
