"""Purchase desk: people see what should be bought and why, and approve or decline it."""

from datetime import UTC, datetime

from prefect import flow
from prefect.runtime import flow_run

from tasks.replenishment.desk import decide, report
from tasks.replenishment.form import Action, PurchaseDeskRequest
from tasks.replenishment.steps import order


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'purchase-desk approve 2026-11-21 14:00'."""
    request = flow_run.parameters.get("request") or {}
    action = request.get("action", Action.SHOW) if isinstance(request, dict) else request.action
    return f"purchase-desk {action} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="purchase-desk", flow_run_name=run_name, validate_parameters=True)
def purchase_desk(request: PurchaseDeskRequest) -> str:
    """Decide in one transaction, then have the ERP asked to buy what is approved; show changes nothing."""
    outcome = decide(request)
    delivered = order(request.patience) if outcome.action == Action.APPROVE and outcome.done else None
    return report(outcome, delivered)
