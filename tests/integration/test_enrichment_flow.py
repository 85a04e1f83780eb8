"""The whole way of manufacturers' data by the flows that people run: sandbox manufacturer, Postgres, Prefect, desk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from pydantic import ValidationError

from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.systems.manufacturers.rest_api import ManufacturerApi
from blocks.systems.manufacturers.website import ManufacturerSite
from deployments.apply import register
from flows.enrichment_desk import enrichment_desk
from flows.manufacturer_enrichment import manufacturer_enrichment
from tasks.manufacturer_enrichment import delivering, steps
from tasks.manufacturer_enrichment.desk_form import DeskRequest
from tasks.manufacturer_enrichment.form import EnrichmentRequest
from tests import stack
from tests.enrichment import SHOP, ContentShop, World
from tests.manufacturer import RunningManufacturer, running_manufacturer

COUNT = 14


@pytest.fixture(scope="module")
def maker() -> Iterator[RunningManufacturer]:
    with running_manufacturer(COUNT) as running:
        yield running


def pages_of(run_id: Any) -> dict[str, str]:
    """Return the Markdown that a flow run left, by key."""
    with get_client(sync_client=True) as client:
        own = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
        return {str(each.key): str(each.data) for each in client.read_artifacts(artifact_filter=own)}


def test_articles_are_enriched_from_api_and_site_once_shown_to_people_and_taken_back(
    configured: Path,
    database_url: stack.DatabaseUrls,
    prefect_server: str,  # noqa: ARG001 - it must be there
    maker: RunningManufacturer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop, name = ContentShop(), f"m{uuid4().hex[:8]}"
    world = World(Database(database_url.app), shop, "Leuchten")
    made = list(maker.products)
    world.articles(*((f"NL{place}", product.gtin) for place, product in enumerate(made[:12])))
    shop.shows["NL0"] = {"name": "Unsere Lampe", "weight": "1"}
    for connector, system in ((ManufacturerApi, maker.api()), (ManufacturerSite, maker.site())):
        register(connector)
        system.save(name)
    for module in (steps, delivering):
        own = module.load_system
        monkeypatch.setattr(module, "load_system", lambda named, own=own: shop if named == SHOP else own(named))
    sources = [f"manufacturer-api/{name}", f"manufacturer-site/{name}"]
    request = EnrichmentRequest(shop=SHOP, sources=sources, manufacturer="NORDLICHT GmbH", patience=0)
    maker.behave()
    maker.quirks({"name": "contradiction", "channel": "site", "mpn": made[1].mpn})

    state = manufacturer_enrichment(request, return_state=True)
    summary = state.result()
    assert (summary.sources, summary.matched, summary.stopped, summary.left_to_people) == (2, 24, 0, 2)
    assert summary.written > 40
    assert shop.shows["NL0"] == {**shop.shows["NL0"], "name": "Unsere Lampe", "weight": "1"}
    assert shop.shows["NL2"]["weight"] == f"{made[2].weight * 1000:f}".rstrip("0").rstrip(".")
    left = pages_of(state.state_details.flow_run_id)
    assert "Coverage of what is required" in left["enrichment-berlin"]
    assert any("What becomes of it".lower() in text for key, text in left.items() if key.startswith("product-berlin"))

    writes = len(shop.writes)
    again = manufacturer_enrichment(request)
    assert (again.written, len(shop.writes), again.values) == (0, writes, 0)
    rehearsed = manufacturer_enrichment(request.model_copy(update={"dry_run": True, "look_again": True}))
    assert (rehearsed.dry_run, len(shop.writes)) == (True, writes)

    who = {"person": "ada", "reason": "seen on the box", "shop": SHOP}
    before = dict(shop.shows["NL3"])
    undone = enrichment_desk(DeskRequest(action="undo", articles=["NL3"], **who))
    assert "go back" in undone.said
    assert any(before.values())
    assert not any(shop.shows["NL3"].values())
    listed = enrichment_desk(DeskRequest(person="ada", articles=["NL1"], shop=SHOP), return_state=True)
    page = pages_of(listed.state_details.flow_run_id)["enrichment-desk"]
    assert "## Changes" in page
    assert verify(Database(database_url.audit), configured / "anchors" / "audit.jsonl").findings == ()


def test_only_shops_and_manufacturers_can_be_named_in_the_form() -> None:
    for wrong in ({"shop": "tryton-erp/main"}, {"sources": ["order-folder/branch"]}, {"language": "deutsch"}):
        with pytest.raises(ValidationError):
            EnrichmentRequest(**wrong)
