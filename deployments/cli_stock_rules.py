"""`soms stock rules`: which warehouse serves whom, what is kept back, packs, guards, feeds and reordering, as data."""

import typer

from blocks.database.stock_rules import doubts
from blocks.documents.stock_rules import DEFAULTS, KIND, NAME, load
from deployments.rulebook_commands import Rules, add_commands

rules = typer.Typer(
    help="The settings of stock: warehouses of each channel, safety stock, packs, guards, feeds, reordering.",
    no_args_is_help=True,
)
add_commands(rules, Rules(KIND, NAME, "stock rules", "soms stock rules", DEFAULTS, load, doubts))
