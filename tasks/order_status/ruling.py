"""The graph in force and who takes part: everything a decision depends on beside the reports."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from blocks.database import rulebooks
from blocks.documents.status_decisions import Judge
from blocks.documents.statuses import StatusGraph, Vocabulary, read_graph, standard_text

if TYPE_CHECKING:
    from blocks.database.engine import Connection

KIND, NAME = "order_statuses", "orders"
PROCESS = "order_status"
SHOP, ERP = "status.shop", "status.erp"
SALE = "erp.sale"
"""Kind of the effects of order intake that say under which references an order is in an ERP."""


def channel_of(shop: str) -> str:
    """Return the channel of a shop by the name of its block, e.g. 'berlin' of 'smartstore-shop/berlin'."""
    return shop.partition("/")[2] or shop


@dataclass(frozen=True, slots=True)
class Route:
    """Whose statuses are brought together: block names of the shop and the ERP."""

    source: str
    erp: str

    @property
    def channel(self) -> str:
        """Return the channel's name: the connection's name without its type."""
        return channel_of(self.source)


@dataclass(frozen=True, slots=True)
class Ruling:
    """One version of the graph, with the connected systems that say statuses or are told of them."""

    judge: Judge
    version: int
    told: tuple[tuple[str, str], ...] = ()
    """(system, kind of effect) of every system that may be told."""

    @property
    def graph(self) -> StatusGraph:
        """Return the graph."""
        return self.judge.graph


def in_force(connection: "Connection", route: Route, words: "dict[str, Vocabulary | None]") -> Ruling:
    """Return the ruling for a route; ``words`` are the vocabularies of its systems by name."""
    edition = rulebooks.in_force(connection, kind=KIND, name=NAME)
    judge = judge_of(edition.content if edition else standard_text())
    systems = ((route.source, SHOP), (route.erp, ERP))
    return Ruling(judge, edition.version if edition else 0, tuple(each for each in systems if words.get(each[0])))


@lru_cache(maxsize=8)
def judge_of(content: str) -> Judge:
    """Return the judge for a graph's text; the text is its own key, so a new version is read once."""
    return Judge(read_graph(content))
