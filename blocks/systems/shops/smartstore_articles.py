"""Smartstore products, attribute combinations and bundle items as articles."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeGuard

from blocks.documents.orders import Component
from blocks.documents.products import Article, ArticleKind
from blocks.errors import Defect, Unreadable
from blocks.systems.shops.smartstore_fields import Fields
from blocks.systems.shops.smartstore_web_api import MAX_IDS, WebApi, any_of

SIMPLE, GROUPED, BUNDLED = 5, 10, 15
UNMANAGED, MANAGED, MANAGED_BY_VARIANT = 0, 1, 2

PRODUCT_FIELDS = (
    "Id,Name,Sku,Gtin,ProductTypeId,Published,Visibility,Price,TaxCategoryId,IsTaxExempt,"
    "ManageInventoryMethodId,StockQuantity,BackorderModeId,AvailableForPreOrder,AvailableStartDateTimeUtc"
)
COMBINATION_FIELDS = "Id,ProductId,Sku,Gtin,Price,StockQuantity,AllowOutOfStockOrders,IsActive"
BUNDLE_FIELDS = "Id,ProductId,BundleProductId,Quantity,Published"
FILED_FIELDS = "Id,ProductId,CategoryId,DisplayOrder"
DEEPEST = 20
"""Categories below one another: beyond, the shop's tree is taken for a circle."""


def to_articles(
    product: Fields,
    *,
    channel: str,
    combinations: Sequence[Fields],
    components: tuple[Component, ...],
    tax_categories: Mapping[int, str],
) -> tuple[Article, ...]:
    """Translate one product: into the variants it is sold as, or into itself when it has none; grouped sell nothing.

    Defects are left in ``product.defects`` and in those of each combination; an article with defects is left out.
    """
    kind = product.integer("ProductTypeId")
    if kind == GROUPED:
        return ()
    if kind not in {SIMPLE, BUNDLED}:
        product.object_to("ProductTypeId", f"is {kind}, which is no kind of product")
    base = _product(product, channel, components if kind == BUNDLED else (), tax_categories)
    sold = sold_as(combinations)
    variants = [(_variant(base, product, each), each) for each in sold]
    if product.defects:
        return ()
    return tuple(variant for variant, source in variants if not source.defects) if sold else (base,)


def sold_as(combinations: Sequence[Fields]) -> list[Fields]:
    """Return the combinations a product is sold as: the active ones, and those hidden that have a number of their own.

    The shop makes inactive ones without a number by the dozen; a sold-out variant is hidden by making it inactive.
    """
    return [each for each in combinations if each.flag("IsActive") or each.values.get("Sku")]


def _product(
    product: Fields, channel: str, components: tuple[Component, ...], tax_categories: Mapping[int, str]
) -> Article:
    managed = product.integer("ManageInventoryMethodId")
    category = product.integer("TaxCategoryId")
    exempt = product.values.get("IsTaxExempt") is True
    preorder = product.flag("AvailableForPreOrder")
    dated = preorder and product.values.get("AvailableStartDateTimeUtc") is not None
    return Article(
        channel=channel,
        sku=product.text("Sku"),
        product_id=str(product.integer("Id")),
        kind=ArticleKind.BUNDLE if product.values.get("ProductTypeId") == BUNDLED else ArticleKind.SIMPLE,
        name=product.text("Name"),
        gtin=product.text("Gtin"),
        price=product.amount("Price"),
        tax_category="exempt" if exempt else tax_categories.get(category, str(category) if category else ""),
        stock_managed=managed != UNMANAGED,
        backorder=managed == MANAGED and product.integer("BackorderModeId") > 0,
        preorder=preorder,
        available_on=product.moment("AvailableStartDateTimeUtc").date() if dated else None,
        published=product.flag("Published") and product.text("Visibility") != "Hidden",
        shop_quantity=Decimal(product.integer("StockQuantity")),
        components=components,
    )


def _variant(base: Article, product: Fields, combination: Fields) -> Article:
    by_variant = product.values.get("ManageInventoryMethodId") == MANAGED_BY_VARIANT
    price = base.price if combination.values.get("Price") is None else combination.amount("Price")
    quantity, beyond = Decimal(combination.integer("StockQuantity")), combination.flag("AllowOutOfStockOrders")
    return base.model_copy(
        update={
            "sku": combination.text("Sku"),
            "variant_id": str(combination.integer("Id")),
            "kind": ArticleKind.VARIANT,
            "gtin": combination.text("Gtin"),
            "price": price,
            "backorder": beyond if by_variant else base.backorder,
            "shop_quantity": quantity if by_variant else base.shop_quantity,
            "published": base.published and combination.flag("IsActive"),
        }
    )


