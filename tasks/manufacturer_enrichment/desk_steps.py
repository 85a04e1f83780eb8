"""The Prefect tasks of the enrichment desk: act, report."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from blocks.database import product_changes, product_coverage, product_deliveries, product_sources
from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.form_links import filled_in, form_of
from blocks.markdown import plain, table
from tasks.manufacturer_enrichment import rulebooks
from tasks.manufacturer_enrichment.desk import Desk
from tasks.manufacturer_enrichment.desk_form import Action, DeskRequest
from tasks.manufacturer_enrichment.page import article_page
from tasks.retrying import RETRYING

if TYPE_CHECKING:
    from blocks.database.engine import Connection

PROCESS, DEPLOYMENT = "enrichment_desk", "enrichment-desk/desk"
MOST_LISTED, MOST_SHOWN = 200, 10
READING = frozenset({Action.LIST, Action.SHOW})
WRITING = frozenset({Action.CHOOSE, Action.APPROVE, Action.UNDO})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done at the desk; ``writes`` says that the shop is to be told something."""

    action: str
    said: str = ""
    writes: bool = False


def actor(request: DeskRequest) -> Actor:
    """Return who acts: the person of the form, in this flow run."""
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""), name=request.who)


@task(name="act at the desk", task_run_name="act at the desk", **RETRYING)
def act(request: DeskRequest) -> Outcome:
    """Do what the form says, in one transaction; whatever changes something needs a reason."""
    if request.action in READING:
        return Outcome(request.action)
    with Database.current().audited(actor(request)) as (connection, trail):
        said = _done(Desk(connection, trail, request.shop, request.who, request.reason, request.language), request)
    get_run_logger().info(said)
    return Outcome(request.action, said, writes=request.action in WRITING)


def _done(desk: Desk, request: DeskRequest) -> str:
    match request.action:
        case Action.CHOOSE:
            return desk.choose(request.needed("claim"))
        case Action.APPROVE | Action.DECLINE:
            return desk.decide(request.changes, approve=request.action is Action.APPROVE)
        case Action.MATCH:
            if len(request.articles) > 1:
                raise WrongUse("A product is one article: name one in the field 'Articles', or none.")
            return desk.match(request.needed("product"), next(iter(request.articles), ""))
        case Action.RELEASE | Action.DISCARD:
            return desk.let_in(request.needed("delivery"), release=request.action is Action.RELEASE)
        case _:
            return desk.undo(changes=request.changes, skus=request.articles, run=request.run)


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
def report(request: DeskRequest, outcome: Outcome) -> None:
    """Leave what was asked for: what waits, or the pages of articles."""
    form = form_of(DEPLOYMENT)
    with Database.current().connect() as connection:
        parts = [outcome.said] if outcome.said else []
        if request.action is Action.LIST:
            parts.append(_queue(connection, request, form))
        parts += _pages(connection, request, form)
    create_markdown_artifact(
        "\n\n".join(parts) or "Nothing waits.", key="enrichment-desk", description=outcome.said or "What waits."
    )


def _pages(connection: "Connection", request: DeskRequest, form: str) -> list[str]:
    schemas, pages = rulebooks.in_force(connection).schemas, []
    for sku in request.articles[:MOST_SHOWN]:
        look = product_coverage.page_of(connection, request.channel, sku)
        schema = schemas.schema_of(schemas.category_of(look["category"] or ""))
        link = filled_in(form, {"action": "choose", "shop": request.shop, "articles": [sku]})
        pages.append(article_page(look, schema, form=link))
    return pages


def _queue(connection: "Connection", request: DeskRequest, form: str) -> str:
    channel = request.channel

    def link(action: str, **named: object) -> str:
        address = filled_in(form, {"action": action, "shop": request.shop, **named})
        return f"[{action}]({address})" if address else ""

    changes = product_changes.listing(connection, channel=channel, states=product_changes.WAITING, limit=MOST_LISTED)
    matches = product_sources.ambiguous(connection, channel=channel, limit=MOST_LISTED)
    stopped = [row for row in product_deliveries.deliveries(connection, channel=channel, limit=MOST_LISTED)
               if row["state"] == "stopped"]  # fmt: skip
    conflicts = product_changes.conflicts(connection, channel=channel, limit=MOST_LISTED)
    parts = []
    if changes:
        rows = [[str(row["id"]), plain(row["sku"]), plain(row["attribute"]), plain(row["old"][:80]),
                 plain(row["new"][:80]), row["state"], plain(row["why"][:300]),
                 f"{link('approve', changes=[row['id']])} {link('show', articles=[row['sku']])}"]
                for row in changes]  # fmt: skip
        parts += ["## Changes", table(("no.", "article", "attribute", "old", "new", "state", "why", ""), rows)]
    if matches:
        rows = [[str(row["id"]), plain(row["source"]), plain(" ".join(map(str, row["identity"].values()))),
                 plain(", ".join(row["candidates"])), link("match", product=row["id"], articles=row["candidates"][:1])]
                for row in matches]  # fmt: skip
        parts += ["## Products to recognise", table(("no.", "source", "product", "could be", ""), rows)]
    if stopped:
        rows = [[str(row["id"]), plain(row["source"]), str(row["products"]), plain(row["why"]),
                 link("release", delivery=row["id"])] for row in stopped]  # fmt: skip
        parts += ["## Stopped sources", table(("no.", "source", "products", "why", ""), rows)]
    if conflicts:
        rows = [[plain(row["sku"]), plain(row["attribute"]), plain(row["why"]), link("show", articles=[row["sku"]])]
                for row in conflicts]  # fmt: skip
        parts += ["## Where sources differ", table(("article", "attribute", "what is believed and why", ""), rows)]
    return "\n\n".join(parts) or "Nothing waits."
