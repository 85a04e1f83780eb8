"""What is registered with Prefect is registered again only where something changed."""

import asyncio
import importlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.states import Scheduled

from blocks.systems.manufacturers.website import ManufacturerSite
from blocks.systems.registry import load_system
from deployments import apply as applying
from deployments.sandbox.manufacturer.app import API_KEY
from deployments.schedules import DEPLOYMENTS
from deployments.schedules import Scheduled as Deployed
from deployments.stack.parts import POOL
from deployments.stack.registration import ensure_pool
from deployments.stack.stack_file import Stack

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.mark.parametrize(
    "scheduled",
    [each for each in DEPLOYMENTS if each.every or each.cron or each.parameters],
    ids=lambda scheduled: scheduled.full_name,
)
def test_what_a_deployment_is_given_is_what_its_form_takes(scheduled: Deployed) -> None:
    module, _, name = scheduled.entrypoint.rpartition(".")
    getattr(importlib.import_module(module), name).validate_parameters(dict(scheduled.parameters))


async def make_pool() -> None:
    async with get_client() as client:
        await ensure_pool(client)


def test_the_same_code_registers_the_same_stack_once_and_what_is_missing_or_new_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = next(each for each in DEPLOYMENTS if each.at_once)
    two = (next(each for each in DEPLOYMENTS if "quarantine" in each.entrypoint), watched)
    monkeypatch.setattr(applying, "DEPLOYMENTS", two)
    monkeypatch.setattr(applying, "CONNECTORS", {})
    monkeypatch.setattr(applying, "fingerprint", lambda stack: f"the code as it is now, mail at {stack.smtp_port}")
    times: list[Stack] = []
    register_all = applying.register_all

    def counted(stack: Stack) -> dict[str, UUID]:
        times.append(stack)
        return register_all(stack)

    monkeypatch.setattr(applying, "register_all", counted)
    stack = Stack(home=tmp_path)
    asyncio.run(make_pool())
    applying.apply(stack)
    applying.apply(stack)
    assert len(times) == 1
    assert {each.full_name for each in two} <= applying.registered().keys()
    with get_client(sync_client=True) as client:
        under_way = client.read_flow_runs()
        client.delete_deployment(applying.registered()[two[0].full_name])
    assert applying.registered()[watched.full_name] in {run.deployment_id for run in under_way}
    applying.apply(stack)
    assert len(times) == 2
    applying.apply(Stack(home=tmp_path, smtp_port=2525))
    assert len(times) == 3


def test_deployments_are_called_what_prefect_calls_them() -> None:
    assert {each.full_name for each in DEPLOYMENTS} == {
        f"{(found := applying.to_deployment(each)).flow_name}/{found.name}" for each in DEPLOYMENTS
    }


def test_runs_that_fell_due_while_nothing_ran_are_dropped_and_no_others() -> None:
    asyncio.run(make_pool())
    poll = next(each for each in DEPLOYMENTS if each.every is not None and not each.at_once)
    nightly = next(each for each in DEPLOYMENTS if each.cron is not None)
    polling, night = (UUID(str(applying.to_deployment(each).apply(work_pool_name=POOL))) for each in (poll, nightly))
    now = datetime.now(UTC)
    with get_client(sync_client=True) as client:
        made = {
            (deployment, hours): client.create_flow_run_from_deployment(
                deployment, state=Scheduled(scheduled_time=now + timedelta(hours=hours))
            ).id
            for deployment in (polling, night)
            for hours in (-1, 1)
        }
        applying.drop_overdue([polling])
        left = {run.id for run in client.read_flow_runs()}
    assert {key for key, run in made.items() if run in left} == {(polling, 1), (night, -1), (night, 1)}


def test_connections_to_the_sandbox_manufacturer_follow_it_and_a_persons_own_stay(tmp_path: Path) -> None:
    names = ("manufacturer-api/nordlicht", "manufacturer-site/nordlicht", "manufacturer-folder/nordlicht")
    applying.save_sandbox_manufacturer("http://127.0.0.1:8105", tmp_path)
    own = ManufacturerSite(manufacturer="Acme", sitemap="https://www.acme.example/sitemap.xml")
    own.save("nordlicht", overwrite=True)
    applying.save_sandbox_manufacturer("http://127.0.0.1:8106", tmp_path)
    api, site, folder = (load_system(name) for name in names)
    assert (api.url, api.local_servers) == ("http://127.0.0.1:8106/api/v1", ["127.0.0.1:8106"])
    assert (api.item.attributes[0].at, api.paging.total_at) == ("technicalData", "total")
    assert api.secret.get_secret_value() == API_KEY
    assert site.sitemap == "https://www.acme.example/sitemap.xml"
    assert folder.url == (tmp_path / "sandbox" / "catalogues").as_uri()
