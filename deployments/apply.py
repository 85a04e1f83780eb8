"""Registers connector types, the sandbox's connections and all deployments; the same again changes nothing."""

import importlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from blocks.systems.registry import CONNECTORS, connector
from deployments.schedules import DEPLOYMENTS, ZONE, Scheduled
from deployments.stack.fingerprint import fingerprint
from deployments.stack.parts import POOL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prefect.blocks.core import Block
    from prefect.deployments.runner import RunnerDeployment

    from deployments.stack.stack_file import Stack

MARK = "soms_registered"
"""The variable on the Prefect server that says what was registered last."""
ANCHOR, GOLDEN = datetime(2026, 1, 1, tzinfo=UTC), 0.6180339887
SANDBOX_FOLDER = Path("sandbox") / "orders-in"
SANDBOX_TILL = Path("sandbox") / "till"
SANDBOX_FEEDS = Path("sandbox") / "feeds"
SANDBOX_INVOICES = Path("sandbox") / "invoices"
SANDBOX_CATALOGUES = Path("sandbox") / "catalogues"
PAYMENT_METHODS = {
    "Payments.Prepayment": "prepayment",
    "Payments.Invoice": "invoice",
    "Payments.PayPalStandard": "paypal",
    "Payments.CashOnDelivery": "cash on delivery",
    "Payments.DirectDebit": "direct debit",
}
SHIPPING_METHODS = {"Parcel": "parcel", "Express": "express", "Store pickup": "pickup"}


def apply(stack: "Stack") -> None:
    """Bring a Prefect server to what this code says: connector types, sandbox connections, deployments.

    A connection that a person has pointed at their own system is left as it is. Where the same code has registered the
    same stack before, nothing is registered again.

    Args:
        stack: The running local stack; without its sandbox only types and deployments are registered.
    """
    from prefect.variables import Variable  # noqa: PLC0415 - as below

    mark, known = fingerprint(stack), registered()
    if Variable.get(MARK) != mark or not {scheduled.full_name for scheduled in DEPLOYMENTS} <= known.keys():
        known = register_all(stack)
        Variable.set(MARK, mark, overwrite=True)
    drop_overdue([known[scheduled.full_name] for scheduled in DEPLOYMENTS if scheduled.every is not None])
    for scheduled in DEPLOYMENTS:
        if scheduled.at_once:
            start_unless_under_way(known[scheduled.full_name])


def registered() -> dict[str, UUID]:
    """Return the ids of the deployments that the server knows, by 'flow/name'."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - as below

    with get_client(sync_client=True) as client:
        deployments = client.read_deployments()
        flows = {flow.id: flow.name for flow in client.read_flows()}
    return {f"{flows.get(found.flow_id, '')}/{found.name}": found.id for found in deployments}


def register_all(stack: "Stack") -> dict[str, UUID]:
    """Register everything; returns the ids of the deployments by 'flow/name'."""
    for slug in CONNECTORS:
        register(connector(slug))
    if stack.shop_url and stack.erp_url:
        save_sandbox_connections(stack.shop_url, stack.erp_url)
        save_sandbox_folder(stack.home)
        save_sandbox_till(stack.home)
        save_sandbox_feeds(stack.home)
        save_sandbox_invoices(stack.home)
    if stack.smtp_port:
        save_sandbox_mailbox(stack.smtp_port)
    if stack.manufacturer_url:
        save_sandbox_manufacturer(stack.manufacturer_url, stack.home)
    return {each.full_name: UUID(str(to_deployment(each).apply(work_pool_name=POOL))) for each in DEPLOYMENTS}


def drop_overdue(deployments: "Sequence[UUID]") -> None:
    """Drop the runs that fell due at an interval while nothing ran: the next one does what they would have done."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - as below
    from prefect.client.schemas.filters import DeploymentFilter, FlowRunFilter  # noqa: PLC0415

    overdue = {
        "state": {"type": {"any_": ["SCHEDULED"]}},
        "expected_start_time": {"before_": datetime.now(UTC).isoformat()},
    }
    these = DeploymentFilter.model_validate({"id": {"any_": [str(each) for each in deployments]}})
    with get_client(sync_client=True) as client:
        while found := client.read_flow_runs(
            deployment_filter=these, flow_run_filter=FlowRunFilter.model_validate(overdue)
        ):
            for run in found:
                client.delete_flow_run(run.id)


