"""`soms statuses`: the merchant's own order statuses, shown, checked, activated; and one order's history."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.people import at_this_terminal, desk_actor

if TYPE_CHECKING:
    from blocks.documents.statuses import Vocabulary
    from blocks.documents.verdicts import Fault

app = typer.Typer()
statuses = typer.Typer(
    help="Order statuses: which there are, what may follow what, and how each system says it.", no_args_is_help=True
)
app.add_typer(statuses, name="statuses")

StatusFile = Annotated[Path, typer.Argument(help="The statuses as YAML.", exists=True, dir_okay=False)]


def connected() -> "dict[str, Vocabulary]":
    """Return the words of every system whose statuses a deployment brings together, by its name."""
    from blocks.systems.registry import CONNECTORS, connector  # noqa: PLC0415 - connectors load Prefect: seconds
    from deployments.schedules import DEPLOYMENTS  # noqa: PLC0415

    found = {}
    for deployment in DEPLOYMENTS:
        if deployment.entrypoint == "flows.order_status.order_status":
            for name in map(str, deployment.parameters.get("request", {}).values()):
                slug = name.partition("/")[0]
                words = getattr(connector(slug), "status_words", None) if slug in CONNECTORS else None
                if words is not None:
                    found[name] = words
    return found


@statuses.command("show", epilog="Example: soms statuses show --yaml > statuses.yaml")
def show(
    version: Annotated[int | None, typer.Option(help="An earlier version; without it, the one in force.")] = None,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print the file itself, ready to be edited.")] = False,
    drawing: Annotated[Path | None, typer.Option("--svg", help="Write a drawing to this file.")] = None,
) -> None:
    """Print the statuses in force: what may follow what, and what each system calls them."""
    from blocks.documents.statuses import read_graph  # noqa: PLC0415 - help is quick
    from tasks.order_status.activation import text_of  # noqa: PLC0415
    from tasks.order_status.picture import svg  # noqa: PLC0415

    with Database.current().connect() as connection:
        content, number = text_of(connection, version)
    if as_yaml:
        typer.echo(content, nl=not content.endswith("\n"))
        return
    graph = read_graph(content)
    typer.echo(f"Order statuses, version {number}. First: {graph.first}. Winner: {graph.winner.rule}.")
    for status in graph.statuses:
        following = ", ".join(graph.next_of(status.code)) or "the end"
        typer.echo(f"\n{status.code} ({status.label.en} / {status.label.de}), {status.kind}: then {following}")
        for system, words in graph.systems.items():
            said = ", ".join(word for word, target in words.reports.items() if target == status.code) or "nothing"
            typer.echo(f"  {system}: means {said}; told {words.told.get(status.code, 'nothing')}")
    if drawing:
        drawing.write_text(svg(graph), encoding="utf-8")
        typer.echo(f"\nThe drawing is in {drawing}.")


@statuses.command("check", epilog="Example: soms statuses check statuses.yaml")
def check(file: StatusFile) -> int:
    """Check a file of statuses against all connected systems; nothing is activated."""
    from tasks.order_status.activation import faults  # noqa: PLC0415

    with Database.current().connect() as connection:
        found = faults(connection, _text(file), connected())
    return _told(found, f"{file} can be activated.")


@statuses.command("activate", epilog='Example: soms statuses activate statuses.yaml --reason "engraving added"')
def activate(
    file: StatusFile,
    reason: Annotated[str, typer.Option(help="Why; goes into the audit trail.")],
) -> int:
    """Check a file of statuses and put it in force; one with a fault is refused as a whole."""
    from tasks.order_status import activation  # noqa: PLC0415

    if not reason.strip():
        raise WrongUse("Say with --reason why the statuses change: it goes into the audit trail.")
    person, content = at_this_terminal(), _text(file)
    with Database.current().audited(desk_actor()) as (connection, trail):
        found, version = activation.activate(connection, trail, content, connected(), by=person, reason=reason)
    return _told(found, f"Version {version} of the order statuses is in force.")


@statuses.command("history", epilog="Example: soms statuses history 4711")
def history(
    order: Annotated[str, typer.Argument(help="The order, by the id its channel gives it.")],
    channel: Annotated[str | None, typer.Option(help="The channel, if several have an order with this id.")] = None,
) -> None:
    """Print everything that was said of an order's status, by whom and since when, and what became of it."""
    from tasks.order_status.findings import history_of  # noqa: PLC0415

    with Database.current().connect() as connection:
        rows = history_of(connection, order, channel)
    if not rows:
        raise WrongUse(f"Nothing was said of the status of an order {order} yet, or it is not booked.")
    for row in rows:
        said = f"{row['at']:%Y-%m-%d %H:%M:%S} {row['channel']} {row['system']} said '{row['word']}'"
        meaning = f" ({row['status']})" if row["status"] else ""
        typer.echo(f"{said}{meaning}: {row['outcome']}" + (f". {row['reason']}" if row["reason"] else ""))
    typer.echo(f"It is '{rows[-1]['lifecycle']}' now.")


def _told(faults: "Sequence[Fault]", otherwise: str) -> int:
    for fault in faults:
        typer.echo(f"{fault.rule} at {fault.place}: {fault.text} {fault.remedy}")
    if faults:
        typer.echo(f"Refused: {len(faults)} faults. Nothing was changed.", err=True)
        return 1
    typer.echo(otherwise)
    return 0


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{file} cannot be read as UTF-8 text.") from error
