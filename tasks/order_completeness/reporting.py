"""The certificate as people read it: the equation, what is missing, what is open and what to do. Pure."""

from collections.abc import Iterable

from blocks.markdown import plain
from tasks.order_completeness.rules import Certificate, named

MOST_LISTED = 500
MINUTE = "%Y-%m-%d %H:%M"


def page(certificate: Certificate) -> str:
    """Return the certificate in Markdown."""
    claim, books = certificate.claim, certificate.books
    verdict = "complete" if certificate.closes else "open"
    parts = [
        f"# Completeness of {certificate.source}: {verdict}",
        f"Orders from {certificate.window.since:{MINUTE}} to before {certificate.window.until:{MINUTE}} UTC.",
        f"**{books.counts.equation()}**",
        _table(certificate),
    ]
    if certificate.reasons:
        lines = [
            f"- {plain(reason.text)}{' *Heals by itself.*' if reason.heals else ''}" for reason in certificate.reasons
        ]
        parts += ["## What is open, and what to do", "\n".join(lines)]
    if claim.missing:
        parts += ["## Missing orders", _ids(claim.missing, set(certificate.fetched))]
    parts += list(_worth_knowing(certificate))
    return "\n\n".join(parts)


def _table(certificate: Certificate) -> str:
    claim, counts = certificate.claim, certificate.books.counts
    rows: Iterable[tuple[str, int | None]] = (
        ("The source's own count", claim.count), ("… listed by it", claim.listed),
        ("… of these never received by SOMS", len(claim.missing)),
        ("… and fetched by this run", len(certificate.fetched)),
        ("Received, every delivery counted", counts.received), ("Accepted", counts.accepted),
        ("Put aside, waiting for a person", counts.put_aside), ("Rejected", counts.rejected),
        ("Duplicates: the same bytes again", counts.duplicates),
        ("Superseded by a newer version", counts.superseded),
        ("Ignored: cancelled or complete before SOMS saw them", counts.ignored),
        ("Not judged yet", counts.unjudged),
    )  # fmt: skip
    lines = [f"| {name} | {count} |" for name, count in rows if count is not None]
    return "\n".join(("| | number |", "|---|---:|", *lines))


def _ids(ids: tuple[str, ...], fetched: set[str]) -> str:
    lines = [f"- {plain(each)}{' (fetched)' if each in fetched else ''}" for each in ids[:MOST_LISTED]]
    return "\n".join([*lines, f"- … and {len(ids) - MOST_LISTED} more"] if len(ids) > MOST_LISTED else lines)


def _worth_knowing(certificate: Certificate) -> Iterable[str]:
    claim, surplus = certificate.claim, certificate.books.surplus
    notes = [*claim.notes]
    if surplus:
        notes.append(f"SOMS has orders that the source lists no more, deleted there perhaps: {named(surplus)}.")
    if claim.gaps:
        notes.append(
            f"Numbers the source left out: {named(claim.gaps)}. They are orders that were deleted or never completed,"
            " save those of another store or another time:"
            f" {named(claim.elsewhere) or 'none'}."
        )
    if notes:
        yield "## Worth knowing"
        yield "\n".join(f"- {plain(note)}" for note in notes)
