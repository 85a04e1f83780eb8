"""One order's story as a page: times, ids, states and amounts; nothing personal, no reason a person wrote. Pure."""

from datetime import tzinfo

from blocks.markdown import plain, table
from tasks.order_story.story import Entry, Story, local, utc

SHORT_RUN = 8


def page(story: Story, zone: tzinfo) -> str:
    """Return the story in Markdown, UTC and the merchant's clock side by side."""
    now = [
        [plain(name.replace("_", " ")), plain(str(value))] for name, value in story.as_data()["now"].items() if value
    ]
    rows = [[utc(each.at), local(each.at, zone), plain(_who(each)), _what(each)] for each in story.entries]
    parts = [
        f"# Story of order {plain(story.order)}",
        story.sentence(),
        table(("", "now"), now),
        "## What happened",
        table(("UTC", plain(str(zone)), "by", "what"), rows),
    ]
    if story.gaps:
        gaps = [[f"`{gap.place}`", plain(gap.text)] for gap in story.gaps]
        parts += ["## What does not agree", table(("row", "what"), gaps)]
    return "\n\n".join(parts)


def _who(entry: Entry) -> str:
    run = f" run {entry.run[:SHORT_RUN]}" if entry.run else ""
    return f"{entry.who} {entry.process}{run}".strip()


def _what(entry: Entry) -> str:
    return f"{plain(entry.ref)}: {plain(entry.text)}"
