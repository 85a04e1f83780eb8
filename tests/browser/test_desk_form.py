"""What a person sees who follows a report's link to the quarantine desk: the form, with the record filled in."""

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from blocks.form_links import filled_in, form_of
from deployments.apply import to_deployment
from deployments.schedules import DEPLOYMENTS
from tasks.quarantine_desk.form import DeskRequest

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api: Any = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE = 30_000
RECORD = 4712

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH: install the package 'chromium'"),
]


@pytest.fixture(scope="module")
def link(prefect_server: str) -> str:
    """Return the link that a report has for one record, path and query."""
    (desk,) = (each for each in DEPLOYMENTS if each.entrypoint.endswith(".quarantine_desk"))
    to_deployment(desk).apply()
    address = filled_in(form_of("quarantine-desk/desk"), {"action": "show", "records": [RECORD]})
    return address.removeprefix(prefect_server.removesuffix("/api"))


@pytest.fixture(scope="module")
def page(link: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Page"]:
    """Return a page of a Chromium of our own, opened when all that asks Prefect is done."""
    assert link
    with (
        sync_api.sync_playwright() as playwright,
        playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("chromium"), executable_path=CHROMIUM, args=FLAGS,
            viewport={"width": 1600, "height": 1600},
        ) as browser,
    ):  # fmt: skip
        opened = browser.new_page()
        opened.set_default_timeout(PATIENCE)
        yield opened


@pytest.fixture(params=["", "/v2"], ids=["v1", "v2"])
def ui(request: pytest.FixtureRequest, prefect_server: str) -> str:
    return f"{prefect_server.removesuffix('/api')}{request.param}"


def test_a_reports_link_opens_the_form_with_the_record_filled_in(page: "Page", link: str, ui: str) -> None:
    page.goto(f"{ui}{link}")
    sync_api.expect(page.get_by_text("Who you are; goes into the audit trail.").first).to_be_visible(timeout=PATIENCE)
    assert str(RECORD) in [each.input_value() for each in page.locator("input").all()]
    person, reason = page.get_by_role("textbox").filter(visible=True).all()[-2:]
    person.fill("Anna")
    reason.fill("Just looking.")
    with page.expect_response(lambda answer: answer.url.endswith("/create_flow_run"), timeout=PATIENCE) as started:
        page.get_by_role("button", name="Submit", exact=True).click()
    assert started.value.status == httpx.codes.CREATED
    sent = DeskRequest.model_validate(started.value.json()["parameters"]["request"])
    assert sent == DeskRequest(records=[RECORD], person="Anna", reason="Just looking.")
