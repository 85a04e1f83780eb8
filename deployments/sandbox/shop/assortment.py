"""The sandbox range as shop rows: products, combinations, bundles, and the master data around them."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from deployments.sandbox.catalogue import REDUCED, STANDARD, ZERO, Item, items
from deployments.sandbox.shop.model import Row

TAX_CATEGORIES = {STANDARD: 1, REDUCED: 2, ZERO: 3}
"""Tax rate in per cent to the shop's tax category."""
SIMPLE, BUNDLE = 5, 15
STOCK_OFF, STOCK_ON, STOCK_BY_VARIANT = 0, 1, 2
SCARCE_BELOW = 10
"""An article with fewer pieces than this runs out; the shop sells it on back-order."""

MASTER_DATA: dict[str, list[Row]] = {
    "Categories": [
        {"Name": name, "ParentId": parent, "Published": True, "DisplayOrder": place}
        for place, (name, parent) in enumerate(
            (("Home", None), ("Nord", 1), ("Sued", 1), ("Books", None), ("Clothing", None), ("Sets", None)), start=1
        )
    ],
    "Languages": [
        {
            "Name": name,
            "LanguageCulture": culture,
            "UniqueSeoCode": culture[:2],
            "Published": True,
            "DisplayOrder": place,
        }
        for place, (name, culture) in enumerate((("Deutsch", "de-DE"), ("English", "en-US")), start=1)
    ],
    "TaxCategories": [
        {"Name": "Standard", "DisplayOrder": 1},
        {"Name": "Reduced", "DisplayOrder": 2},
        {"Name": "Zero", "DisplayOrder": 3},
    ],
    "Countries": [
        {
            "Name": name,
            "TwoLetterIsoCode": two,
            "ThreeLetterIsoCode": three,
            "NumericIsoCode": number,
            "SubjectToVat": vat,
        }
        | {"AllowsBilling": True, "AllowsShipping": True, "Published": True, "DisplayOrder": place}
        for place, (name, two, three, number, vat) in enumerate(
            (
                ("Germany", "DE", "DEU", 276, True),
                ("Austria", "AT", "AUT", 40, True),
                ("Switzerland", "CH", "CHE", 756, False),
            ),
            start=1,
        )
    ],
    "PaymentMethods": [
        {"PaymentMethodSystemName": name, "FullDescription": text}
        for name, text in (
            ("Payments.Prepayment", "Bank transfer in advance"),
            ("Payments.Invoice", "Invoice"),
            ("Payments.PayPalStandard", "PayPal"),
            ("Payments.CashOnDelivery", "Cash on delivery"),
            ("Payments.DirectDebit", "SEPA direct debit"),
        )
    ],
    "ShippingMethods": [
        {"Name": name, "Description": text, "DisplayOrder": place}
        for place, (name, text) in enumerate(
            (("Parcel", "2-3 days"), ("Express", "Next day"), ("Store pickup", "Ready within two hours")), start=1
        )
    ],
    "Stores": [{"Name": "Sandbox", "Url": "http://127.0.0.1/", "Hosts": "127.0.0.1", "DisplayOrder": 1}],
    "Customers": [
        {"Username": "api@example.com", "Email": "api@example.com", "FirstName": "Middleware", "Active": True},
        {"SystemName": "BackgroundTask", "IsSystemAccount": True, "Active": True},
    ],
    "Currencies": [
        {
            "Name": "Euro",
            "CurrencyCode": "EUR",
            "Rate": Decimal("1.00000000"),
            "DisplayLocale": "de-DE",
            "Published": True,
        },
        {
            "Name": "Franken",
            "CurrencyCode": "CHF",
            "Rate": Decimal("0.94250000"),
            "DisplayLocale": "de-CH",
            "Published": True,
        },
    ],
}
COUNTRY_IDS = {row["TwoLetterIsoCode"]: place for place, row in enumerate(MASTER_DATA["Countries"], start=1)}


@dataclass(frozen=True, slots=True)
class Sellable:
    """An article as the shop sells it: its product, for a variant its combination, for a bundle its parts."""

    item: Item
    product_id: int
    combination_id: int | None = None
    parts: tuple[tuple[int, "Sellable", int], ...] = ()
    """For a bundle: id of the bundle item, the part, its quantity in one bundle."""

    @property
    def scarce(self) -> bool:
        """Tell whether the article is to run out."""
        return self.item.managed and self.item.on_hand < SCARCE_BELOW


