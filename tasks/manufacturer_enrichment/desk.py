"""What people decide about product data: which claim, which article, which change; and taking back what was written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocks.database import product_changes, product_deliveries, product_sources
from blocks.errors import WrongUse
from tasks.manufacturer_enrichment import rulebooks
from tasks.manufacturer_enrichment.deciding import as_shown, by_hand, undoing

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Desk:
    """A person at work on one shop's product data, within one transaction."""

    connection: "Connection"
    trail: "Trail"
    shop: str
    by: str
    reason: str
    language: str = "de"
    """The shop's own."""

    def __post_init__(self) -> None:
        """Hold the channel, so that no run decides on the same values meanwhile.

        Raises:
            WrongUse: No reason is given.
        """
        if not self.reason.strip():
            raise WrongUse("Say why: the reason goes into the audit trail.")
        product_sources.hold_channel(self.connection, self.channel)

    @property
    def channel(self) -> str:
        """Return the shop's channel."""
        return self.shop.partition("/")[2]

    def choose(self, claim: int) -> str:
        """Believe a claim from now on, and have the shop show it, also over what a person wrote there."""
        row = product_changes.pin(self.connection, self.trail, claim=claim, language=self.language, by=self.by)
        if row["channel"] != self.channel:
            raise WrongUse(f"Claim {claim} is about an article of {row['channel']}.")
        key = (row["sku"], row["attribute"], row["language"])
        believed = product_changes.values_of(self.connection, self.channel, [row["sku"]]).get(key)
        if believed is None or believed["shop_seen_at"] is None:
            raise WrongUse("The shop was not asked yet what it shows of this value: run the enrichment first.")
        feature = rulebooks.in_force(self.connection).schemas.features.get(row["attribute"])
        if feature is None or feature.inert:
            raise WrongUse(f"No schema has '{row['attribute']}' shown in the shop: claim {claim} cannot be chosen.")
        new = as_shown(row["attribute"], feature, row["normalised"], self.language)
        change = by_hand(believed, row, new, why=f"{self.by}: {self.reason}")
        self._give_way([key])
        made = product_changes.want(
            self.connection, self.trail, channel=self.channel, shop=self.shop, changes=[change], by=self.by,
            reason=self.reason,
        )  # fmt: skip
        if not made:
            raise WrongUse("A change of this value is on its way to the shop: choose again when it is done.")
        return f"Claim {claim} is believed; change {made[0]} goes to the shop."

    def decide(self, changes: Sequence[int], *, approve: bool) -> str:
        """Approve or decline changes that wait."""
        if not changes:
            raise WrongUse("Name the changes by their numbers.")
        done = product_changes.decide(
            self.connection, self.trail, changes, approve=approve, by=self.by, reason=self.reason, shop=self.shop
        )
        left = sorted(set(changes) - set(done))
        said = f"{len(done)} {'approved' if approve else 'declined'}."
        return f"{said} {', '.join(map(str, left))} did not wait." if left else said

    def match(self, product: int, sku: str) -> str:
        """Say which article a source's product is; an empty SKU says that it is none of ours."""
        product_sources.decide_match(
            self.connection, self.trail, product, channel=self.channel, sku=sku, by=self.by, reason=self.reason
        )
        is_what = f"is {sku}" if sku else "is none of our articles"
        return f"Product {product} {is_what}; the next run reads it as such."

    def let_in(self, delivery: int, *, release: bool) -> str:
        """Release or discard a delivery that the gate stopped."""
        row = product_deliveries.decide_delivery(
            self.connection,
            self.trail,
            delivery,
            channel=self.channel,
            release=release,
            by=self.by,
            reason=self.reason,
        )
        if release:
            return f"Delivery {delivery} is released; the next run of {row['source']} takes in what it gives then."
        return f"Delivery {delivery} is discarded."

    def undo(self, *, changes: Sequence[int] = (), skus: Sequence[str] = (), run: str = "") -> str:
        """Have the shop show again what it showed before: of single changes, of articles, of all that a run wrote."""
        if not (changes or skus or run):
            raise WrongUse("Name what to undo: changes by their numbers, articles, or a flow run.")
        rows = product_changes.undoable(self.connection, self.channel, changes=changes, skus=skus, run=run)
        if not rows:
            raise WrongUse("There is nothing to undo: only the last written change of a value can be.")
        self._give_way([(row["sku"], row["attribute"], row["language"]) for row in rows])
        why = f"{self.by}: {self.reason}"
        made = product_changes.want(
            self.connection, self.trail, channel=self.channel, shop=self.shop,
            changes=[undoing(row, why=why) for row in rows], by=self.by, reason=self.reason,
        )  # fmt: skip
        left = len(rows) - len(made)
        return f"{len(made)} values go back to what they were." + (
            f" {left} are on their way: try again." if left else ""
        )

    def _give_way(self, values: Sequence[tuple[str, str, str]]) -> None:
        """Withdraw what waits for the same values: a person has decided otherwise."""
        waiting = product_changes.waiting_of(
            self.connection, self.channel, sorted({value[0] for value in values}), among=set(values)
        )
        product_changes.supersede(self.connection, self.trail, waiting)
