"""Tells a Prefect server what SOMS brings: work pool, automations, block types, blocks and deployments.

Run as a program of the local stack (`python -m deployments.stack.registration`): it loads what it needs while the
server is still starting, waits for the server, and registers.
"""

import asyncio
import importlib
import time
from typing import TYPE_CHECKING

from blocks.errors import SomsError
from blocks.settings import settings
from deployments.automations import ensure_automations
from deployments.stack import stack_file
from deployments.stack.parts import POOL, is_installed, says_yes

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient


def main() -> None:
    """Register everything with the server that PREFECT_API_URL names."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - seconds of import, spent while the server starts

    stack = stack_file.load(settings().home)
    if stack is None:
        raise SomsError("There is no local stack to register deployments with: start it with `soms up`.")
    applying = importlib.import_module("deployments.apply") if is_installed("deployments.apply") else None
    _wait_for(f"{stack.prefect_api_url}/health")

    async def register() -> None:
        async with get_client() as client:
            await ensure_pool(client)
            await ensure_automations(client)

    asyncio.run(register())
    if applying is not None:
        applying.apply(stack)


async def ensure_pool(client: "PrefectClient") -> None:
    """Create the work pool unless it is there."""
    from prefect.client.schemas.actions import WorkPoolCreate  # noqa: PLC0415
    from prefect.exceptions import ObjectAlreadyExists  # noqa: PLC0415

    try:
        await client.create_work_pool(WorkPoolCreate(name=POOL, type="process", description="Runs the flows of SOMS."))
    except ObjectAlreadyExists:
        return


def _wait_for(url: str, patience: float = 180.0) -> None:
    deadline = time.monotonic() + patience
    while not says_yes(url):
        if time.monotonic() > deadline:
            raise SomsError(f"{url} did not answer within {patience:.0f} s.")
        time.sleep(0.2)


if __name__ == "__main__":
    main()
