"""All that was read of a page, before anything is chosen."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from blocks.standards.product_data.findings import Findings
from blocks.standards.product_data.pages.lines import Line
from blocks.standards.product_data.pages.pairs import Pair
from blocks.standards.product_data.pages.parsing import Page
from blocks.standards.product_data.pages.scripts import state_of_box, state_of_product
from blocks.standards.product_data.pages.subject import Subject

WEIGHTS = {"json-ld": 2.0, "microdata": 2.0, "opengraph": 1.2}
"""How much each way of writing structured data counts."""
_COUNTRY_NAMES = {"com": "", "net": "", "org": "", "eu": "", "shop": "", "uk": "gb"}


@dataclass(slots=True)
class Evidence:
    """All that was read of a page, before anything is chosen."""

    page: Page
    subject: Subject
    lines: list[Line]
    pairs: list[Pair]
    findings: Findings
    country: str = ""
    state: dict[str, str] | None = None

    def script_state(self) -> dict[str, str]:
        """Return what scripts say of the product; read when first asked, because it costs time."""
        if self.state is None:
            name = self.subject.main.names[0] if self.subject.main and self.subject.main.names else self.subject.heading
            self.state = state_of_product(self.page, name)
            if not self.state and self.subject.heading and name != self.subject.heading:
                self.state = state_of_product(self.page, self.subject.heading)
            self.state = {**state_of_box(self.page, self.subject.node), **self.state}
        return self.state


def country_of(page: Page, url: str) -> str:
    """Return the country a page is made for (ISO 3166, lower case): by its address, else by its language's region."""
    host = urlsplit(page.url or url).hostname or ""
    top = host.rpartition(".")[2]
    if len(top) == 2 and top not in {"eu", "io", "co", "me", "tv"}:
        return _COUNTRY_NAMES.get(top, top)
    region = re.match(r"[a-z]{2,3}[-_]([a-z]{2})\b", page.language)
    return region[1] if region else ""
