"""How much of what is required the shop shows of each category's articles, before and after. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from blocks.documents.product_schemas import Schemas


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one category: its articles, the values required of them, and how many the shop shows and sources know."""

    category: str
    articles: int = 0
    required: int = 0
    shown: int = 0
    known: int = 0

    @property
    def share(self) -> float:
        """Return the share of required values that the shop shows."""
        return self.shown / self.required if self.required else 1.0

    @property
    def possible(self) -> float:
        """Return the share of required values that the shop shows or could show by what sources say."""
        return self.known / self.required if self.required else 1.0


def coverage(articles: Iterable[Mapping[str, Any]], schemas: Schemas) -> dict[str, Coverage]:
    """Return the coverage by category; an article whose category has no schema counts under ''.

    Args:
        articles: ``category``, ``shown`` and ``known`` (names of attributes) each.
        schemas: In force.
    """
    found: dict[str, Coverage] = {}
    for article in articles:
        name = schemas.category_of(article["category"])
        required = schemas.schema_of(name).required
        shown, known = set(article["shown"]), set(article["known"])
        before = found.get(name, Coverage(name))
        found[name] = Coverage(
            name, before.articles + 1, before.required + len(required),
            before.shown + sum(each in shown for each in required),
            before.known + sum(each in shown or each in known for each in required),
        )  # fmt: skip
    return dict(sorted(found.items()))
