"""The stock rules in force, read from the rulebook; and what in new ones is probably not meant."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from blocks.database import rulebooks
from blocks.documents.stock_rules import DEFAULTS, KIND, NAME, StockRules, load

if TYPE_CHECKING:
    from blocks.database.engine import Connection

MOST_NAMED = 3


def in_force(connection: "Connection") -> StockRules:
    """Return the merchant's stock rules; the defaults when none were activated."""
    edition = rulebooks.in_force(connection, kind=KIND, name=NAME)
    return load(edition.content, edition.version) if edition else DEFAULTS


def doubts(connection: "Connection", rules: StockRules) -> list[str]:
    """Return in sentences which channels, warehouses and articles of the rules nobody has heard of so far.

    They may still come with the next reading of master data, so nothing is refused for it.
    """
    warehouses = {house for channel in rules.channels.values() for house in channel.warehouses}
    warehouses |= {entry.warehouse for entry in rules.safety if entry.warehouse} | set(rules.replenishment.warehouses)
    channels = {*rules.channels, *(feed.channel for feed in rules.feeds.values())}
    articles = {entry.sku for entry in rules.safety if entry.sku} | {pack.of for pack in rules.packs.values()}
    found = (
        ("warehouse", _missing(connection, "SELECT DISTINCT warehouse AS name FROM stock", warehouses)),
        ("channel", _missing(connection, "SELECT DISTINCT channel AS name FROM article", channels)),
        ("article", _missing(connection, "SELECT sku AS name FROM article", articles | set(rules.packs))),
    )
    return [_sentence(what, names) for what, names in found if names]


def _missing(connection: "Connection", known: str, names: Iterable[str]) -> list[str]:
    query = f"SELECT name FROM unnest(%s::text[]) AS said(name) EXCEPT ({known}) ORDER BY 1"  # noqa: S608 - ours
    return [row["name"] for row in connection.execute(query, (sorted(names),))]


def _sentence(what: str, names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    plural = "s" if len(names) > 1 else ""
    return f"nobody has heard of the {what}{plural} {', '.join(names[:MOST_NAMED])}{more} so far."
