"""A shop's day in a minute: orders arrive, good and bad, with faults on, while the deployments run; then the books."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from blocks.database.audit_verification import Verification, anchor, verify
from blocks.database.engine import Database
from blocks.errors import SomsError
from blocks.settings import settings
from deployments import demo_invoices, demo_products, demo_shelves, demo_tills
from deployments.apply import SANDBOX_TILL
from deployments.demo_invoices import Bills
from deployments.demo_products import Enriched
from deployments.demo_shelves import RECONCILIATION, Shelves
from deployments.demo_tills import Rung
from deployments.narration import Narrator, step
from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY
from tasks.order_intake import records

if TYPE_CHECKING:
    from deployments.stack.stack_file import Stack

DRIP, TELL_EVERY, PATIENCE = 10, 40, 300.0
STALLED = 45.0
"""Seconds without progress after which a run of order intake is started."""
ENDS = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
INTAKE, WATCH, MASTER_DATA = "order-intake/berlin", "order-watch/berlin", "master-data/berlin"
CHANNEL, SOURCE = "berlin", "smartstore-shop/berlin"
LIMIT_REACHED = "concurrency limit"
SHOP_FAULTS: tuple[Mapping[str, Any], ...] = (
    {"kind": "latency", "path": "/odata/v1/Orders", "every": 3, "seconds": 0.3},
    {"kind": "status", "status": 429, "retry_after": 1, "path": "/odata/v1/Orders", "nth": 2},
    {"kind": "duplicate_rows", "path": "/odata/v1/Orders", "nth": 5},
    {"kind": "malformed_json", "path": "/odata/v1/Orders", "nth": 9},
    {"kind": "cut_after", "method": "POST", "path": "SyncMappings", "every": 40},
    {"kind": "cut_after", "method": "POST", "path": "OrderNotes", "every": 50},
)
ERP_FAULTS: tuple[Mapping[str, Any], ...] = (
    {"kind": "status", "status": 500, "body": "model.sale.sale.create", "from": 1, "to": 2},
    {"kind": "cut_after", "body": "model.sale.sale.create", "nth": 4},
    {"kind": "cut_after", "body": "model.sale.sale.confirm", "nth": 2},
    {"kind": "latency", "body": "model.sale.sale.quote", "every": 8, "seconds": 0.4},
)


@dataclass
class Day:
    """What happened: the orders placed with the truth about them, what became of each, and the proof."""

    placed: dict[str, dict[str, Any]] = field(default_factory=dict)
    became: dict[str, str] = field(default_factory=dict)
    rules: Counter[str] = field(default_factory=Counter)
    sales: dict[str, int] = field(default_factory=dict)
    marks: int = 0
    retried: int = 0
    adopted: int = 0
    runs: list[str] = field(default_factory=list)
    shelves: Shelves = field(default_factory=Shelves)
    bills: Bills = field(default_factory=Bills)
    till: Rung = field(default_factory=Rung)
    enriched: Enriched = field(default_factory=Enriched)
    proof: Verification | None = None
    seconds: float = 0.0

    def wrong(self) -> list[str]:
        """Return every way in which the books are not what the truth demands; empty after a good day."""
        found = []
        for order, truth in self.placed.items():
            state = self.became.get(order, "lost")
            if truth["kind"] == "bad" and state != "put aside":
                found.append(f"Order {order} has a defect ({truth['defect']}) and was {state}.")
            if truth["kind"] != "bad" and state not in {"accepted", "short"}:
                found.append(f"Order {order} is good and was {state}.")
            if state == "accepted" and self.sales.get(order, 0) != 1:
                found.append(f"Order {order} has {self.sales.get(order, 0)} sales in the ERP.")
        if self.proof is None or self.proof.findings:
            found.append("The audit trail does not agree with the tables.")
        return found + self.shelves.wrong() + self.till.wrong() + self.bills.wrong() + self.enriched.wrong()


def play(stack: "Stack", voice: Narrator, *, orders: int) -> Day:
    """Play one day against a running local stack.

    Raises:
        SomsError: The stack has no sandbox, or a run did not end.
    """
    if not (stack.shop_url and stack.erp_url and stack.erp_direct_url):
        raise SomsError("The demo needs the sandbox: run `soms down`, then `soms up` without --no-sandbox.")
    begun, day = time.monotonic(), Day()
    with httpx.Client(timeout=60, trust_env=False) as http:
        if not _knows_articles():
            with step(voice, "Articles and stock taken in for the first time", "done"):
                _await(http, stack, MASTER_DATA, _start(http, stack, MASTER_DATA))
        try:
            marks = _marks(http, stack)
            _set_faults(http, stack, SHOP_FAULTS, ERP_FAULTS)
            day.shelves = demo_shelves.empty(http, stack)
            reconciliation = _start(http, stack, RECONCILIATION)
            with ThreadPoolExecutor(1, thread_name_prefix="beside the orders") as aside:
                billed, enriched = aside.submit(demo_invoices.play), aside.submit(demo_products.play)
                with step(voice, f"{orders} orders placed, taken in and booked, with faults on", "done"):
                    _sell(http, stack, voice, day, orders)
                with step(voice, "Suppliers' invoices checked, booked and answered meanwhile", "done"):
                    day.bills = billed.result()
                with step(voice, "Articles enriched with what their manufacturer says", "done"):
                    day.enriched = enriched.result()
            with step(voice, "Shelves of the shop put right, a till's file taken in", "done"):
                reconciliation = _await(http, stack, RECONCILIATION, reconciliation)
                demo_shelves.look(http, stack, day.shelves, reconciliation)
                day.till = demo_tills.ring_up(Database.current(), stack.home.absolute() / SANDBOX_TILL)
                demo_tills.play(day.till)
        finally:
            _set_faults(http, stack, (), ())
        with step(voice, "Books closed: database, ERP and shop counted, audit trail proved", "done"):
            _count(stack, day)
            day.marks = _marks(http, stack) - marks
    day.seconds = time.monotonic() - begun
    return day


def _sell(http: httpx.Client, stack: "Stack", voice: Narrator, day: Day, orders: int) -> None:
    """Sell half of the orders, and the other half bit by bit while the watcher takes them in.

    Order intake is started where the watcher gets no further: it begins anew every quarter of an hour.

    Raises:
        SomsError: Nothing was taken in or booked for a long time.
    """
    _place(http, stack, day, orders // 2)
    day.runs += _running(http, stack, WATCH)
    told, before = 0, (-1, -1, -1)
    moved_at = started_at = time.monotonic()
    while True:
        time.sleep(0.5)
        if len(day.placed) < orders:
            _place(http, stack, day, min(DRIP, orders - len(day.placed)))
        kept, booked, settled = now = _progress(day)
        if settled >= orders:
            return
        if booked >= told + TELL_EVERY:
            told = booked
            voice.says(f"  {len(day.placed)} orders sold, {kept} of them received, {booked} in the ERP")
        if now != before:
            before, moved_at = now, time.monotonic()
        if time.monotonic() > moved_at + PATIENCE:
            raise SomsError(
                f"{orders - settled} of {orders} orders got no further for {PATIENCE:.0f} s: see {stack.ui_url}/runs."
            )
        if time.monotonic() > max(moved_at, started_at) + STALLED and not _running(http, stack, INTAKE):
            day.runs.append(_start(http, stack, INTAKE))
            started_at = time.monotonic()


def _progress(day: Day) -> tuple[int, int, int]:
    """Return how many of the placed orders were received, how many are in the ERP, how many need nothing more."""
    with Database.current().connect() as connection:
        row = connection.execute(
            "SELECT count(i.id) AS kept, count(*) FILTER (WHERE o.erp_number IS NOT NULL) AS booked, count(*) FILTER"
            " (WHERE i.state IN ('accepted', 'put_aside', 'superseded', 'ignored')"
            " AND (o.id IS NULL OR o.status = 'short' OR o.taken_over_at IS NOT NULL)) AS settled"
            " FROM unnest(%s::text[]) AS placed(id)"
            " LEFT JOIN inbox i ON i.external_id = placed.id AND i.source = %s AND i.kind = 'order'"
            " LEFT JOIN sales_order o ON o.external_id = placed.id AND o.channel = %s",
            (list(day.placed), SOURCE, CHANNEL),
        ).fetchone()
    return (row["kept"], row["booked"], row["settled"]) if row else (0, 0, 0)


def _set_faults(
    http: httpx.Client, stack: "Stack", shop: Sequence[Mapping[str, Any]], erp: Sequence[Mapping[str, Any]]
) -> None:
    for address, faults in ((stack.shop_url, shop), (stack.erp_url, erp)):
        http.delete(f"{address}/admin/faults").raise_for_status()
        if faults:
            http.post(f"{address}/admin/faults", json=list(faults)).raise_for_status()


def _place(http: httpx.Client, stack: "Stack", day: Day, count: int) -> None:
    known = http.get(f"{stack.shop_url}/admin/state").raise_for_status().json()["orders"]
    request = {"count": count, "start": known, "spread_seconds": 1, "bad": 0.06, "short": 0.02 if day.placed else 0.0}
    answer = http.post(f"{stack.shop_url}/admin/orders", json=request).raise_for_status().json()
    truth = http.get(f"{stack.shop_url}/admin/orders/truth").raise_for_status().json()
    day.placed |= {str(order): truth[str(order)] for order in answer["ids"]}


def _knows_articles() -> bool:
    with Database.current().connect() as connection:
        return records.has_master_data(connection, CHANNEL)


def _start(http: httpx.Client, stack: "Stack", deployment: str) -> str:
    """Start a deployment's run as the UI's *Run* does; returns its id."""
    known = http.get(f"{stack.prefect_api_url}/deployments/name/{deployment}").raise_for_status().json()
    address = f"{stack.prefect_api_url}/deployments/{known['id']}/create_flow_run"
    return str(http.post(address, json={}).raise_for_status().json()["id"])


def _running(http: httpx.Client, stack: "Stack", deployment: str) -> list[str]:
    """Return the deployment's runs that are under way, by their ids."""
    known = http.get(f"{stack.prefect_api_url}/deployments/name/{deployment}").raise_for_status().json()
    wanted = {
        "deployments": {"id": {"any_": [known["id"]]}},
        "flow_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING"]}}},
    }
    found = http.post(f"{stack.prefect_api_url}/flow_runs/filter", json=wanted).raise_for_status().json()
    return [str(run["id"]) for run in found]


