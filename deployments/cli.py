"""The `soms` command: one clear line for an error, exit code 0 for done, 1 for failed, 2 for wrong use."""

import importlib
import importlib.util
import sys
from typing import Annotated

import typer

from blocks.errors import SomsError, WrongUse

MODULES = (
    "cli_stack", "cli_demo", "cli_run", "cli_quarantine", "cli_effects", "cli_order", "cli_audit", "cli_rules",
    "cli_profiles", "cli_edi",
    "cli_statuses", "cli_stock", "cli_listings", "cli_purchases", "cli_convert", "cli_check", "cli_edifact",
    "cli_extract", "cli_conversions", "cli_invoices", "cli_products", "cli_accounting", "cli_archive",
)  # fmt: skip
FAILED, WRONG_USE, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    name="soms",
    help="Order management in the middle: every business process a Prefect flow, with an audit trail.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")] = False,
) -> None:
    """Take the options that every command shares; `main` looks at --debug itself."""


def _assemble() -> None:
    """Hang all commands in. A module of commands imports what it needs inside its commands, so that help is quick."""
    for module in MODULES:
        name = f"deployments.{module}"
        if importlib.util.find_spec(name) is not None:
            app.add_typer(importlib.import_module(name).app)


_assemble()


def main() -> None:
    """Run one command and turn what went wrong into one line and an exit code."""
    try:
        outcome = app(standalone_mode=False)
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        sys.exit(_told(error))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    sys.exit(outcome if isinstance(outcome, int) else 0)


def _told(error: Exception) -> int:
    """Print the error as one line on stderr and return its exit code."""
    if type(error).__module__.startswith(("click", "typer")):  # the parser's own: wrong options, abort
        code = int(getattr(error, "exit_code", FAILED))
        text = getattr(error, "format_message", lambda: "Interrupted.")()
    else:
        code = WRONG_USE if isinstance(error, WrongUse) else FAILED
        text = str(error) if isinstance(error, SomsError) else f"{type(error).__name__}: {error}"
    if text:
        print(f"soms: {text}", file=sys.stderr)  # noqa: T201 - this is the command's voice
    return code
