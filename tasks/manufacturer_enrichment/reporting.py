"""What people see of a run of enrichment: its page, tables, the pages of articles, links to the desk's form."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from blocks.database import product_changes, product_coverage, product_sources
from blocks.database.audit_verification import anchor
from blocks.database.effect_delivery import Delivered
from blocks.database.engine import Database
from blocks.form_links import filled_in, form_of
from blocks.settings import settings
from tasks.manufacturer_enrichment import rulebooks, summary
from tasks.manufacturer_enrichment.coverage import Coverage
from tasks.manufacturer_enrichment.form import EnrichmentRequest
from tasks.manufacturer_enrichment.page import article_page
from tasks.manufacturer_enrichment.proposing import Proposed
from tasks.manufacturer_enrichment.steps import Rehearsed, actor
from tasks.manufacturer_enrichment.summary import EnrichmentSummary, Report
from tasks.manufacturer_enrichment.taking import Delivery

if TYPE_CHECKING:
    from blocks.database.engine import Connection

DESK = "enrichment-desk/desk"
MOST_CHANGES, MOST_CONFLICTS, MOST_MATCHES, MOST_NAMES, MOST_PAGES = 100, 50, 50, 30, 5


def key_of(name: str) -> str:
    """Return a text as the key of an artifact."""
    return "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in name.lower()).strip("-")


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
def report(
    request: EnrichmentRequest,
    deliveries: Sequence[Delivery],
    proposed: Proposed,
    *,
    delivered: Delivered,
    before: Mapping[str, Coverage],
    after: Mapping[str, Coverage],
) -> EnrichmentSummary:
    """Anchor the audit chain and leave the run's page, its tables, and the pages of some articles that changed."""
    database, form = Database.current(), form_of(DESK)
    anchor(database, settings().audit_anchor)
    channel = request.channel
    with database.connect() as connection:
        changes = product_coverage.of_run(connection, channel, actor().run_id, MOST_CHANGES)
        conflicts = product_changes.conflicts(connection, channel=channel, limit=MOST_CONFLICTS)
        matches = product_sources.ambiguous(connection, channel=channel, limit=MOST_MATCHES)
        unmapped = product_sources.unmapped_names(connection, channel=channel, limit=MOST_NAMES)
        waiting = product_changes.counts(connection, channel)
        pages = _pages(connection, request, [row["sku"] for row in changes], form)
    result = EnrichmentSummary.of(
        deliveries, proposed, dry_run=False, written=delivered.done,
        not_written=delivered.refused + delivered.put_off, waiting=waiting,
    )  # fmt: skip
    linked = [{**row, "form": _look(form, request, articles=[row["sku"]])} for row in changes]
    asked = [{**row, "form": _match(form, request, row["id"])} for row in matches]
    told = Report(result, deliveries, before, after, linked, conflicts, asked, unmapped)
    key = f"enrichment-{key_of(channel)}"
    create_markdown_artifact(summary.page(told), key=key, description=result.sentence())
    if conflicts:
        rows = [{**row, "losers": "; ".join(_loser(each) for each in row["losers"])} for row in conflicts]
        create_table_artifact(rows, key=f"{key}-conflicts", description="Where sources differ, and what is believed.")
    for sku, text in pages.items():
        about = f"{sku}: now, proposed, sources."
        create_markdown_artifact(text, key=f"product-{key_of(channel)}-{key_of(sku)}", description=about)
    return result


def _loser(loser: Mapping[str, Any]) -> str:
    return f"{loser['value']} ({loser['source']}): {loser['why']}"


def _look(form: str, request: EnrichmentRequest, *, articles: list[str]) -> str:
    return filled_in(form, {"action": "show", "shop": request.shop, "articles": articles})


def _match(form: str, request: EnrichmentRequest, product: int) -> str:
    return filled_in(form, {"action": "match", "shop": request.shop, "product": product})


def _pages(connection: "Connection", request: EnrichmentRequest, skus: Sequence[str], form: str) -> dict[str, str]:
    schemas = rulebooks.in_force(connection).schemas
    pages = {}
    for sku in list(dict.fromkeys(skus))[:MOST_PAGES]:
        look = product_coverage.page_of(connection, request.channel, sku)
        schema = schemas.schema_of(schemas.category_of(look["category"] or ""))
        pages[sku] = article_page(look, schema, form=_look(form, request, articles=[sku]))
    return pages


@task(name="report the rehearsal", task_run_name="report the rehearsal", cache_policy=NO_CACHE)
def report_rehearsal(request: EnrichmentRequest, rehearsed: Rehearsed) -> EnrichmentSummary:
    """Leave a page that says what would become of what was fetched before."""
    result = EnrichmentSummary.of(rehearsed.deliveries, rehearsed.proposed, dry_run=True)
    told = Report(result, rehearsed.deliveries, changes=rehearsed.changes)
    key = f"enrichment-{key_of(request.channel)}-rehearsal"
    create_markdown_artifact(summary.page(told), key=key, description=result.sentence())
    return result
