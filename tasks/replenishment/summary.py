"""What a run of replenishment came to: one sentence, and the page that people decide by. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocks.documents.base import plain_decimal
from blocks.markdown import plain, table
from tasks.replenishment.picture import data_address, demand_drawn, looks_drawn

if TYPE_CHECKING:
    from tasks.replenishment.looking_back import BackTest
    from tasks.replenishment.reorder import Judged

DRAWN = 6


@dataclass(frozen=True, slots=True)
class ReplenishmentSummary:
    """Counts of one run."""

    articles: int
    days: int
    short: int
    proposed: int = 0
    outdated: int = 0
    alerts: int = 0
    closed: int = 0
    ordered: int = 0
    refused: int = 0
    put_off: int = 0
    dry_run: bool = False

    def sentence(self) -> str:
        """Return the run in one sentence."""
        found = f"{_counted(self.articles, 'article')} looked at, {self.short} will not last"
        if self.dry_run:
            return f"Replenishment: {found}; nothing was booked."
        rest = (
            (self.proposed, f"{self.proposed} newly proposed"),
            (self.outdated, f"{_counted(self.outdated, 'proposal')} outdated"),
            (self.alerts, f"{_counted(self.alerts, 'alert')} opened"),
            (self.closed, f"{_counted(self.closed, 'alert')} closed"),
            (self.ordered, f"{self.ordered} ordered"),
            (self.refused, f"{self.refused} refused by the ERP"),
            (self.put_off, f"{self.put_off} put off"),
        )
        return f"Replenishment: {', '.join([found, *(words for count, words in rest if count)])}."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for people: open proposals, those whose order was refused, and where to decide (empty: nowhere)."""

    proposals: Sequence[Mapping[str, Any]]
    refused: Sequence[Mapping[str, Any]]
    links: Mapping[int, str]


def page(summary: ReplenishmentSummary, tried: "BackTest", urgent: "Sequence[Judged]", waiting: Waiting) -> str:
    """Return the run's page in Markdown."""
    parts = ["# Replenishment", summary.sentence(), _learnt_from(summary)]
    if waiting.refused:
        rows = [[str(row["id"]), plain(row["sku"]), plain(row["call_error"] or "")] for row in waiting.refused]
        parts += ["## What the ERP refused", _MEND, table(("proposal", "article", "why"), rows)]
    if waiting.proposals:
        parts += ["## Proposals that wait for a person", _DECIDE, proposals_table(waiting.proposals, waiting.links)]
    elif urgent:
        parts += ["## What will not last", _needs_table(urgent)]
    if urgent:
        parts += ["## Demand of the most urgent", _SHADED]
        parts += [f"![]({data_address(demand_drawn(judged))})" for judged in urgent[:DRAWN]]
    return "\n\n".join([*parts, *_looked_back(tried)])


_MEND = "Mend the cause there, then `soms effects retry` with the number of the call (`soms effects list`)."
_DECIDE = (
    "`soms purchases approve <number> --reason …` orders it in the ERP, `soms purchases decline` does not; or use the"
    " links. *Lasts to*: the day on which what is there and on its way is used up at the expected rate."
)
_SHADED = (
    "Grey: pieces per week. Blue: the reorder point, and between which figures it lies with 90 % confidence as far as"
    " the length of the history goes. Orange: what is there and on its way."
)
_HONEST = (
    "On each day looked back to, only what was known by then was used, and each pattern of demand was forecast by the"
    " method that had done best until then."
)


def _learnt_from(summary: ReplenishmentSummary) -> str:
    return f"Learnt from the demand of {summary.days} days. Days on which nothing could be sold are left out."


def proposals_table(rows: Sequence[Mapping[str, Any]], links: Mapping[int, str]) -> str:
    """Return open proposals as a table; figures as they were when each was made."""
    head = (
        "proposal", "article", "for", "there", "on its way", "reorder point", "per day", "buy", "of", "lasts to",
    )  # fmt: skip
    return table(head, [_proposal(row, links) for row in rows])


def _proposal(row: Mapping[str, Any], links: Mapping[int, str]) -> list[str]:
    why = json.loads(row["why"])
    link = links.get(row["id"])
    return [
        f"[{row['id']}]({link})" if link else str(row["id"]),
        plain(row["sku"]),
        plain(row["warehouse"]),
        str(why.get("available", "")),
        str(max(why.get("incoming", "0"), why.get("asked", "0"), key=float)),
        f"{why['point']} ({why['low']} to {why['high']})" if "point" in why else "",
        f"{why['rate']:.2f}, {why['pattern']}" if "rate" in why else "",
        plain_decimal(row["quantity"]),
        plain(row["supplier"]),
        str(row["needed_on"] or ""),
    ]


def _needs_table(urgent: "Sequence[Judged]") -> str:
    head = ("article", "for", "there and on its way", "reorder point", "would buy", "lasts to")
    needs = [judged.need for judged in urgent]
    rows = [
        [
            plain(need.sku), plain(need.warehouse), plain_decimal(need.supply.position),
            f"{need.forecast.point} ({need.forecast.low} to {need.forecast.high})", plain_decimal(need.quantity),
            str(need.needed_on),
        ]
        for need in needs
    ]  # fmt: skip
    return table(head, rows)


def _looked_back(tried: "BackTest") -> Iterator[str]:
    """Yield what the figures would have been worth in the past."""
    yield "## Looked back"
    if not tried.points:
        yield "The history is too short to look back: eight weeks and a lead time are the least."
        return
    yield f"{tried.articles} articles, {tried.windows} windows of time. {_HONEST}"
    yield f"![]({data_address(looks_drawn(tried.looks))})"
    best = tried.points[0]
    yield (
        f"Reorder points as they are made here sufficed in {best.covered:.1%} of the windows; {best.asked:.1%} were"
        " asked. *Loss* weighs pieces too few and too many as the service level does; less is better."
    )
    yield table(
        ("reorder points", "sufficed", "pieces per article", "loss"),
        [[each.name, f"{each.covered:.1%}", f"{each.pieces:,.1f}", f"{each.loss:.2f}"] for each in tried.points],
    )
    yield "Squared error of each method over that of the naive forecast; the one in bold is used."
    patterns = list(dict.fromkeys(score.pattern for score in tried.methods))
    methods = list(dict.fromkeys(score.method for score in tried.methods))
    scores = {(score.pattern, score.method): score for score in tried.methods}
    yield table(
        ("method", *patterns),
        [[method, *(_score(scores[pattern, method]) for pattern in patterns)] for method in methods],
    )


def _score(score: Any) -> str:
    return f"**{score.error:.2f}**" if score.chosen else f"{score.error:.2f}"
