"""`soms run`: one flow, in this process, against the configured stack."""

import importlib
import json
import os
import sys
from typing import Annotated, Any

import typer

from blocks.errors import SomsError, TryAgainLater, WrongUse
from blocks.settings import settings

app = typer.Typer()


def processes() -> list[str]:
    """Return the names of all processes: the modules of `flows`."""
    import pkgutil  # noqa: PLC0415

    import flows  # noqa: PLC0415

    return sorted(module.name for module in pkgutil.iter_modules(flows.__path__))


@app.command(
    epilog="Example: soms run order_intake --set source=smartstore-shop/berlin --set dry_run=true",
    help="Run one process in this terminal; it writes the same trail and artifacts as a scheduled run.",
)
def run(
    process: Annotated[str, typer.Argument(help=f"The process: {', '.join(processes())}.")],
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A field of the process's form; repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the flow's result as JSON.")] = False,
) -> None:
    """Run one flow; exit code 0 completed, 1 failed, 2 wrong use."""
    fields = _fields(assignments or [])
    process = process.replace("-", "_")
    if process not in processes():
        raise WrongUse(f"There is no process '{process}'. Known: {', '.join(processes())}.")
    connect_to_prefect()
    flow = getattr(importlib.import_module(f"flows.{process}"), process)
    request = _request(flow, fields)
    try:
        result = flow(request)
    except SomsError:
        raise
    except Exception as error:
        if "Failed to reach API" in str(error):
            raise TryAgainLater(
                f"Prefect's server at {settings().prefect_api_url} does not answer: `soms status` shows the stack,"
                " `soms up` starts what is missing."
            ) from error
        raise SomsError(f"{process} failed: {type(error).__name__}: {error}") from error
    if as_json:
        typer.echo(json.dumps(result, default=lambda value: getattr(value, "__dict__", str(value))))
    elif hasattr(result, "sentence"):
        typer.echo(result.sentence())


def connect_to_prefect() -> None:
    """Point Prefect at the configured server, also where something has imported Prefect already.

    Raises:
        WrongUse: No server is configured and no local stack runs.
    """
    address = settings().prefect_api_url
    if not address:
        raise WrongUse("No Prefect server: start the local stack with `soms up` or set PREFECT_API_URL.")
    os.environ["PREFECT_API_URL"] = address
    os.environ.setdefault("PREFECT_SERVER_ALLOW_EPHEMERAL_MODE", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    if "prefect" in sys.modules:  # it read its settings when it was imported: without an address, from nowhere
        from prefect.context import refresh_global_settings_context  # noqa: PLC0415 - costs nothing here

        refresh_global_settings_context()


def _fields(assignments: list[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for assignment in assignments:
        name, sign, text = assignment.partition("=")
        if not sign or not name:
            raise WrongUse(f"'{assignment}' is no NAME=VALUE.")
        try:
            fields[name] = json.loads(text)
        except ValueError:
            fields[name] = text
    return fields


def _request(flow: Any, fields: dict[str, Any]) -> Any:
    """Build the flow's one parameter model from the fields; says which field is wrong and what it wants."""
    from typing import get_args, get_type_hints  # noqa: PLC0415

    from pydantic import ValidationError  # noqa: PLC0415

    annotation = get_type_hints(flow.fn)["request"]
    model = next(kind for kind in (*get_args(annotation), annotation) if hasattr(kind, "model_fields"))
    unknown = sorted(fields.keys() - model.model_fields.keys())
    if unknown:
        raise WrongUse(f"Unknown field '{unknown[0]}'. The form has: {', '.join(model.model_fields)}.")
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:  # two fields that do not go together
            raise WrongUse(f"{first['msg'].removeprefix('Value error, ')}.") from error
        meant = model.model_fields[str(first["loc"][0])].description or ""
        wrong = "this does not fit" if first["type"] == "string_pattern_mismatch" else first["msg"]
        raise WrongUse(f"{'.'.join(map(str, first['loc']))}: {wrong}. {meant}") from error
