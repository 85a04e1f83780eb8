"""What the shop does by itself whenever a row is saved: times, hiding by stock, completion time. Pure."""

from collections.abc import Iterable

from deployments.sandbox.shop.model import NULL_TIME, Entity, Row

MANAGE_STOCK = 1
DISABLE_BUYING, UNPUBLISH = 1, 2
COMPLETE = 30


def on_insert(entity: Entity, row: Row, now: str) -> Row:
    """Return the row as it is saved first; only audited entities get their times by themselves."""
    if entity.audited:
        for name in ("CreatedOnUtc", "UpdatedOnUtc"):
            if row[name] == NULL_TIME:
                row[name] = now
    return row


def on_update(entity: Entity, old: Row, new: Row, now: str) -> Row:
    """Return the changed row with everything the shop changes along with it."""
    if entity.set_name == "Products" and new["StockQuantity"] != old["StockQuantity"]:
        new |= stock_rule(new)
    if entity.set_name == "Orders" and new["OrderStatusId"] == COMPLETE != old["OrderStatusId"]:
        new["CompletedOn"] = new["CompletedOn"] or now
    shown = any(new[column.name] != old[column.name] for column in entity.visible)  # committing an order is no change
    if entity.audited and (shown or new.get("Deleted") != old.get("Deleted")):
        new["UpdatedOnUtc"] = now
    return new


def main_picture(links: Iterable[Row]) -> int | None:
    """Return which of the files assigned to a product is its main picture: the first by order."""
    first = min(links, key=lambda link: (link["DisplayOrder"], link["Id"]), default=None)
    return first["MediaFileId"] if first else None


def stock_rule(product: Row) -> Row:
    """Return what a changed stock quantity does to a product's visibility, in both directions."""
    if product["ManageInventoryMethodId"] != MANAGE_STOCK:
        return {}
    left = product["StockQuantity"] > product["MinStockQuantity"]
    if product["LowStockActivityId"] == UNPUBLISH:
        return {"Published": left}
    if product["LowStockActivityId"] == DISABLE_BUYING:
        return {"DisableBuyButton": not left, "DisableWishlistButton": not left}
    return {}


def sends_back_in_stock_mail(old: Row, saved: Row) -> bool:
    """Tell whether saving a product sends "back in stock" to its subscribers; ``saved`` is before the stock rule."""
    return bool(
        saved["ManageInventoryMethodId"] == MANAGE_STOCK
        and old["StockQuantity"] <= 0 < saved["StockQuantity"]
        and saved["Published"]
        and saved["AllowBackInStockSubscriptions"]
        and saved["BackorderModeId"] == 0
    )
