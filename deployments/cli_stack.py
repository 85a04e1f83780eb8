"""`soms up`, `soms down`, `soms status`: the local stack on the command line."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from blocks.settings import settings

if TYPE_CHECKING:
    from deployments.local_stack import Condition

app = typer.Typer()


@app.command()
def up(
    sandbox: Annotated[bool, typer.Option(help="Start the sandbox outside world too: shop, ERP, mail.")] = True,
) -> None:
    """Start the local stack, or what is missing of it, and say where the UI is.

    Example: soms up --no-sandbox
    """
    from deployments import local_stack  # noqa: PLC0415 - help stays quick
    from deployments.narration import narrator  # noqa: PLC0415

    with narrator() as voice:
        stack = local_stack.up(voice, sandbox=sandbox)
    typer.echo(f"Prefect UI: {stack.ui_url}")


@app.command()
def down() -> None:
    """Stop everything that belongs to the local stack; data stays.

    Example: soms down
    """
    from deployments import local_stack  # noqa: PLC0415
    from deployments.narration import narrator  # noqa: PLC0415

    with narrator() as voice:
        ran = local_stack.down(voice)
    if not ran:
        typer.echo("Nothing was running.")


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show every part of the local stack: state, process, address. Exit code 1 when a part is missing.

    Example: soms status --json
    """
    from deployments import local_stack  # noqa: PLC0415

    conditions = local_stack.status()
    if as_json:
        typer.echo(json.dumps([asdict(condition) for condition in conditions], indent=1))
    elif conditions:
        _print_table(conditions)
    else:
        typer.echo(f"The local stack in {settings().home} is down; `soms up` starts it.")
    if not conditions or any(condition.state != local_stack.RUNNING for condition in conditions):
        raise typer.Exit(1)


def _print_table(conditions: "list[Condition]") -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table("Part", "State", "Process", "Address", box=None, pad_edge=False)
    for condition in conditions:
        colour = "green" if condition.state == "running" else "red"
        pid = str(condition.pid or "")
        table.add_row(condition.name, f"[{colour}]{condition.state}[/]", pid, condition.address)
    Console().print(table)
