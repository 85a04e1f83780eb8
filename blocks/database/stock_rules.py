"""The stock rules in force, read from the rulebook."""

from typing import TYPE_CHECKING

from blocks.database import rulebooks
from blocks.documents.stock_rules import DEFAULTS, KIND, NAME, StockRules, load

if TYPE_CHECKING:
    from blocks.database.engine import Connection


def in_force(connection: "Connection") -> StockRules:
    """Return the merchant's stock rules; the defaults when none were activated."""
    edition = rulebooks.in_force(connection, kind=KIND, name=NAME)
    return load(edition.content, edition.version) if edition else DEFAULTS