def start_unless_under_way(deployment: UUID) -> None:
    """Start a run of a deployment, unless one runs already or is about to."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - as below
    from prefect.client.schemas.filters import DeploymentFilter, FlowRunFilter  # noqa: PLC0415

    under_way_or_about_to = {"state": {"type": {"any_": ["PENDING", "RUNNING"]}}}
    with get_client(sync_client=True) as client:
        under_way = client.read_flow_runs(
            deployment_filter=DeploymentFilter.model_validate({"id": {"any_": [str(deployment)]}}),
            flow_run_filter=FlowRunFilter.model_validate(under_way_or_about_to),
        )
        if not under_way:
            client.create_flow_run_from_deployment(deployment)


def register(block_type: "type[Block]") -> None:
    """Register one connector type and its schema.

    The client repeats a call whose answer it lost; the repeated creation is refused as known already, and going over
    it once more finds what the lost answer had made.
    """
    from prefect.exceptions import ObjectAlreadyExists  # noqa: PLC0415 - as below

    try:
        block_type.register_type_and_schema()
    except ObjectAlreadyExists:
        block_type.register_type_and_schema()


def to_deployment(scheduled: Scheduled) -> "RunnerDeployment":
    """Return Prefect's own form of one deployment."""
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy  # noqa: PLC0415
    from prefect.schedules import Cron, Interval  # noqa: PLC0415 - all three: seconds that `soms --help` must not pay
    from prefect.types.entrypoint import EntrypointType  # noqa: PLC0415

    module, _, name = scheduled.entrypoint.rpartition(".")
    flow = getattr(importlib.import_module(module), name)
    schedules: list[Any] = []
    if scheduled.every is not None:
        schedules.append(Interval(scheduled.every, anchor_date=anchor_of(scheduled), timezone=ZONE))
    if scheduled.cron is not None:
        schedules.append(Cron(scheduled.cron, timezone=ZONE))
    found: RunnerDeployment = flow.to_deployment(
        name=scheduled.name,
        schedules=schedules,
        parameters=dict(scheduled.parameters),
        description=scheduled.description,
        tags=list(scheduled.tags),
        concurrency_limit=ConcurrencyLimitConfig(
            limit=scheduled.limit, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW
        ),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    return found


def anchor_of(scheduled: Scheduled) -> datetime:
    """Return a time from which a deployment's intervals count: no two deployments' runs begin together.

    Each run is a process that needs a processor for some seconds at its start; all of them at the same minute would
    keep the watchers, and people, waiting. The golden ratio spreads any number of them evenly over the shortest.
    """
    repeated = [each for each in DEPLOYMENTS if each.every is not None]
    shortest = min((each.every for each in repeated if each.every), default=timedelta())
    return ANCHOR + shortest * (repeated.index(scheduled) * GOLDEN % 1 if scheduled in repeated else 0)


def save_sandbox_connections(shop_url: str, erp_url: str) -> None:
    """Save the blocks 'smartstore-shop/berlin' and 'tryton-erp/main' that point at the sandbox."""
    from deployments.sandbox import erp  # noqa: PLC0415 - the sandbox is not part of every installation's path
    from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY  # noqa: PLC0415

    save_unless_own(
        "smartstore-shop",
        "berlin",
        url=shop_url,
        public_key=PUBLIC_KEY,
        secret_key=SECRET_KEY,
        payment_methods=PAYMENT_METHODS,
        shipping_methods=SHIPPING_METHODS,
    )
    save_unless_own(
        "order-desk",
        "phone",
        assortment="berlin",
        tax_rates={"DE": {"Standard": 19, "Reduced": 7, "Zero": 0}},
        shipping_charges={"parcel": "4.90", "express": "9.90"},
        payment_methods={name: name for name in PAYMENT_METHODS.values()} | {"cash": "cash", "card": "card"},
        shipping_methods={name: name for name in SHIPPING_METHODS.values()},
    )
    save_unless_own("tryton-erp", "main", url=erp_url, database=erp.DATABASE, user=erp.USER, password=erp.PASSWORD)


def save_sandbox_folder(home: Path) -> None:
    """Save the block 'order-folder/branch' over a folder of the sandbox; its incoming folder is there from then on."""
    folder = home.absolute() / SANDBOX_FOLDER
    (folder / "incoming").mkdir(parents=True, exist_ok=True)
    save_unless_own(
        "order-folder",
        "branch",
        url=folder.as_uri(),
        profile="german-semicolon",
        assortment="berlin",
        quiet_seconds=2,
        payment_methods={"Vorkasse": "prepayment", "Rechnung": "invoice", "PayPal": "paypal"},
        shipping_methods={"Paket": "parcel", "Express": "express"},
    )


def save_sandbox_till(home: Path) -> None:
    """Save the block 'pos-folder/store' over a folder of the sandbox; its incoming folder is there from then on."""
    folder = home.absolute() / SANDBOX_TILL
    (folder / "incoming").mkdir(parents=True, exist_ok=True)
    save_unless_own(
        "pos-folder",
        "store",
        url=folder.as_uri(),
        profile="till-semicolon",
        quiet_seconds=2,
        warehouses={"Berlin": "BER", "Hamburg": "HAM"},
    )


def save_sandbox_feeds(home: Path) -> None:
    """Save the block 'feed-folder/marketplace' over a folder of the sandbox; a feed of the stock rules may name it."""
    folder = home.absolute() / SANDBOX_FEEDS
    folder.mkdir(parents=True, exist_ok=True)
    save_unless_own("feed-folder", "marketplace", url=folder.as_uri())


def save_sandbox_invoices(home: Path) -> None:
    """Save the block 'invoice-folder/suppliers' over a folder of the sandbox; its incoming folder is there then."""
    folder = home.absolute() / SANDBOX_INVOICES
    (folder / "incoming").mkdir(parents=True, exist_ok=True)
    save_unless_own("invoice-folder", "suppliers", url=folder.as_uri(), quiet_seconds=2)


def save_sandbox_mailbox(port: int) -> None:
    """Save the block 'smtp-mailbox/orders' that points at the sandbox's mail server."""
    save_unless_own(
        "smtp-mailbox",
        "orders",
        host="127.0.0.1",
        port=port,
        security="none",
        sender="orders@lampenhaus.example",
        merchant="Lampenhaus Berlin",
        imprint="Lampenhaus Berlin GmbH · Kastanienallee 1 · 10435 Berlin\nAmtsgericht Charlottenburg, HRB 4711 B ·"
        " Geschäftsführung: Erika Muster\nUSt-IdNr. DE123456789",
        website="https://lampenhaus.example",
    )


def save_sandbox_manufacturer(url: str, home: Path) -> None:
    """Save the blocks 'manufacturer-api/nordlicht', -site and -folder that point at the sandbox's manufacturer."""
    from deployments.sandbox.manufacturer import connections  # noqa: PLC0415 - as above

    folder = home.absolute() / SANDBOX_CATALOGUES
    (folder / "incoming").mkdir(parents=True, exist_ok=True)
    save_unless_own("manufacturer-api", "nordlicht", **connections.api(url))
    save_unless_own("manufacturer-site", "nordlicht", **connections.site(url))
    save_unless_own("manufacturer-folder", "nordlicht", **connections.folder(folder))


def save_unless_own(slug: str, name: str, **fields: Any) -> None:
    """Save a connection, unless one of this name exists that does not point at this machine."""
    block_type: type[Block] = connector(slug)
    try:
        known = block_type.load(name)
    except ValueError:  # there is none yet
        known = None
    url = str(getattr(known, "url", getattr(known, "sitemap", "")))
    folders = (SANDBOX_FOLDER, SANDBOX_TILL, SANDBOX_FEEDS, SANDBOX_INVOICES, SANDBOX_CATALOGUES)
    places = tuple(folder.as_posix() for folder in folders)
    ours = url.startswith("file://") and url.endswith(places)
    here = "//127.0.0.1:" in url or getattr(known, "host", "") == "127.0.0.1" or ours
    if known is None or here:
        block_type(**fields).save(name, overwrite=True)
