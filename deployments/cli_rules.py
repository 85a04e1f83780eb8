"""`soms rules`: the rules in which merchants differ: shown, checked, tried on what came in, activated."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from blocks.database import rulebooks
from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.errors import WrongUse
from tasks.order_intake import rulebook

app = typer.Typer()
rules = typer.Typer(
    help="The rules that orders are judged by: required fields, tolerances, prices, holds, locations, mappings.",
    no_args_is_help=True,
)
app.add_typer(rules, name="rules")


@rules.command("show", epilog="Example: soms rules show > rules.yaml")
def show(
    version: Annotated[int | None, typer.Option(help="An earlier version; without it, the one in force.")] = None,
) -> None:
    """Print the rules in force as YAML, ready to be edited; defaults that nobody changed are printed with them."""
    import yaml  # noqa: PLC0415 - as below: only this command needs it

    with Database.current().connect() as connection:
        if version is None:
            found = rulebooks.in_force(connection, kind=rulebook.KIND, name=rulebook.NAME)
        else:
            found = rulebooks.edition(connection, kind=rulebook.KIND, name=rulebook.NAME, version=version)
    if version is not None and found is None:
        raise WrongUse(f"There is no version {version} of the order rules.")
    known = rulebook.load(found.content, found.version) if found else rulebook.DEFAULTS
    typer.echo(f"# Order rules, version {known.version}")
    typer.echo(yaml.safe_dump(known.model_dump(mode="json", exclude={"version"}), sort_keys=False, allow_unicode=True))


@rules.command("check", epilog="Example: soms rules check rules.yaml")
def check(file: Annotated[Path, typer.Argument(help="The rules as YAML.", exists=True, dir_okay=False)]) -> None:
    """Check a file of rules; nothing is activated."""
    rulebook.load(_text(file))
    typer.echo(f"{file} can be activated.")


@rules.command("activate", epilog='Example: soms rules activate rules.yaml --reason "hold orders over 5,000 EUR"')
def activate(
    file: Annotated[Path, typer.Argument(help="The rules as YAML.", exists=True, dir_okay=False)],
    reason: Annotated[str, typer.Option(help="Why; goes into the audit trail.")],
) -> None:
    """Check a file of rules and put it in force; orders that come in from now on are judged by it."""
    if not reason.strip():
        raise WrongUse("Say with --reason why the rules change: it goes into the audit trail.")
    content = _text(file)
    rulebook.load(content)
    person = getpass.getuser()
    with Database.current().audited(Actor(process="desk", name=person)) as (connection, trail):
        known = rulebooks.activate(
            connection, trail, kind=rulebook.KIND, name=rulebook.NAME, content=content, by=person, reason=reason
        )
    typer.echo(f"Version {known.version} of the order rules is in force.")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{file} cannot be read as UTF-8 text.") from error
