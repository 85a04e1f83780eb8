"""The Prefect task of explaining a profile."""

from pathlib import Path

from prefect import task

from blocks.errors import Unreadable
from blocks.standards.order_files.explanation import explain
from blocks.standards.order_files.profile import load_profile
from blocks.standards.order_files.proposal import propose
from blocks.standards.stock_files.explanation import explain_rows
from blocks.standards.stock_files.profile import StockProfile
from tasks.explain_profile.profiles import profile_named, sample_in
from tasks.explain_profile.reporting import Told, told_of_rows
from tasks.retrying import RETRYING


@task(name="explain a profile", task_run_name="explain a profile", **RETRYING)
def told_of(file: Path, profile: str, *, records: int) -> Told:
    """Read the sample with the profile, or, without one, with a profile proposed for it.

    Raises:
        WrongUse: The file or the profile cannot be used.
        Unreadable: Nothing of the file can be read.
    """
    sample = sample_in(file)
    if profile:
        chosen = profile_named(profile)
        if isinstance(chosen, StockProfile):
            return told_of_rows(explain_rows(sample, chosen, rows=records))
        return Told(explain(sample, chosen, records=records))
    proposal = propose(sample, file.stem)
    try:
        explanation = explain(sample, load_profile(proposal.text), records=records)
    except Unreadable as error:
        return Told(None, proposal.text, (*proposal.notes, f"The proposal is not complete: {error}"))
    return Told(explanation, proposal.text, proposal.notes)
