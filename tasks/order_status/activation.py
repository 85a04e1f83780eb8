"""Putting a status graph in force: only one without faults, and none that orders would fall out of."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from blocks.database import rulebooks
from blocks.documents.status_checks import check
from blocks.documents.statuses import StatusGraph, StatusKind, Vocabulary, read_graph, standard_text
from blocks.documents.verdicts import Fault
from blocks.errors import WrongUse
from tasks.order_status.ruling import KIND, NAME

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


def text_of(connection: "Connection", version: int | None) -> tuple[str, int]:
    """Return the text and number of a version of the statuses; without one, of that in force.

    Raises:
        WrongUse: There is no such version.
    """
    if version == 0:
        return standard_text(), 0
    if version is None:
        found = rulebooks.in_force(connection, kind=KIND, name=NAME)
    else:
        found = rulebooks.edition(connection, kind=KIND, name=NAME, version=version)
        if found is None:
            raise WrongUse(f"There is no version {version} of the order statuses.")
    return (found.content, found.version) if found else (standard_text(), 0)


def faults(connection: "Connection | None", content: str, vocabularies: Mapping[str, Vocabulary]) -> tuple[Fault, ...]:
    """Return why a graph must not be activated; with a connection, also which statuses in use it lacks.

    Raises:
        Unreadable: The content has not the form of a graph.
    """
    graph = read_graph(content)
    found = check(graph, vocabularies)
    return (*found, *_lacking(connection, graph)) if connection is not None else found


def _lacking(connection: "Connection", graph: StatusGraph) -> tuple[Fault, ...]:
    """Find statuses that orders are in and that the graph no longer has; orders at an end may keep theirs."""
    in_force = read_graph(text_of(connection, None)[0])
    ended = [status.code for status in in_force.statuses if status.kind is not StatusKind.OPEN]
    rows = connection.execute(
        "SELECT lifecycle, count(*) AS orders FROM sales_order WHERE lifecycle IS NOT NULL"
        " AND lifecycle <> ALL(%s) AND lifecycle <> ALL(%s) GROUP BY 1 ORDER BY 1",
        ([status.code for status in graph.statuses], ended),
    )
    return tuple(
        Fault(
            rule="STA-IN-USE",
            place="statuses",
            text=f"{row['orders']} open orders are '{row['lifecycle']}', which these statuses do not have.",
            remedy="Keep the status until no order is in it; leave out the ways that lead to it.",
        )
        for row in rows
    )


def activate(
    connection: "Connection",
    trail: "Trail",
    content: str,
    vocabularies: Mapping[str, Vocabulary],
    *,
    by: str,
    reason: str,
) -> tuple[tuple[Fault, ...], int]:
    """Put a graph in force unless it has faults; returns these, and the version in force.

    Raises:
        Unreadable: The content has not the form of a graph.
    """
    rulebooks.hold(connection, kind=KIND, name=NAME)
    found = faults(connection, content, vocabularies)
    if found:
        return found, text_of(connection, None)[1]
    edition = rulebooks.activate(connection, trail, kind=KIND, name=NAME, content=content, by=by, reason=reason)
    return (), edition.version