@cache
def sellables() -> dict[str, Sellable]:
    """Return every article by SKU, with the ids that a freshly filled shop gives."""
    found: dict[str, Sellable] = {}
    products: dict[str, int] = {}
    combinations = bundle_items = 0
    for item in items():
        product_id = products.setdefault(item.parent or item.sku, len(products) + 1)
        combination_id, parts = None, []
        if item.parent:
            combinations += 1
            combination_id = combinations
        for sku, quantity in item.components:
            bundle_items += 1
            parts.append((bundle_items, found[sku], quantity))
        found[item.sku] = Sellable(item, product_id, combination_id, tuple(parts))
    return found


def rows() -> list[tuple[str, Row]]:
    """Return everything a new shop holds, in the order of ids."""
    found = [(name, row) for name, group in MASTER_DATA.items() for row in group]
    seen: set[int] = set()
    for number, each in enumerate(sellables().values()):
        if each.product_id not in seen:
            seen.add(each.product_id)
            found.append(("Products", _product(each, number)))
            found += [("ProductCategories", row) for row in _filed(each)]
        if each.combination_id:
            found.append(("ProductVariantAttributeCombinations", _combination(each)))
        for place, (_, part, quantity) in enumerate(each.parts):
            found.append(("ProductBundleItems", _bundle_item(each, part, quantity, place)))
    return found


def _product(each: Sellable, number: int) -> Row:
    item = each.item
    stock = STOCK_BY_VARIANT if item.parent else STOCK_ON if item.managed else STOCK_OFF
    own_stock = stock == STOCK_ON
    return {
        "ProductTypeId": BUNDLE if item.components else SIMPLE,
        "Name": item.name,
        "ShortDescription": item.name,
        "Sku": item.parent or item.sku,
        "Gtin": item.gtin if not item.parent else None,
        "Price": item.price.quantize(Decimal("0.0001")),
        "TaxCategoryId": TAX_CATEGORIES[item.tax_rate],
        "Weight": item.weight.quantize(Decimal("0.0001")),
        "IsShippingEnabled": bool(item.weight),
        "ManageInventoryMethodId": stock,
        "StockQuantity": item.on_hand if own_stock else 0,
        "LowStockActivityId": (0, 0, 2, 0, 1)[number % 5] if own_stock and not each.scarce else 0,
        "BackorderModeId": 1 if each.scarce and own_stock else 0,
        "DisplayStockAvailability": True,
        "AllowBackInStockSubscriptions": own_stock,
        "OrderMinimumQuantity": 1,
        "OrderMaximumQuantity": 100,
        "Published": True,
        "BundlePerItemPricing": False,
        "BundlePerItemShoppingCart": bool(item.components),
        "ProductTemplateId": 1,
    }


def _filed(each: Sellable) -> list[Row]:
    """File a product: household goods below their series, books, clothing and sets by themselves."""
    places = {"HOME": 2 if each.item.name.endswith("Nord") else 3, "BOOK": 4, "WEAR": 5, "SET": 6}
    category = places.get(each.item.sku.partition("-")[0])
    return [{"ProductId": each.product_id, "CategoryId": category, "DisplayOrder": 1}] if category else []


def _combination(each: Sellable) -> Row:
    item, number = each.item, each.combination_id or 0
    return {
        "ProductId": each.product_id,
        "Sku": item.sku,
        "Gtin": item.gtin,
        "StockQuantity": item.on_hand,
        "AllowOutOfStockOrders": each.scarce,
        "IsActive": True,
        "Price": item.price.quantize(Decimal("0.0001")),
        "RawAttributes": raw_attributes(each),
        "HashCode": 100_000 + number,
    }


def _bundle_item(bundle: Sellable, part: Sellable, quantity: int, place: int) -> Row:
    return {
        "ProductId": part.product_id,
        "BundleProductId": bundle.product_id,
        "Quantity": quantity,
        "Visible": True,
        "Published": True,
        "DisplayOrder": place,
    }


def raw_attributes(each: Sellable) -> str | None:
    """Return the chosen options as ids, in the shop's own notation; None when there are none."""
    if not each.item.options:
        return None
    first = each.product_id * 10
    chosen = [
        f'{{"Key":{first + place},"Value":["{first * 10 + sum(map(ord, value))}"]}}'
        for place, (_, value) in enumerate(each.item.options)
    ]
    return '{"Attributes":[' + ",".join(chosen) + "]}"
