"""What people see of the stock feeds: when each was delivered last, how much it listed, what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from blocks.documents.stock_rules import StockRules
from blocks.markdown import plain, table
from tasks.stock_feed.records import ALERT, PROCESS, subject

if TYPE_CHECKING:
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class FeedSummary:
    """What one run did: feeds declared, pictures delivered, refused, put off, and feeds whose alarm is open."""

    feeds: int
    delivered: int
    refused: int
    put_off: int
    missed: int

    def sentence(self) -> str:
        """Return the sums as people read them."""
        if not self.feeds:
            return "No stock feed is declared: `soms stock rules fields` says how."
        words = [f"{self.delivered} of {self.feeds} stock feeds were due and delivered"]
        words += [f"{count} {what}" for count, what in ((self.refused, "refused"), (self.put_off, "put off")) if count]
        alarm = f" {self.missed} missed an interval and have an open alarm." if self.missed else ""
        return ", ".join(words) + "." + alarm


def standing(connection: "Connection", rules: StockRules) -> list[dict[str, Any]]:
    """Return how each declared feed stands: its last delivery, its open alarm, its last refusal."""
    return connection.execute(
        "SELECT name AS feed, d.due_at, d.delivered_at, d.rows, d.content_hash, a.text AS alarm, e.last_error"
        " FROM unnest(%s::text[], %s::text[]) AS f(name, subject)"
        " LEFT JOIN LATERAL (SELECT * FROM feed_delivery WHERE feed = name ORDER BY due_at DESC LIMIT 1) d ON true"
        " LEFT JOIN stock_alert a ON a.kind = %s AND a.subject = name AND a.closed_at IS NULL"
        " LEFT JOIN LATERAL (SELECT last_error FROM effect WHERE effect.subject = f.subject AND process = %s"
        " AND state IN ('due', 'claimed', 'failed') ORDER BY id DESC LIMIT 1) e ON true ORDER BY 1",
        (list(rules.feeds), [subject(name) for name in rules.feeds], ALERT, PROCESS),
    ).fetchall()


def page(summary: FeedSummary, rules: StockRules, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the page of a run."""
    lines = [
        [plain(row["feed"]), plain(rules.feeds[row["feed"]].target), f"{rules.feeds[row['feed']].every_minutes} min",
         _moment(row["delivered_at"]), str(row["rows"] if row["rows"] is not None else "-"),
         f"`{(row['content_hash'] or '-')[:12]}`", plain(row["alarm"] or row["last_error"] or "well")]
        for row in rows
    ]  # fmt: skip
    head = ["Feed", "To", "Every", "Last delivered (UTC)", "Articles", "SHA-256", "How it stands"]
    return f"# Stock feeds\n\n{summary.sentence()}\n" + (f"\n{table(head, lines)}\n" if lines else "")


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "never"
