"""`soms profiles`: mapping profiles of files of orders and of stock: listed, shown, checked and activated."""

from pathlib import Path
from typing import Annotated

import typer

from blocks.database import rulebooks
from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.people import at_this_terminal, desk_actor
from blocks.settings import settings
from deployments.terminal import AsJson, print_json, show, table

app = typer.Typer()
profiles = typer.Typer(
    help="Mapping profiles: which column of a file of orders or stock is what.", no_args_is_help=True
)
app.add_typer(profiles, name="profiles")


@profiles.command("list", epilog="Example: soms profiles list")
def profiles_list(as_json: AsJson = False) -> None:
    """List the profiles in force; version 0 is what SOMS brings along."""
    from tasks.explain_profile.profiles import known_profiles  # noqa: PLC0415 - so that help is quick

    if settings().database_url or settings().stack():
        with Database.current().connect() as connection:
            known = known_profiles(connection)
    else:
        known = known_profiles(None)
    if as_json:
        print_json([{"name": one.name, "version": one.version, "about": one.about} for one in known])
        return
    rows = table("name", "version", "about")
    for one in known:
        rows.add_row(one.name, str(one.version), one.about)
    show(rows, "One of them as YAML: soms profiles show <name>")


@profiles.command("show", epilog="Example: soms profiles show german-semicolon > mine.yaml")
def profiles_show(
    name: Annotated[str, typer.Argument(help="Name of the profile.")],
    version: Annotated[int | None, typer.Option(help="An earlier version; without it, the one in force.")] = None,
) -> None:
    """Print a profile as YAML, as it was activated, ready to be changed."""
    from tasks.explain_profile.profiles import content_of  # noqa: PLC0415 - so that help is quick

    text, _ = content_of(name, version)
    typer.echo(text, nl=not text.endswith("\n"))


@profiles.command("check", epilog="Example: soms profiles check mine.yaml")
def profiles_check(
    file: Annotated[Path, typer.Argument(help="The profile as YAML.", exists=True, dir_okay=False)],
) -> None:
    """Check a profile; nothing is activated. `soms run explain-profile` shows what it makes of a file."""
    from blocks.standards.mapping_profiles import load_any_profile  # noqa: PLC0415 - so that help is quick
    from tasks.explain_profile.profiles import text_in  # noqa: PLC0415

    typer.echo(f"{file} can be activated as '{load_any_profile(text_in(file)).name}'.")


@profiles.command(
    "activate", epilog='Example: soms profiles activate mine.yaml --name kaufhaus --reason "their new export"'
)
def profiles_activate(
    file: Annotated[Path, typer.Argument(help="The profile as YAML.", exists=True, dir_okay=False)],
    reason: Annotated[str, typer.Option(help="Why; goes into the audit trail.")],
    name: Annotated[str | None, typer.Option(help="Its name; without it, the name in the file.")] = None,
) -> None:
    """Check a profile and put it in force under a name; files that come in from now on are read by it."""
    from blocks.standards.mapping_profiles import load_any_profile  # noqa: PLC0415 - so that help is quick
    from blocks.standards.order_files.shipped import KIND  # noqa: PLC0415
    from tasks.explain_profile.profiles import text_in  # noqa: PLC0415

    if not reason.strip():
        raise WrongUse("Say with --reason why the profile changes: it goes into the audit trail.")
    content = text_in(file)
    profile, person = load_any_profile(content, name=name), at_this_terminal()
    with Database.current().audited(desk_actor()) as (connection, trail):
        known = rulebooks.activate(
            connection, trail, kind=KIND, name=profile.name, content=content, by=person, reason=reason
        )
    typer.echo(f"Version {known.version} of the profile '{known.name}' is in force.")
