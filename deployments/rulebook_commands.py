"""Commands for rules that are kept as data: shown, explained, checked, activated. One set for each kind of rules."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

import typer
from pydantic import BaseModel

from blocks.database import rulebooks
from blocks.database.engine import Database
from blocks.documents.base import Document
from blocks.errors import WrongUse
from blocks.people import at_this_terminal, desk_actor

if TYPE_CHECKING:
    from blocks.database.engine import Connection

RuleFile = Annotated[Path, typer.Argument(help="The rules as YAML.", exists=True, dir_okay=False)]


def _none(_connection: "Connection", _rules: Any) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Rules:
    """One kind of rules.

    Attributes:
        kind: The rulebook's kind, e.g. 'order_rules'.
        name: The rulebook's name.
        title: What they are called, e.g. 'order rules'.
        command: What stands before show, check and activate, e.g. 'soms rules'.
        defaults: What is in force as long as nobody activated any; a function where reading it takes a while.
        load: Reads a text; raises WrongUse where it cannot be used.
        doubts: Sentences on what can be used, but is probably not meant.
    """

    kind: str
    name: str
    title: str
    command: str
    defaults: Document | Callable[[], Document]
    load: Callable[[str, int], Document]
    doubts: Callable[["Connection", Any], Sequence[str]] = _none

    def brought_along(self) -> Document:
        """Return what is in force as long as nobody activated any."""
        return self.defaults if isinstance(self.defaults, Document) else self.defaults()

    def in_force(self, version: int | None = None) -> Document:
        """Return the rules in force, or an earlier version of them."""
        with Database.current().connect() as connection:
            if version is None:
                found = rulebooks.in_force(connection, kind=self.kind, name=self.name)
            else:
                found = rulebooks.edition(connection, kind=self.kind, name=self.name, version=version)
        if version is not None and found is None:
            raise WrongUse(f"There is no version {version} of the {self.title}.")
        return self.load(found.content, found.version) if found else self.brought_along()


def add_commands(app: typer.Typer, rules: Rules) -> None:
    """Add show, fields, check and activate to a group of commands."""

    @app.command("show", epilog=f"Example: {rules.command} show > rules.yaml")
    def show(
        version: Annotated[int | None, typer.Option(help="An earlier version; without it, the one in force.")] = None,
    ) -> None:
        """Print the rules in force as YAML, ready to be edited; defaults that nobody changed are printed with them."""
        import yaml  # noqa: PLC0415 - only this command needs it

        known = rules.in_force(version)
        typer.echo(f"# {rules.title.capitalize()}, version {getattr(known, 'version', 0)}")
        said = known.model_dump(mode="json", exclude={"version"})
        typer.echo(yaml.safe_dump(said, sort_keys=False, allow_unicode=True))

    @app.command("fields", epilog=f"Example: {rules.command} fields")
    def fields() -> None:
        """Print every setting there is with its default and what it means."""
        for line in explained(type(rules.brought_along())):
            typer.echo(line)

    @app.command("check", epilog=f"Example: {rules.command} check rules.yaml")
    def check(file: RuleFile) -> None:
        """Check a file of rules; nothing is activated."""
        known = rules.load(_text(file), 0)
        with Database.current().connect() as connection:
            _warn(rules.doubts(connection, known))
        typer.echo(f"{file} can be activated.")

    @app.command("activate", epilog=f'Example: {rules.command} activate rules.yaml --reason "as agreed with sales"')
    def activate(file: RuleFile, reason: Annotated[str, typer.Option(help="Why; goes into the audit trail.")]) -> None:
        """Check a file of rules and put it in force; what happens from now on is judged by it."""
        if not reason.strip():
            raise WrongUse("Say with --reason why the rules change: it goes into the audit trail.")
        content, person = _text(file), at_this_terminal()
        known = rules.load(content, 0)
        with Database.current().audited(desk_actor()) as (connection, trail):
            _warn(rules.doubts(connection, known))
            edition = rulebooks.activate(
                connection, trail, kind=rules.kind, name=rules.name, content=content, by=person, reason=reason
            )
        typer.echo(f"Version {edition.version} of the {rules.title} is in force.")


def explained(model: type[BaseModel], place: str = "") -> Iterator[str]:
    """Yield a line for each setting of a model and of the models within it: place, default, meaning."""
    for name, field in model.model_fields.items():
        if not place and name == "version":
            continue
        inner, many = _model_within(field.annotation)
        here = f"{place}{name}"
        if inner is None:
            default = "" if field.is_required() else f" [{_plain(field.get_default(call_default_factory=True))}]"
            yield f"{here}{_choices(field.annotation)}{default}" + (
                f": {field.description}" if field.description else ""
            )
            continue
        about = field.description or " ".join((inner.__doc__ or "").split("\n\n", maxsplit=1)[0].split())
        yield f"{here}: {about}"
        yield from explained(inner, f"{here}.{many}" if many else f"{here}.")


def _model_within(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    """Return the model a setting is made of, and what stands between them where there are many of it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, ""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in {Annotated, Union, UnionType} and inner:
        return _model_within(inner[0])
    if origin in {dict, tuple} and inner:
        found, _ = _model_within(inner[1] if origin is dict else inner[0])
        return found, "<name>." if origin is dict else "<n>."
    return None, ""


def _choices(annotation: Any) -> str:
    chosen = isinstance(annotation, type) and issubclass(annotation, Enum)
    return f" ({'|'.join(str(each) for each in annotation)})" if chosen else ""


def _plain(value: Any) -> str:
    return "none" if value is None or value in ((), {}, "") else str(value)


def _warn(doubts: Sequence[str]) -> None:
    for doubt in doubts:
        typer.echo(f"Note: {doubt}", err=True)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{file} cannot be read as UTF-8 text.") from error
