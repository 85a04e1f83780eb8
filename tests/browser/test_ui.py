"""What a person sees in Prefect's UI of a real order intake, in Chromium, in both versions of the UI."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from blocks.database import quarantine
from blocks.database.engine import Database
from blocks.settings import settings
from blocks.systems.shops.smartstore import SmartstoreShop
from deployments.apply import PAYMENT_METHODS, SHIPPING_METHODS, register, to_deployment
from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY
from deployments.schedules import DEPLOYMENTS
from deployments.stack.embedded_postgres import Cluster
from deployments.stack.stack_file import Stack
from flows.order_intake import IntakeRequest, order_intake
from tests import stack
from tests.erp import running_erp
from tests.faults.world import know_catalogue
from tests.sandbox import RunningShop, running_shop

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api: Any = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE = 30_000
CHANNEL, ACCEPTED = "uiberlin", 3

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH: install the package 'chromium'"),
]


@dataclass(frozen=True, slots=True)
class Seen:
    """One finished run and what the UI should show of it."""

    root: str
    run: dict[str, Any]
    deployment: str
    aside: dict[str, Any]

    def artifact(self, key: str) -> str:
        """Return the id of the run's artifact with this key."""
        wanted = {"flow_runs": {"id": {"any_": [self.run["id"]]}}, "artifacts": {"key": {"any_": [key]}}}
        (found,) = httpx.post(f"{self.root}/api/artifacts/filter", json=wanted, trust_env=False).json()
        return str(found["id"])


@pytest.fixture(scope="module")
def seen(
    postgres_cluster: Cluster, database_template: str, prefect_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seen]:
    """Run order intake once over three good orders and one bad one; all that asks Prefect is done before Chromium."""
    home, root = tmp_path_factory.mktemp("ui"), prefect_server.removesuffix("/api")
    with ExitStack() as world, pytest.MonkeyPatch.context() as patch:
        shop = world.enter_context(running_shop(home))
        erp = world.enter_context(running_erp(home))
        urls = world.enter_context(stack.copy_of(postgres_cluster, database_template))
        Stack(home=home, database_urls=urls.by_role()).save()
        patch.setenv("SOMS_HOME", str(home))
        settings.cache_clear()
        world.callback(settings.cache_clear)
        connect(shop)
        erp.connector().save("ui", overwrite=True)
        know_catalogue(Database(urls.app), CHANNEL)
        shop.orders(ACCEPTED)
        shop.orders(1, start=1000, bad=1.0)
        request = IntakeRequest(source=f"smartstore-shop/{CHANNEL}", erp="tryton-erp/ui")
        state: Any = order_intake(request, return_state=True)
        run = httpx.get(f"{root}/api/flow_runs/{state.state_details.flow_run_id}", trust_env=False).json()
        deployment = to_deployment(replace(DEPLOYMENTS[0], name="in the browser", every=None)).apply()
        with Database(urls.app).connect() as connection:
            (aside,) = quarantine.waiting(connection, source=request.source, limit=10)
        yield Seen(root, run, str(deployment), aside)


def connect(shop: RunningShop) -> None:
    """Save the shop's connection."""
    register(SmartstoreShop)
    SmartstoreShop(
        url=shop.url,
        public_key=PUBLIC_KEY,
        secret_key=SECRET_KEY,
        payment_methods=PAYMENT_METHODS,
        shipping_methods=SHIPPING_METHODS,
    ).save(CHANNEL, overwrite=True)


@pytest.fixture(scope="module")
def page(seen: Seen, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Page"]:  # noqa: ARG001 - must be done first
    """Return a page of a Chromium of our own, without anything from another profile."""
    profile: Path = tmp_path_factory.mktemp("chromium")
    with (
        sync_api.sync_playwright() as playwright,
        playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=FLAGS, viewport={"width": 1600, "height": 1200}
        ) as browser,
    ):
        opened = browser.new_page()
        opened.set_default_timeout(PATIENCE)
        yield opened


@pytest.fixture(params=["", "/v2"], ids=["v1", "v2"])
def ui(request: pytest.FixtureRequest, seen: Seen) -> str:
    """Return the address of one version of the UI."""
    return f"{seen.root}{request.param}"


