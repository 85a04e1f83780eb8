"""What a run of enrichment says of itself: sources, changes, coverage before and after, what waits. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from blocks.markdown import plain, table
from tasks.manufacturer_enrichment.coverage import Coverage
from tasks.manufacturer_enrichment.proposing import Proposed
from tasks.manufacturer_enrichment.taking import Delivery

_WIDTH, _BAR, _LEFT = 720, 18, 170


@dataclass(frozen=True, slots=True)
class EnrichmentSummary:
    """What a run did."""

    dry_run: bool
    sources: int
    products: int
    matched: int
    in_doubt: int
    stopped: int
    values: int
    conflicts: int
    written: int
    not_written: int
    proposed: int
    left_to_people: int
    waiting: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls, deliveries: Sequence[Delivery], proposed: Proposed, *, dry_run: bool, written: int = 0,
        not_written: int = 0, waiting: Mapping[str, int] | None = None,
    ) -> "EnrichmentSummary":  # fmt: skip
        """Put a run's figures together."""
        return cls(
            dry_run, len(deliveries), sum(each.products for each in deliveries),
            sum(each.matched for each in deliveries), sum(each.ambiguous for each in deliveries),
            sum(bool(each.stopped) for each in deliveries), proposed.values, proposed.conflicts,
            proposed.applied if dry_run else written, not_written, proposed.proposed + proposed.held, proposed.kept,
            waiting or {},
        )  # fmt: skip

    def sentence(self) -> str:
        """Return the run in a few sentences."""
        would = "would be " if self.dry_run else ""
        text = (
            f"{self.products} products from {self.sources} sources, {self.matched} of them ours; {self.values} values"
            f" decided, {self.conflicts} of them against other sources; {self.written} {would}written,"
            f" {self.proposed} {would}put before a person, {self.left_to_people} left to the people who wrote them."
        )
        if self.stopped:
            text += f" {self.stopped} sources were stopped."
        return f"{text} Nothing was kept." if self.dry_run else text


@dataclass(frozen=True, slots=True)
class Report:
    """What the run's page is made of."""

    summary: EnrichmentSummary
    deliveries: Sequence[Delivery]
    before: Mapping[str, Coverage] = field(default_factory=dict)
    after: Mapping[str, Coverage] = field(default_factory=dict)
    changes: Sequence[Mapping[str, Any]] = ()
    conflicts: Sequence[Mapping[str, Any]] = ()
    matches: Sequence[Mapping[str, Any]] = ()
    unmapped: Sequence[Mapping[str, Any]] = ()


def page(report: Report) -> str:
    """Return the run's page in Markdown."""
    parts = ["# Manufacturer enrichment", report.summary.sentence()]
    if report.deliveries:
        parts += ["## Sources", _sources(report.deliveries)]
    parts += [
        f"**{plain(each.source)} was stopped.** {plain(each.stopped)}" for each in report.deliveries if each.stopped
    ]
    if report.after:
        parts += ["## Coverage of what is required", picture(report.before, report.after)]
        parts.append(_coverage(report.before, report.after))
    if report.changes:
        rows = [
            [
                str(each.get("id", "")), plain(each["sku"]), plain(each["attribute"]), plain(each["old"][:80]),
                plain(each["new"][:80]), each["state"], plain(each["why"][:300]), _link(each),
            ]
            for each in report.changes
        ]  # fmt: skip
        parts += ["## Changes", table(("no.", "article", "attribute", "old", "new", "state", "why", ""), rows)]
    if report.conflicts:
        rows = [[plain(each["sku"]), plain(each["attribute"]), plain(each["why"])] for each in report.conflicts]
        parts += ["## Where sources differ", table(("article", "attribute", "what is believed and why"), rows)]
    if report.matches:
        parts += ["## Products that a person must recognise", _matches(report.matches)]
    if report.unmapped:
        rows = [[plain(each["name"]), str(each["articles"]), plain(each["example"])] for each in report.unmapped]
        parts += ["## Names that no schema knows", table(("name", "articles", "for example"), rows)]
    return "\n\n".join(parts)


def _sources(deliveries: Sequence[Delivery]) -> str:
    head = (
        "source",
        "contents",
        "unchanged",
        "products",
        "ours",
        "in doubt",
        "twice",
        "unreadable",
        "new claims",
        "gone",
    )
    rows = [
        [
            plain(each.source), *map(str, (
                each.things, each.unchanged, each.products, each.matched, each.ambiguous, each.duplicates,
                len(each.unreadable), each.taken.new_claims, each.taken.gone_claims,
            )),
        ]
        for each in deliveries
    ]  # fmt: skip
    doubts = [f"- {plain(doubt)}" for each in deliveries for doubt in (*each.doubts[:10], *each.unreadable[:10])]
    failed = [
        f"- {plain(each.source)}: {finding.expectation} {plain(finding.text)}"
        f" ({finding.unexpected} of {finding.checked})"
        for each in deliveries for finding in each.findings if not finding.passed
    ]  # fmt: skip
    return "\n\n".join([table(head, rows), *(["\n".join([*failed, *doubts])] if failed or doubts else [])])


def _coverage(before: Mapping[str, Coverage], after: Mapping[str, Coverage]) -> str:
    rows = [
        [
            plain(name or "(no schema)"), str(each.articles),
            _percent(before.get(name, Coverage(name, required=1)).share), _percent(each.share),
            _percent(each.possible),
        ]
        for name, each in after.items()
    ]  # fmt: skip
    return table(("category", "articles", "before", "now in the shop", "with all that waits"), rows)


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _matches(matches: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for each in matches:
        said = each["identity"]
        named = " ".join(str(said.get(name, "")) for name in ("brand", "mpn", "gtin", "name")).strip()
        rows.append([
            str(each["id"]), plain(each["source"]), plain(named), plain(", ".join(each["candidates"])),
            plain(said.get("why", "")), _link(each),
        ])  # fmt: skip
    return table(("no.", "source", "product", "could be", "why", ""), rows)


def _link(row: Mapping[str, Any]) -> str:
    return f"[Look and decide]({row['form']})" if row.get("form") else ""


def picture(before: Mapping[str, Coverage], after: Mapping[str, Coverage]) -> str:
    """Return bars of coverage before (pale) and after (dark) by category, as a Markdown image."""
    scale, bars = _WIDTH - _LEFT - 60, []
    for place, (name, now) in enumerate(after.items()):
        top = 8 + place * (_BAR * 2 + 10)
        label = (name or "no schema").replace("_", " ")
        bars.append(f'<text x="{_LEFT - 8}" y="{top + 22}" text-anchor="end">{label}</text>')
        shares = (before.get(name, Coverage(name, required=1)).share, now.share)
        for row, (share, colour) in enumerate(zip(shares, ("#94a3b8", "#0f766e"), strict=True)):
            high = top + row * _BAR
            bars.append(
                f'<rect x="{_LEFT}" y="{high}" width="{share * scale:.1f}" height="{_BAR - 3}" fill="{colour}"/>'
            )
            bars.append(f'<text x="{_LEFT + share * scale + 6:.1f}" y="{high + 12}">{share * 100:.0f} %</text>')
    tall = 16 + len(after) * (_BAR * 2 + 10)
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{tall}" font-family="sans-serif"'
        f' font-size="12" fill="#334155">{"".join(bars)}</svg>'
    )
    return f"![Coverage before and after by category](data:image/svg+xml,{quote(drawing, safe='')})"
