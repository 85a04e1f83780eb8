"""Orders that people type: kept first, one order however often sent, and forgotten by Prefect."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.exceptions import PrefectHTTPStatusError
from pydantic import ValidationError

from blocks.database import quarantine
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from deployments.apply import to_deployment
from deployments.schedules import DEPLOYMENTS
from deployments.stack import roles
from deployments.stack.embedded_postgres import Cluster
from flows.entry_sweep import entry_sweep
from flows.order_entry import order_entry
from tasks.order_entry import forgetting, steps
from tests import desk, stack
from tests.counter import ADDRESS, Counter, open_counter
from tests.sandbox import RunningSmtp, running_smtp
from tests.traces import places_of

CARD = "4111 1111 1111 1111"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSmtp]:
    with running_smtp(tmp_path_factory.mktemp("mail")) as found:
        yield found


@pytest.fixture
def counter(
    configured: Path,
    database_url: stack.DatabaseUrls,
    prefect_server: str,  # noqa: ARG001 - it must be there
    server: RunningSmtp,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Counter]:
    monkeypatch.setattr("flows.order_entry.PATIENCE", 0.0)
    for message in server.messages():
        message.unlink()
    with open_counter(Database(database_url.app), configured, server) as found:
        yield found


@pytest.fixture
def prefect_url(postgres_cluster: Cluster, prefect_server: str) -> str:  # noqa: ARG001 - it must be there
    return postgres_cluster.url(user=roles.PREFECT, password=stack.PASSWORDS[roles.PREFECT], database=roles.PREFECT)


def orders(counter: Counter) -> list[dict[str, Any]]:
    return counter.ask("SELECT external_id, status, total, erp_number FROM sales_order ORDER BY id")


def only_run(counter: Counter) -> tuple[UUID, dict[str, Any]]:
    """Return the run of the counter's only form; the server keeps runs of other tests too."""
    forms = FlowRunFilter.model_validate({"name": {"like_": f"order-entry {counter.name} "}})
    with get_client(sync_client=True) as client:
        (run,) = client.read_flow_runs(flow_run_filter=forms)
        return run.id, run.parameters


def test_a_typed_order_is_booked_at_list_prices_sold_to_the_erp_and_confirmed(
    counter: Counter, database_url: stack.DatabaseUrls
) -> None:
    summary = order_entry(counter.form(slip="T-17"))
    assert summary.sentence() == "Order T-17 is accepted: 112.80 EUR, ships from EAST."
    (mail,) = counter.server.mails()
    body = mail.get_body(("plain",))
    assert body is not None
    for text in ("112,80 €", "47,55 €", "darin 19 % Umsatzsteuer", "Domstraße 1", "Voraussichtlich bei Ihnen bis"):
        assert text in body.get_content()
    assert len(list((counter.drop / "orders").iterdir())) == 1
    assert verify(Database(database_url.audit), counter.drop / "none").findings == ()


def test_a_form_that_is_sent_twice_or_run_again_is_one_order_and_one_mail(counter: Counter) -> None:
    first = order_entry(counter.form())
    again = order_entry(counter.form())
    assert first.order == again.order
    assert "nothing was ordered twice" in again.sentence()
    assert len(orders(counter)) == len(counter.server.messages()) == 1
    other = order_entry(counter.form(slip="another"))
    assert other.order != first.order
    assert len(orders(counter)) == 2


def test_prefect_forgets_what_was_typed_and_a_rerun_of_the_blanked_form_orders_nothing(
    counter: Counter, prefect_url: str
) -> None:
    secret = f"Geheimgasse{uuid4().hex[:10]}"
    order_entry(counter.form(billing={**ADDRESS, "street": secret}, comment=f"Klingel {secret}"))
    assert places_of(prefect_url, secret) == []
    run, parameters = only_run(counter)
    assert parameters["request"]["lines"][0]["sku"] == "LAMP"
    assert parameters["request"]["kept_as"]
    again = order_entry(counter.form(**parameters["request"] | {"billing": {}}))
    assert (again.order, again.fresh) == (parameters["request"]["kept_as"], False)
    assert len(orders(counter)) == 1
    forgetting.forget(run, "something else")  # what is blank stays as it is
    with get_client(sync_client=True) as client:
        assert client.read_flow_run(run).parameters == parameters


