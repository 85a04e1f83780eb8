"""Manufacturer enrichment: fetch what makers say of their products, believe what is proven, and show it in the shop."""

from datetime import UTC, datetime

from prefect import flow, get_run_logger
from prefect.runtime import flow_run

from tasks.manufacturer_enrichment.form import EnrichmentRequest
from tasks.manufacturer_enrichment.proposing import Proposed
from tasks.manufacturer_enrichment.reporting import report, report_rehearsal
from tasks.manufacturer_enrichment.steps import (
    chosen_sources,
    count_articles,
    decide,
    look_up,
    measure,
    rehearse,
    take,
    tell,
    visit,
)
from tasks.manufacturer_enrichment.summary import EnrichmentSummary

ALL = EnrichmentRequest()


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'manufacturer-enrichment berlin acme 2026-11-22 14:00'."""
    given = flow_run.parameters.get("request") or {}
    request = given if isinstance(given, EnrichmentRequest) else EnrichmentRequest.model_validate(given)
    about = " ".join(part for part in (request.channel, request.manufacturer, request.category) if part)
    rehearsal = " (rehearsal)" if request.dry_run else ""
    return f"manufacturer-enrichment {about} {datetime.now(UTC):%Y-%m-%d %H:%M}{rehearsal}"


@flow(name="manufacturer-enrichment", flow_run_name=run_name, validate_parameters=True)
def manufacturer_enrichment(request: EnrichmentRequest = ALL) -> EnrichmentSummary:
    """Visit, take in, decide, tell the shop, report. Safe to run again, also after any crash.

    A source that does not answer keeps nothing else waiting; it fails the run at its end. One that the gate stops
    waits for a person, and what it said before stands.
    """
    if request.partial and not count_articles(request):
        get_run_logger().info("There is no such article: nothing is done.")
        return EnrichmentSummary.of((), Proposed(), dry_run=request.dry_run)
    sources = chosen_sources(request)
    if request.dry_run:
        return report_rehearsal(request, rehearse(sources, request))
    look_up(request)
    before = measure(request)
    visits = [visit(source, request, return_state=True) for source in sources]  # bytes are kept before anything else
    taken = [take(source, request, return_state=True) for source in sources]
    deliveries = [state.result() for state in taken if state.is_completed()]
    proposed = decide(request)
    delivered = tell(request.patience)
    after = measure(request)
    summary = report(request, deliveries, proposed, delivered=delivered, before=before, after=after)
    get_run_logger().info(summary.sentence())
    for visited, took in zip(visits, taken, strict=True):
        visited.result()  # raises what kept a source from being fetched
        took.result()
    return summary
