"""`soms audit`: the auditor's desk."""

import json
from dataclasses import asdict

import typer

from blocks.database.audit_verification import anchor, verify
from blocks.database.engine import Database
from blocks.settings import settings
from deployments.terminal import AsJson

app = typer.Typer()
audit = typer.Typer(help="The audit trail: prove it.", no_args_is_help=True)
app.add_typer(audit, name="audit")


def _auditor() -> Database:
    return Database(settings().require_database_url("soms_audit"))


@audit.command("verify", epilog="Example: soms audit verify")
def audit_verify(as_json: AsJson = False) -> int:
    """Check every link, the head, the anchors outside the database and every audited row; exit code 1 on findings."""
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