@pytest.mark.parametrize(
    "changes",
    [
        {"comment": f"my card is {CARD}"},
        {"comment": "4111-1111-1111-1111"},
        {"billing": {**ADDRESS, "last_name": "4111111111111111"}},
        {"billing": {**ADDRESS, "phone": CARD}},
        {"slip": "4111111111111111"},
        {"purchase_order_number": "PO 5500.0000.0000.0004"},
        {"lines": [{"sku": "4111111111111111"}]},
        {"customer_number": "378282246310005"},
    ],
)
def test_t_ops_2_a_form_with_a_card_number_is_refused_before_anything_of_it_is_kept(
    counter: Counter, prefect_url: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        counter.form(**changes)
    scheduled = next(each for each in DEPLOYMENTS if each.entrypoint.endswith("order_entry"))
    deployment = to_deployment(scheduled).apply()
    with get_client(sync_client=True) as client, pytest.raises(PrefectHTTPStatusError, match="409"):
        client.create_flow_run_from_deployment(deployment, parameters={"request": counter.typed(**changes)})
    for number in (CARD, CARD.replace(" ", ""), "4111-1111-1111-1111", "5500.0000.0000.0004", "378282246310005"):
        assert places_of(prefect_url, number) == []


def test_a_right_form_is_taken_by_prefects_server(counter: Counter) -> None:
    scheduled = next(each for each in DEPLOYMENTS if each.entrypoint.endswith("order_entry"))
    with get_client(sync_client=True) as client:
        run = client.create_flow_run_from_deployment(
            to_deployment(scheduled).apply(), parameters={"request": counter.typed()}
        )
        client.delete_flow_run(run.id)


def test_an_article_without_a_price_is_put_aside_and_the_form_sent_again_goes_through(counter: Counter) -> None:
    desk.know(counter.database, "VASE")
    desk.count(counter.database, 5, "VASE")
    form = counter.form(slip="T-1", lines=[{"sku": "VASE"}])
    summary = order_entry(form)
    assert "Article VASE has no price" in summary.sentence()
    with counter.database.audited(desk.ACTOR) as (connection, trail):
        connection.execute("UPDATE article SET price = 9.90, tax_category = 'Standard' WHERE sku = 'VASE'")
        trail.add("article.changed", "source/berlin", [("article", "berlin:VASE")])
    assert order_entry(form).state == "accepted"
    assert counter.ask("SELECT state FROM quarantine") == [{"state": "superseded"}]


def test_an_agreed_price_waits_until_somebody_has_approved_it(counter: Counter) -> None:
    form = counter.form(slip="T-2", lines=[{"sku": "LAMP", "quantity": "2", "agreed_price": "40,00"}])
    summary = order_entry(form)
    assert "agreed price" in summary.sentence()
    assert orders(counter) == []
    with counter.database.audited(desk.ACTOR) as (connection, trail):
        quarantine.release(connection, trail, [int(summary.quarantine_id or 0)], by="mara", reason="Agreed with us.")
    assert order_entry(form).state == "accepted"
    assert str(orders(counter)[0]["total"].normalize()) == "84.9"


def test_a_known_customer_is_named_by_number_alone(counter: Counter) -> None:
    order_entry(counter.form(slip="A", customer_number="K-88"))
    order_entry(counter.form(slip="B", customer_number="K-88", billing={}))
    order_entry(counter.form(slip="C", customer_number="K-99", billing={}))
    assert [row["external_id"] for row in orders(counter)] == ["A", "B"]
    documents = counter.ask("SELECT document::jsonb -> 'billing_address' AS address FROM sales_order ORDER BY id")
    assert documents[0] == documents[1]
    (aside,) = counter.ask("SELECT external_id, faults FROM quarantine")
    assert (aside["external_id"], "ORD-ADDRESS" in aside["faults"]) == ("C", True)


def test_a_business_sees_net_prices_and_goods_taken_along_ship_nowhere(counter: Counter) -> None:
    summary = order_entry(counter.form(slip="N", kind="business", shipping_method="", paid=True))
    assert summary.state == "accepted"
    (row,) = counter.ask("SELECT document::jsonb AS order FROM sales_order")
    order = row["order"]
    assert (order["price_display"], order["shipping_address"], order["payment_status"]) == ("net", None, "paid")
    assert (order["lines"][0]["unit_net"], order["totals"]["goods_net"]) == ("39.96", "91.88")
    assert order["charges"] == []


def test_an_order_to_a_country_without_tax_rates_is_put_aside(counter: Counter) -> None:
    summary = order_entry(counter.form(billing={**ADDRESS, "country": "FR"}))
    assert "No tax rates are set up for goods that go to FR" in summary.sentence()


def dying_run(counter: Counter, monkeypatch: pytest.MonkeyPatch, at: str, **changes: Any) -> None:
    """Run the flow and let it die at one of its steps."""

    def die(*_arguments: Any, **_names: Any) -> None:
        raise RuntimeError("The worker died.")

    with monkeypatch.context() as patch:
        patch.setattr(f"flows.order_entry.{at}", die)
        with pytest.raises(RuntimeError):
            order_entry(counter.form(**changes))


@pytest.mark.parametrize("at", ["enter", "forget_form", "judge_and_book", "deliver", "report"])
def test_a_run_that_died_at_any_step_leaves_one_order_and_nothing_personal_after_the_sweep(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, prefect_url: str, at: str
) -> None:
    secret = f"Geheimgasse{uuid4().hex[:10]}"
    form = {"slip": f"D-{at}", "billing": {**ADDRESS, "street": secret}}
    dying_run(counter, monkeypatch, at, **form)
    for _ in range(2):
        entry_sweep()
    assert places_of(prefect_url, secret) == []
    assert [row["external_id"] for row in counter.ask("SELECT external_id FROM inbox")] == [f"D-{at}"]
    summary = order_entry(counter.form(**form))
    assert summary.state == "accepted"
    assert len(orders(counter)) == len(counter.server.messages()) == 1


def test_a_form_that_a_person_called_off_is_forgotten_and_not_ordered(counter: Counter, prefect_url: str) -> None:
    from prefect.states import Cancelled  # noqa: PLC0415 - beside the one test that needs it

    scheduled = next(each for each in DEPLOYMENTS if each.entrypoint.endswith("order_entry"))
    secret = f"Geheimgasse{uuid4().hex[:10]}"
    typed = counter.typed(billing={**ADDRESS, "street": secret})
    with get_client(sync_client=True) as client:
        run = client.create_flow_run_from_deployment(to_deployment(scheduled).apply(), parameters={"request": typed})
        client.set_flow_run_state(run.id, Cancelled(), force=True)
    steps.sweep(counter.database, steps.actor(), lambda _line: None)
    assert places_of(prefect_url, secret) == []
    assert counter.ask("SELECT 1 FROM inbox") == []


def test_who_fills_in_the_field_that_is_not_for_people_is_told(counter: Counter) -> None:
    with pytest.raises(Exception, match="leave the field 'Kept As' empty"):
        order_entry(counter.form(kept_as="T-99"))
    assert counter.ask("SELECT 1 FROM inbox") == []