def _await(http: httpx.Client, stack: "Stack", deployment: str, run: str) -> str:
    """Wait for a run's end; returns its id. When a scheduled run had the only place, another is started after it.

    Raises:
        SomsError: The run failed, or there was no end of it.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        time.sleep(0.5)
        state = http.get(f"{stack.prefect_api_url}/flow_runs/{run}").raise_for_status().json()["state"] or {}
        if state.get("type") == "COMPLETED":
            return run
        if state.get("type") == "CANCELLED" and LIMIT_REACHED in (state.get("message") or ""):
            time.sleep(2)
            run = _start(http, stack, deployment)
        elif state.get("type") in ENDS:
            raise SomsError(f"{deployment} ended as {state.get('name')}: {state.get('message')}")
    raise SomsError(f"{deployment} did not end within {PATIENCE:.0f} s: see the runs at {stack.ui_url}/runs.")


def _marks(http: httpx.Client, stack: "Stack") -> int:
    """Return how many takeover marks of orders the shop keeps, by its own count."""
    wanted = {"$filter": "EntityName eq 'Order'", "$count": "true", "$top": "1"}
    headers, access = {"Accept": "application/json"}, (PUBLIC_KEY, SECRET_KEY)
    answer = http.get(f"{stack.shop_url}/odata/v1/SyncMappings", params=wanted, headers=headers, auth=access)
    return int(answer.raise_for_status().json()["@odata.count"])


def _count(stack: "Stack", day: Day) -> None:
    keys = list(day.placed)
    with Database.current().connect() as connection:
        rows = connection.execute(
            "SELECT DISTINCT ON (i.external_id) i.external_id, "
            " coalesce(o.status, replace(i.state, '_', ' ')) AS became, q.faults"
            " FROM inbox i LEFT JOIN sales_order o ON o.external_id = i.external_id AND o.channel = %s"
            " LEFT JOIN quarantine q ON q.inbox_id = i.id AND q.state = 'open'"
            " WHERE i.source = %s AND i.kind = 'order' AND i.external_id = ANY(%s) ORDER BY i.external_id, i.id DESC",
            (CHANNEL, SOURCE, keys),
        ).fetchall()
        effects = connection.execute(
            "SELECT count(*) FILTER (WHERE attempts > 1) AS retried,"
            " count(*) FILTER (WHERE answer::jsonb ->> 'adopted' = 'true') AS adopted FROM effect WHERE state = 'done'"
            " AND split_part(business_key, ':', 3) = ANY(%s)",
            (keys,),
        ).fetchone()
    day.became = {row["external_id"]: row["became"] for row in rows}
    day.rules = Counter(_first_rule(row["faults"]) for row in rows if row["faults"])
    day.retried, day.adopted = (effects["retried"], effects["adopted"]) if effects else (0, 0)
    day.sales = _sales_in_erp(stack, [key for key, state in day.became.items() if state == "accepted"])
    auditor = Database(settings().require_database_url("soms_audit"))
    day.proof = verify(auditor, settings().audit_anchor)
    anchor(auditor, settings().audit_anchor)


def _first_rule(faults: str) -> str:
    import json  # noqa: PLC0415

    first = json.loads(faults)[0]
    return f"{first['rule']}: {first['text']}" if first["rule"].startswith("ORD-DQ") else str(first["rule"])


def _sales_in_erp(stack: "Stack", orders: Sequence[str]) -> dict[str, int]:
    """Ask the ERP itself, past the fault proxy, how many sales it has for each order."""
    from blocks.documents.sales import sale_reference  # noqa: PLC0415
    from blocks.systems.erps.tryton import TrytonErp  # noqa: PLC0415 - Prefect comes with it
    from deployments.sandbox import erp  # noqa: PLC0415

    direct = TrytonErp(url=str(stack.erp_direct_url), database=erp.DATABASE, user=erp.USER, password=erp.PASSWORD)
    references = {sale_reference(CHANNEL, order): order for order in orders}
    found = direct.find_sales(list(references))
    return {references[reference]: len(sales) for reference, sales in found.items()}
