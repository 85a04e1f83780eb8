"""Which articles and warehouses a reconciliation is about: all, or what a person named. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from blocks.documents.stock_rules import StockRules


@dataclass(frozen=True, slots=True)
class Scope:
    """What is compared. None: all.

    Attributes:
        skus: Only these articles, with the parts of those that are bundles or packs.
        warehouse: Only this warehouse; what shops show is compared for articles that have stock rows there.
        named: What the person asked for, as it is kept with the reconciliation.
    """

    skus: frozenset[str] | None = None
    warehouse: str | None = None
    named: tuple[tuple[str, str], ...] = ()

    @property
    def whole(self) -> bool:
        """Return whether everything is compared."""
        return self.skus is None and self.warehouse is None

    def as_kept(self) -> Mapping[str, Any]:
        """Return what is kept of it; {} when everything was compared."""
        return dict(self.named)

    def sentence(self) -> str:
        """Return it in words."""
        return "all articles" if self.whole else ", ".join(f"{name} {value}" for name, value in self.named)


def supplied_by(supplier: str, skus: Iterable[str], rules: StockRules) -> frozenset[str]:
    """Return which articles are bought from a supplier, as the stock rules say."""
    return frozenset(sku for sku in skus if rules.replenishment.of(sku).supplier == supplier)