def shows(page: "Page", *texts: str) -> None:
    """Insist that a person can see each text on the page."""
    for text in texts:
        sync_api.expect(page.get_by_text(text).filter(visible=True).first).to_be_visible(timeout=PATIENCE)


def test_a_run_is_called_after_what_it_does_and_its_steps_are_verbs(page: "Page", seen: Seen, ui: str) -> None:
    page.goto(f"{ui}/runs/flow-run/{seen.run['id']}")
    shows(page, f"order-intake {CHANNEL} 20", "Completed")
    page.get_by_text("Task Runs", exact=True).filter(visible=True).first.click()
    for step in ("collect orders", "judge and book", "tell ERP and shop", "report"):
        sync_api.expect(page.get_by_role("link", name=step, exact=True).first).to_be_visible(timeout=PATIENCE)


def test_the_report_tells_what_came_and_what_became_of_it(page: "Page", seen: Seen, ui: str) -> None:
    page.goto(f"{ui}/artifacts/artifact/{seen.artifact(f'order-intake-{CHANNEL}')}")
    shows(page, "What came and what became of it")
    rows = {"Received from the shop": ACCEPTED + 1, "Accepted, stock reserved": ACCEPTED, "Put aside with reasons": 1}
    for name, count in rows.items():
        row = page.get_by_role("row").filter(has_text=name)
        sync_api.expect(row.get_by_role("cell").last).to_have_text(str(count), timeout=PATIENCE)


def test_the_report_links_to_the_shops_connection(page: "Page", seen: Seen, ui: str) -> None:
    page.goto(f"{ui}/artifacts/artifact/{seen.artifact(f'order-intake-{CHANNEL}')}")
    link = page.get_by_role("link", name=f"smartstore-shop/{CHANNEL}").get_attribute("href")
    page.goto(str(link))  # a click opens it in a tab of its own
    shows(page, "Smartstore Shop", CHANNEL)


def test_an_order_put_aside_stands_with_its_rule_its_remedy_and_the_command(page: "Page", seen: Seen, ui: str) -> None:
    page.goto(f"{ui}/artifacts/artifact/{seen.artifact(f'order-intake-{CHANNEL}-waiting')}")
    row = page.get_by_role("row").filter(has_text=f"soms quarantine show {seen.aside['id']}")
    reason = seen.aside["faults"][0]
    for text in (seen.aside["external_id"], reason["rule"], reason["text"], reason["remedy"]):
        sync_api.expect(row).to_contain_text(text, timeout=PATIENCE)


def test_the_form_explains_each_field_in_reading_order(page: "Page", seen: Seen, ui: str) -> None:
    page.goto(f"{ui}/deployments/deployment/{seen.deployment}/run")
    explanations = [str(field.description) for field in IntakeRequest.model_fields.values()]
    shows(page, *explanations)
    form = page.inner_text("body")
    places = [form.index(text) for text in explanations]
    assert places == sorted(places)


def test_the_form_starts_a_rehearsal(page: "Page", seen: Seen, ui: str) -> None:
    page.goto(f"{ui}/deployments/deployment/{seen.deployment}/run")
    shows(page, "Dry Run")
    page.locator("[role=switch], input[type=checkbox], .p-toggle__control").filter(visible=True).first.click()
    assert submitted(page) == IntakeRequest(dry_run=True)


def test_the_form_starts_a_run_over_what_changed_since_a_given_time(page: "Page", seen: Seen) -> None:
    page.goto(f"{seen.root}/deployments/deployment/{seen.deployment}/run")
    page.get_by_text("date-time", exact=True).first.click()
    page.get_by_text("Select date and time").click()
    page.get_by_role("button", name="Now", exact=True).filter(visible=True).last.click()
    page.get_by_role("button", name="Apply", exact=True).click()
    taken = submitted(page)
    assert taken == IntakeRequest(since=taken.since)
    assert taken.since is not None


def submitted(page: "Page") -> IntakeRequest:
    """Send the form off and return what Prefect took as the new run's request."""
    with page.expect_response(lambda answer: answer.url.endswith("/create_flow_run"), timeout=PATIENCE) as started:
        page.get_by_role("button", name="Submit", exact=True).click()
    assert started.value.status == httpx.codes.CREATED
    return IntakeRequest.model_validate(started.value.json()["parameters"]["request"])
