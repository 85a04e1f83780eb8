"""Every deployment as data: which flow, when, with what, and how many at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One deployment.

    Attributes:
        entrypoint: Module path of the flow, e.g. 'flows.order_intake.order_intake'.
        name: Name of the deployment; the UI shows '<flow>/<name>'.
        description: What it does, for people who look at the UI.
        every: Interval, or None.
        cron: Cron text in the merchant's zone, or None. Without either it runs on demand only.
        parameters: What the flow is given unless a person says otherwise.
        limit: How many runs at once; one per source, so that two never read the same source.
        tags: Words to filter by in the UI.
    """

    entrypoint: str
    name: str
    description: str
    every: timedelta | None = None
    cron: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    limit: int = 1
    tags: tuple[str, ...] = ()


ZONE = "Europe/Berlin"
BERLIN = {"source": "smartstore-shop/berlin", "erp": "tryton-erp/main"}

DEPLOYMENTS = (
    Scheduled(
        entrypoint="flows.order_intake.order_intake",
        name="berlin",
        description="Takes new and changed orders from the shop every minute, checks and books them, and hands them to"
        " the ERP. Safe to start by hand at any time: choose a window or single orders, or rehearse first.",
        every=timedelta(minutes=1),
        parameters={"request": BERLIN},
        tags=("orders", "berlin"),
    ),
    Scheduled(
        entrypoint="flows.master_data.master_data",
        name="berlin",
        description="Takes articles from the shop and stock from the ERP every ten minutes. Orders held short are"
        " served by the next order intake.",
        every=timedelta(minutes=10),
        parameters={"request": {"shop": BERLIN["source"], "erp": BERLIN["erp"]}},
        tags=("master data", "berlin"),
    ),
    Scheduled(
        entrypoint="flows.audit_verification.audit_verification",
        name="nightly",
        description="Proves every night that nothing was changed past the audit trail; fails loudly if it was.",
        cron="30 3 * * *",
        tags=("audit",),
    ),
)
