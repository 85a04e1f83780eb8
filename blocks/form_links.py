"""Links from a report to a form: the deployment's own form in the UI, filled in as far as the report knows."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote


def form_of(deployment: str) -> str:
    """Return the address of a deployment's form in the UI; empty when there is no such deployment, or no UI.

    Args:
        deployment: '<flow>/<name>', e.g. 'quarantine-desk/desk'.
    """
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - only where something waits
    from prefect.exceptions import ObjectNotFound  # noqa: PLC0415
    from prefect.utilities.urls import url_for  # noqa: PLC0415

    with get_client(sync_client=True) as client:
        try:
            found = client.read_deployment_by_name(deployment)
        except ObjectNotFound:
            return ""
    address = url_for("deployment", found.id)
    return f"{address}/run" if address else ""


def filled_in(form: str, request: Mapping[str, Any]) -> str:
    """Return the address of a form with these fields of its request filled in; empty when there is no form.

    The UI reads the parameters as JSON from the query; what is not said there stands as the deployment says.
    """
    if not form:
        return ""
    return f"{form}?parameters={quote(json.dumps({'request': dict(request)}, separators=(',', ':')), safe='')}"
