"""What a sale or a cancellation does to the shop's own stock numbers."""

from deployments.sandbox.shop.assortment import BUNDLE, STOCK_BY_VARIANT, STOCK_ON
from deployments.sandbox.shop.model import Row
from deployments.sandbox.shop.store import Store


def adjust(store: Store, product_id: int, sku: str | None, change: int) -> None:
    """Book pieces of what an order line names: product, combination, or the parts of a per-item bundle."""
    product = store.tables["Products"].rows.get(product_id)
    if product is None:
        return
    if product["ProductTypeId"] == BUNDLE and product["BundlePerItemShoppingCart"]:
        for part in store.many(store.entity("Products").links["ProductBundleItems"], product):
            adjust(store, part["ProductId"], None, change * part["Quantity"])
    elif product["ManageInventoryMethodId"] == STOCK_ON:
        store.update("Products", product_id, {"StockQuantity": product["StockQuantity"] + change})
    elif product["ManageInventoryMethodId"] == STOCK_BY_VARIANT:
        for row in store.tables["ProductVariantAttributeCombinations"].where("ProductId", product_id):
            if row["Sku"] == sku:
                left = row["StockQuantity"] + change
                store.update("ProductVariantAttributeCombinations", row["Id"], {"StockQuantity": left})


def give_back(store: Store, order: Row) -> None:
    """Return the full ordered quantities to stock, whatever has been shipped."""
    for item in store.tables["OrderItems"].where("OrderId", order["Id"]):
        adjust(store, item["ProductId"], item["Sku"], item["Quantity"])
