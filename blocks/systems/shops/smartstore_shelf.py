"""What a Smartstore shop shows of an article, and the fewest fields that bring it to what it shall show. Pure.

A simple product or a bundle is hidden by ``Published``. A variant is hidden by its combination's ``IsActive``, and its
product by ``Published`` when none of its combinations is active any more. ``Visibility`` is only ever a person's.

The shop has a rule of its own, ``LowStockActivityId`` 2: whenever the quantity changes it sets ``Published`` to
``quantity > MinStockQuantity`` after the save, whatever the same save said (Smartstore ``ProductHook``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from blocks.documents.products import ArticleKind
from blocks.documents.stock import ListingChange, ShownArticle
from blocks.systems.shops.smartstore_articles import BUNDLED, MANAGED, MANAGED_BY_VARIANT
from blocks.systems.shops.smartstore_fields import Fields, moment

PRODUCTS, COMBINATIONS = "Products", "ProductVariantAttributeCombinations"
PRODUCT_FIELDS = (
    "Id,Sku,ProductTypeId,Published,Visibility,ManageInventoryMethodId,StockQuantity,MinStockQuantity,"
    "LowStockActivityId,UpdatedOnUtc"
)
COMBINATION_FIELDS = "Id,ProductId,Sku,StockQuantity,IsActive"
NOTHING, UNPUBLISH = 0, 2
_RULES = {NOTHING: "", 1: "disable", UNPUBLISH: "unpublish"}


class HidingBy(StrEnum):
    """Who hides what is sold out: SOMS, or the shop's own rule wherever it comes to the same."""

    MIDDLEWARE = "middleware"
    SHOP = "shop"


@dataclass(frozen=True, slots=True)
class Product:
    """What matters here of a product."""

    id: int
    sku: str
    kind: int
    published: bool
    listed: bool
    managed: int
    quantity: int
    least: int
    rule: int
    changed_at: datetime | None = None

    @property
    def visible(self) -> bool:
        """Return whether customers find it."""
        return self.published and self.listed


