"""`soms audit`: the auditor's desk."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from blocks.database import offline_verifier
from blocks.database.audit_export import export
from blocks.database.audit_verification import anchor, verify
from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.settings import settings
from deployments.terminal import AsJson

app = typer.Typer()
audit = typer.Typer(help="The audit trail: prove it, take it along.", no_args_is_help=True)
app.add_typer(audit, name="audit")


def _auditor() -> Database:
    return Database(settings().require_database_url("soms_audit"))


@audit.command(
    "verify", epilog="Examples: soms audit verify   soms audit verify --export audit-2026 --anchors heads.jsonl"
)
def audit_verify(
    exported: Annotated[
        Path | None, typer.Option("--export", help="Prove this export instead of the database; offline.")
    ] = None,
    anchors: Annotated[
        Path | None, typer.Option(help="With --export: heads of the chain that were kept elsewhere.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Check every link, the head, the anchors outside the database and every audited row; exit code 1 on findings."""
    if exported is not None:
        return _verify_export(exported, anchors, as_json=as_json)
    if anchors is not None:
        raise WrongUse("--anchors goes with --export: the database is proved with SOMS_AUDIT_ANCHOR.")
    result = verify(_auditor(), settings().audit_anchor)
    if as_json:
        typer.echo(json.dumps(asdict(result)))
    else:
        for found in result.findings:
            typer.echo(f"{found.check:7} {found.place}: {found.text}")
        state = "DOES NOT AGREE" if result.findings else "agrees"
        typer.echo(
            f"The audit trail {state}: {result.events} events, {result.subjects} subjects, {result.anchors} anchors, "
            f"head {result.head[:16]}…"
        )
        if result.events and not result.anchors:
            typer.echo(
                f"No anchor was found in {settings().audit_anchor}: a chain that was cut or rewritten as a whole could"
                " not be told. Bring the file back if there was one; this run writes a new one.",
                err=True,
            )
    if not result.findings:
        anchor(_auditor(), settings().audit_anchor)
    return 1 if result.findings else 0


def _verify_export(folder: Path, anchors: Path | None, *, as_json: bool) -> int:
    try:
        proof = offline_verifier.verify(folder, anchors or Path())
    except offline_verifier.Unusable as error:
        raise WrongUse(str(error)) from error
    if as_json:
        typer.echo(json.dumps(proof._asdict()))
    else:
        typer.echo("\n".join(offline_verifier.in_words(proof)))
    return 1 if proof.findings else 0


@audit.command("export", epilog="Example: soms audit export --out audit-2026")
def audit_export(
    out: Annotated[Path, typer.Option(help="A new or empty folder.")],
    with_rows: Annotated[
        bool, typer.Option("--with-rows", help="Write the rows as well, personal data included; else their digests.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write chain, head, anchors and rows' digests as files, and the program that proves them without SOMS."""
    with _progress() as told:
        done = export(_auditor(), settings().audit_anchor, out, with_rows=with_rows, progress=told)
    if as_json:
        typer.echo(json.dumps(asdict(done)))
        return
    typer.echo(f"Exported {done.events} events, {done.subjects} subjects and {done.anchors} anchors to {out}.")
    typer.echo(f"sha256 of its manifest: {done.manifest}. Prove it anywhere: python {out / 'verify.py'}")


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many events were written."""
    from rich.console import Console  # noqa: PLC0415 - only for people
    from rich.progress import Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    with Progress(
        TextColumn("{task.completed:,.0f} events"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not Console(stderr=True).is_terminal,
    ) as shown:
        task = shown.add_task("events", total=None)
        yield lambda events: shown.advance(task, events)
