"""`soms rules`: the rules in which merchants differ: shown, checked, tried on what came in, activated."""

import typer

from deployments.rulebook_commands import Rules, add_commands
from tasks.order_intake import rulebook

app = typer.Typer()
rules = typer.Typer(
    help="The rules that orders are judged by: required fields, tolerances, prices, holds, locations, mappings.",
    no_args_is_help=True,
)
app.add_typer(rules, name="rules")
add_commands(rules, Rules(rulebook.KIND, rulebook.NAME, "order rules", "soms rules", rulebook.DEFAULTS, rulebook.load))