def article_pages(api: WebApi, channel: str) -> Iterator[tuple[Article, ...]]:
    """Yield the articles of all products, one page of products at a time; hidden ones are not published.

    Raises:
        Unreadable: After the last page, naming every product that could not be read; the others were yielded.
    """
    categories, shelves = _tax_categories(api), _categories(api)
    skus: dict[int, str] = {}
    defects: list[Defect] = []
    for page in api.pages("Products", select=PRODUCT_FIELDS):
        products = [Fields(row, f"Products({row.get('Id')})") for row in page.objects()]
        skus |= {row["Id"]: str(row.get("Sku") or "") for row in page.objects() if _is_number(row.get("Id"))}
        combinations = _children(api, products, "ProductVariantAttributeCombinations", "ProductId", COMBINATION_FIELDS)
        parts = _children(api, products, "ProductBundleItems", "BundleProductId", BUNDLE_FIELDS)
        filed = _children(api, products, "ProductCategories", "ProductId", FILED_FIELDS)
        _learn_skus(api, parts, skus)
        articles: list[Article] = []
        for product in products:
            number = product.integer("Id")
            variants, bundled = combinations.get(number, []), parts.get(number, [])
            components = tuple(filter(None, (_component(part, skus) for part in bundled)))
            product.defects += [defect for part in bundled for defect in part.defects]
            sold = to_articles(
                product, channel=channel, combinations=variants, components=components, tax_categories=categories
            )
            place = _place(filed.get(number, []), shelves)
            articles += [article.model_copy(update={"category": place}) for article in sold] if place else sold
            defects += product.defects
            defects += [defect for variant in variants for defect in variant.defects]
        yield tuple(articles)
    if defects:
        raise Unreadable(
            f"{api.system}: {len(defects)} defect(s) in products; those were left out.", reasons=tuple(defects)
        )


def _tax_categories(api: WebApi) -> dict[int, str]:
    rows = (row for page in api.pages("TaxCategories", select="Id,Name") for row in page.objects())
    return {row["Id"]: row["Name"] for row in rows if _is_number(row.get("Id")) and isinstance(row.get("Name"), str)}


def _categories(api: WebApi) -> dict[int, tuple[str, int | None]]:
    """Return each category's name and parent."""
    rows = (row for page in api.pages("Categories", select="Id,Name,ParentId") for row in page.objects())
    return {
        row["Id"]: (row["Name"].strip(), row["ParentId"] if _is_number(row.get("ParentId")) else None)
        for row in rows
        if _is_number(row.get("Id")) and isinstance(row.get("Name"), str)
    }


def _place(filed: Sequence[Fields], categories: Mapping[int, tuple[str, int | None]]) -> str:
    """Return where a product is filed first, from the top, e.g. 'Rings > Gold'; empty where nowhere."""
    known = [each.values for each in filed if each.values.get("CategoryId") in categories]
    if not known:
        return ""
    first = min(known, key=lambda values: (values.get("DisplayOrder") or 0, values.get("Id") or 0))
    names: list[str] = []
    number: int | None = first["CategoryId"]
    while number is not None and number in categories and len(names) < DEEPEST:
        name, number = categories[number]
        names.append(name)
    return " > ".join(reversed(names))


def _children(
    api: WebApi, products: list[Fields], entity_set: str, parent: str, select: str
) -> dict[int, list[Fields]]:
    """Return what belongs to these products by product id; one range of ids instead of long lists of them."""
    numbers = [product.values["Id"] for product in products if _is_number(product.values.get("Id"))]
    found: dict[int, list[Fields]] = {}
    if not numbers:
        return found
    condition = f"{parent} ge {min(numbers)} and {parent} le {max(numbers)}"
    for page in api.pages(entity_set, condition=condition, select=select):
        for row in page.objects():
            if _is_number(row.get(parent)):
                found.setdefault(row[parent], []).append(Fields(row, f"{entity_set}({row.get('Id')})"))
    return found


def _learn_skus(api: WebApi, parts: Mapping[int, list[Fields]], skus: dict[int, str]) -> None:
    """Look up the SKUs of bundle parts that no page has shown yet."""
    wanted = [part.values.get("ProductId") for each in parts.values() for part in each]
    missing = sorted({number for number in wanted if _is_number(number) and number not in skus})
    for start in range(0, len(missing), MAX_IDS):
        condition = any_of("Id", missing[start : start + MAX_IDS])
        for page in api.pages("Products", condition=condition, select="Id,Sku"):
            skus |= {row["Id"]: str(row.get("Sku") or "") for row in page.objects() if _is_number(row.get("Id"))}


def _component(part: Fields, skus: Mapping[int, str]) -> Component | None:
    if not part.flag("Published"):
        return None
    product, quantity = part.integer("ProductId"), part.integer("Quantity")
    sku = skus.get(product, "")
    if not sku or quantity <= 0:
        part.object_to("ProductId", f"names product {product}, which has no SKU, or no positive quantity")
        return None
    return Component(sku=sku, quantity=Decimal(quantity))


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