@dataclass(frozen=True, slots=True)
class Combination:
    """What matters here of a variant."""

    id: int
    product_id: int
    sku: str
    quantity: int
    active: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one row, and the SKUs whose change it belongs to."""

    entity_set: str
    id: int
    body: Mapping[str, Any]
    skus: tuple[str, ...]


@dataclass(slots=True)
class Shelf:
    """What the shop held of some articles when it was asked; ``complete`` products have all their combinations."""

    products: dict[int, Product]
    combinations: dict[int, Combination]

    def siblings(self, product_id: int) -> list[Combination]:
        """Return the combinations of one product."""
        return [each for each in self.combinations.values() if each.product_id == product_id]


def to_product(row: Fields) -> Product:
    """Read a product; defects are left in ``row.defects``."""
    return Product(
        id=row.integer("Id"),
        sku=row.text("Sku"),
        kind=row.integer("ProductTypeId"),
        published=row.flag("Published"),
        listed=row.text("Visibility") != "Hidden",
        managed=row.integer("ManageInventoryMethodId"),
        quantity=row.integer("StockQuantity"),
        least=row.integer("MinStockQuantity"),
        rule=row.integer("LowStockActivityId"),
        changed_at=moment(row.values.get("UpdatedOnUtc")),
    )


def to_combination(row: Fields) -> Combination:
    """Read a combination; defects are left in ``row.defects``."""
    return Combination(
        id=row.integer("Id"),
        product_id=row.integer("ProductId"),
        sku=row.text("Sku"),
        quantity=row.integer("StockQuantity"),
        active=row.flag("IsActive"),
    )


def shown_product(product: Product) -> ShownArticle:
    """Return what is shown of a product that is sold as itself."""
    return ShownArticle(
        sku=product.sku,
        product_id=str(product.id),
        kind=ArticleKind.BUNDLE if product.kind == BUNDLED else ArticleKind.SIMPLE,
        quantity=Decimal(product.quantity),
        visible=product.visible,
        own_rule=_own_rule(product),
        changed_at=product.changed_at,
    )


def shown_variant(product: Product, variant: Combination) -> ShownArticle:
    """Return what is shown of a variant; the shop does not say when it last changed one."""
    counted = product.managed == MANAGED_BY_VARIANT
    return ShownArticle(
        sku=variant.sku,
        product_id=str(product.id),
        variant_id=str(variant.id),
        kind=ArticleKind.VARIANT,
        quantity=Decimal(variant.quantity if counted else product.quantity),
        visible=product.visible and variant.active,
        own_rule="" if counted else _own_rule(product),
    )


def _own_rule(product: Product) -> str:
    return _RULES.get(product.rule, "") if product.managed == MANAGED else ""


def unchanged_by_others(change: ListingChange, shown: ShownArticle) -> ListingChange:
    """Return the change without its visibility where a person has changed that since it was left.

    What is hidden and has lost its stock sold out in the shop, which may have hidden it by its own rule, or was written
    wrongly: nobody has decided on that.
    """
    elsewhere = change.expected_visible is not None and shown.visible not in (change.expected_visible, change.visible)
    had_some = shown.own_rule == _RULES[UNPUBLISH] or (change.expected_quantity or 0) > 0
    lost = shown.quantity <= 0 and had_some
    return change.model_copy(update={"visible": None}) if elsewhere and not lost else change


def product_fields(product: Product, change: ListingChange, hiding_by: HidingBy) -> dict[str, Any]:
    """Return the fewest fields that bring a product to what it shall show; empty when it shows that.

    Quantity and ``Published`` go in one save, or the shop's back-in-stock mails would not be sent: at the moment the
    quantity rises above zero the product must be published.
    """
    fields: dict[str, Any] = {}
    quantity = product.quantity if change.quantity is None else int(change.quantity)
    if quantity != product.quantity:
        fields["StockQuantity"] = quantity
    if change.visible is not None and change.visible != product.published:
        fields["Published"] = change.visible
    if product.managed != MANAGED or (change.visible is None and change.expected_visible is None):
        return fields
    agrees = change.visible is not None and change.visible == (quantity > product.least)
    if hiding_by is HidingBy.SHOP and agrees:
        return fields | ({"LowStockActivityId": UNPUBLISH} if product.rule != UNPUBLISH else {})
    if product.rule == UNPUBLISH and (fields or hiding_by is HidingBy.SHOP):
        fields["LowStockActivityId"] = NOTHING  # it would show what a person hid, and hide what may be back-ordered
    return fields


def variant_fields(product: Product, variant: Combination, change: ListingChange) -> dict[str, Any]:
    """Return the fewest fields that bring a variant to what it shall show."""
    fields: dict[str, Any] = {}
    counted = product.managed == MANAGED_BY_VARIANT
    if counted and change.quantity is not None and int(change.quantity) != variant.quantity:
        fields["StockQuantity"] = int(change.quantity)
    if change.visible is not None and change.visible != variant.active:
        fields["IsActive"] = change.visible
    return fields


def steps(shelf: Shelf, changes: Sequence[ListingChange], hiding_by: HidingBy) -> list[Step]:
    """Return what is to be changed, in the order in which a crash between any two leaves nothing misread.

    A product is published before its first variant is activated and unpublished after its last one was deactivated:
    an unpublished product with an active variant is therefore always the work of somebody else.
    """
    first: dict[int, list[str]] = {}
    found: list[Step] = []
    after = Shelf(shelf.products, dict(shelf.combinations))
    hidden: dict[int, list[str]] = {}
    for change in changes:
        product = shelf.products[int(change.product_id)]
        if not change.variant_id:
            fields = product_fields(product, unchanged_by_others(change, shown_product(product)), hiding_by)
            found += [Step(PRODUCTS, product.id, fields, (change.sku,))] if fields else []
            continue
        variant = shelf.combinations[int(change.variant_id)]
        change = unchanged_by_others(change, shown_variant(product, variant))  # noqa: PLW2901 - narrowed
        fields = variant_fields(product, variant, change)
        found += [Step(COMBINATIONS, variant.id, fields, (change.sku,))] if fields else []
        after.combinations[variant.id] = replace(variant, active=fields.get("IsActive", variant.active))
        if change.visible and not product.published and _is_ours(shelf, variant, change):
            first.setdefault(product.id, []).append(change.sku)
        elif change.visible is False:
            hidden.setdefault(product.id, []).append(change.sku)
    shown = [Step(PRODUCTS, number, {"Published": True}, tuple(skus)) for number, skus in first.items()]
    last = [
        Step(PRODUCTS, number, {"Published": False}, tuple(skus))
        for number, skus in hidden.items()
        if shelf.products[number].published and not any(each.active for each in after.siblings(number))
    ]
    return [*shown, *found, *last]


def _is_ours(shelf: Shelf, variant: Combination, change: ListingChange) -> bool:
    """Return whether an unpublished product shall be published for a variant.

    Either none of its variants is active, as SOMS leaves it; or this one is, and it was decided to show it even so.
    """
    decided = variant.active and change.expected_visible is None
    return decided or not any(each.active for each in shelf.siblings(variant.product_id))
