"""The entities of the sandbox shop, as the Smartstore Web API shows them."""

from deployments.sandbox.shop.model import Entity, entity

_ORDER = """
OrderNumber s(400), OrderGuid g, StoreId i, CustomerId i, BillingAddressId i?, ShippingAddressId i?,
PaymentMethodSystemName s(255), CustomerCurrencyCode s(5), CurrencyRate d(8), VatNumber s,
OrderSubtotalInclTax d, OrderSubtotalExclTax d, OrderSubTotalDiscountInclTax d, OrderSubTotalDiscountExclTax d,
OrderShippingInclTax d, OrderShippingExclTax d, OrderShippingTaxRate d,
PaymentMethodAdditionalFeeInclTax d, PaymentMethodAdditionalFeeExclTax d, PaymentMethodAdditionalFeeTaxRate d,
TaxRates s, OrderTax d, OrderDiscount d, CreditBalance d, OrderTotalRounding d, OrderTotal d, RefundedAmount d,
RewardPointsWereAdded b, RewardPointsRemaining i?, CheckoutAttributeDescription s, RawAttributes s,
CustomerLanguageId i, AffiliateId i, CustomerIp s, AllowStoringCreditCardNumber b, CardType s,
AuthorizationTransactionId s(400), AuthorizationTransactionCode s(400), AuthorizationTransactionResult s(400),
CaptureTransactionId s(400), CaptureTransactionResult s(400), SubscriptionTransactionId s(400),
PurchaseOrderNumber s(400), PaidDateUtc t?, ShippingMethod s(400), ShippingRateComputationMethodSystemName s(400),
Deleted b, CreatedOnUtc t, UpdatedOnUtc t, CompletedOn t?, CustomerOrderComment s, HasNewPaymentNotification b,
AcceptThirdPartyEmailHandOver b, OrderStatusId i, PaymentStatusId i, ShippingStatusId i, CustomerTaxDisplayTypeId i
"""
_ORDER_LINKS = """
Customer>Customers:CustomerId, BillingAddress>Addresses:BillingAddressId, ShippingAddress>Addresses:ShippingAddressId,
OrderItems*OrderItems:OrderId, OrderNotes*OrderNotes:OrderId, Shipments*Shipments:OrderId,
GiftCardUsageHistory*GiftCardUsageHistory:UsedWithOrderId, DiscountUsageHistory*DiscountUsageHistory:OrderId
"""
_ORDER_HIDDEN = "VisibleFrom s, PlacedAt s, Withheld s, Truth s"

_ORDER_ITEM = """
OrderItemGuid g, OrderId i, ProductId i, Sku s(400), Quantity i,
UnitPriceInclTax d, UnitPriceExclTax d, PriceInclTax d, PriceExclTax d, TaxRate d,
DiscountAmountInclTax d, DiscountAmountExclTax d, AttributeDescription s, RawAttributes s, DownloadCount i,
IsDownloadActivated b, LicenseDownloadId i?, ItemWeight d?, BundleData s, ProductCost d, DeliveryTimeId i?,
DisplayDeliveryTime b
"""
_CUSTOMER = """
CustomerGuid g, Username s(500), Email s(500), AdminComment s(4000), IsTaxExempt b, AffiliateId i, Active b, Deleted b,
IsSystemAccount b, SystemName s(500), LastIpAddress s(100), CreatedOnUtc t, LastLoginDateUtc t?, LastActivityDateUtc t,
Salutation s(50), Title s(100), FirstName s(225), LastName s(225), FullName s(450), Company s(255),
CustomerNumber s(100), BirthDate t?, Gender s(100), VatNumberStatusId i, TaxDisplayTypeId i, TimeZoneId s(255),
BillingAddressId i?, ShippingAddressId i?, LimitedToStores b
"""
_CUSTOMER_LINKS = """
BillingAddress>Addresses:BillingAddressId, ShippingAddress>Addresses:ShippingAddressId, Orders*Orders:CustomerId,
ReturnCases*ReturnCases:CustomerId, Addresses*Addresses:OwnerId
"""
_ADDRESS = """
Salutation s, Title s, FirstName s, LastName s, Email s(255), Company s, CountryId i?, StateProvinceId i?, City s(100),
Address1 s(500), Address2 s(500), ZipPostalCode s(50), PhoneNumber s(100), FaxNumber s(100), CreatedOnUtc t
"""
_PRODUCT = """
ProductTypeId i, ParentGroupedProductId i, Visibility [Full|SearchResults|ProductPage|Hidden],
Condition [New|Refurbished|Used|Damaged], Name s(400), ShortDescription s(4000), FullDescription s, AdminComment s,
ProductTemplateId i, ShowOnHomePage b, MetaKeywords s(400), MetaDescription s(4000), MetaTitle s(400), Sku s(400),
ManufacturerPartNumber s(400), Gtin s(400), IsShippingEnabled b, IsFreeShipping b, AdditionalShippingCharge d,
IsTaxExempt b, TaxCategoryId i, ManageInventoryMethodId i, StockQuantity i, DisplayStockAvailability b,
DisplayStockQuantity b, MinStockQuantity i, LowStockActivityId i, NotifyAdminForQuantityBelow i, BackorderModeId i,
AllowBackInStockSubscriptions b, OrderMinimumQuantity i, OrderMaximumQuantity i, QuantityStep i,
QuantityControlType [Spinner|Dropdown], HideQuantityControl b, AllowedQuantities s(1000), DisableBuyButton b,
DisableWishlistButton b, AvailableForPreOrder b, CallForPrice b, Price d, ComparePrice d, ComparePriceLabelId i?,
ProductCost d, SpecialPrice d?, SpecialPriceStartDateTimeUtc t?, SpecialPriceEndDateTimeUtc t?, CustomerEntersPrice b,
HasTierPrices b, LowestAttributeCombinationPrice d?, Weight d, Length d, Width d, Height d,
AvailableStartDateTimeUtc t?, AvailableEndDateTimeUtc t?, DisplayOrder i, Published b, IsSystemProduct b, SystemName s,
CreatedOnUtc t, UpdatedOnUtc t, DeliveryTimeId i?, QuantityUnitId i?, CustomsTariffNumber s(30), CountryOfOriginId i?,
BasePriceEnabled b, BasePriceMeasureUnit s(50), BasePriceAmount d?, BasePriceBaseAmount i?, BundleTitleText s(400),
BundlePerItemShipping b, BundlePerItemPricing b, BundlePerItemShoppingCart b, MainPictureId i?, SubjectToAcl b,
LimitedToStores b, RequireOtherProducts b, RequiredProductIds s(1000)
"""
_PRODUCT_LINKS = """
ProductVariantAttributeCombinations*ProductVariantAttributeCombinations:ProductId,
ProductBundleItems*ProductBundleItems:BundleProductId, CountryOfOrigin>Countries:CountryOfOriginId,
ProductManufacturers*ProductManufacturers:ProductId,
ProductSpecificationAttributes*ProductSpecificationAttributes:ProductId,
ProductMediaFiles*ProductMediaFiles:ProductId
"""
_COMBINATION = """
ProductId i, Sku s(400), Gtin s(400), ManufacturerPartNumber s(400), StockQuantity i, AllowOutOfStockOrders b,
IsActive b, Price d?, ComparePrice d?, Length d?, Width d?, Height d?, Weight d?, BasePriceAmount d?,
BasePriceBaseAmount i?, AssignedMediaFileIds s(1000), DeliveryTimeId i?, QuantityUnitId i?, RawAttributes s, HashCode i
"""
_RETURN_CASE = """
Kind [Return|Withdrawal], StoreId i, OrderItemId i, CustomerId i, WithdrawalId i?, Quantity i, ReasonForReturn s(4000),
RequestedAction s(4000), RequestedActionUpdatedOnUtc t?, CustomerComments s, StaffNotes s, AdminComment s(4000),
ReturnCaseStatusId i, RefundToWallet b?, CreatedOnUtc t, UpdatedOnUtc t
"""
_MAPPING = """
EntityId i, SourceKey s(150), EntityName s(100), ContextName s(100), SourceHash s(40), CustomInt i?, CustomString s,
CustomBool b?, SyncedOnUtc t
"""

_ALL = (
    entity("Orders", _ORDER, links=_ORDER_LINKS, hidden=_ORDER_HIDDEN, audited=True, soft_delete=True),
    entity("OrderItems", _ORDER_ITEM, links="Order>Orders:OrderId, Product>Products:ProductId"),
    entity(
        "OrderNotes",
        "OrderId i, Note s, DisplayToCustomer b, CreatedOnUtc t",
        links="Order>Orders:OrderId",
        required=("Note",),
    ),
    entity(
        "Shipments",
        "OrderId i, TrackingNumber s(400), TrackingUrl s(2000), TotalWeight d?, ShippedDateUtc t?, DeliveryDateUtc t?, "
        "CreatedOnUtc t",
        links="Order>Orders:OrderId, ShipmentItems*ShipmentItems:ShipmentId",
    ),
    entity("ShipmentItems", "ShipmentId i, OrderItemId i, Quantity i", links="Shipment>Shipments:ShipmentId"),
    entity(
        "Customers",
        _CUSTOMER,
        links=_CUSTOMER_LINKS,
        soft_delete=True,
    ),
    entity("Addresses", _ADDRESS, links="Country>Countries:CountryId", hidden="OwnerId i?"),
    entity(
        "Countries",
        "Name s(100), TwoLetterIsoCode s(2), ThreeLetterIsoCode s(3), NumericIsoCode i, AllowsBilling b, "
        "AllowsShipping b, SubjectToVat b, Published b, DisplayOrder i",
        required=("Name",),
    ),
    entity(
        "Products",
        _PRODUCT,
        links=_PRODUCT_LINKS,
        hidden="Deleted b",
        audited=True,
        soft_delete=True,
        required=("Name",),
    ),
    entity("ProductVariantAttributeCombinations", _COMBINATION, links="Product>Products:ProductId"),
    entity(
        "ProductBundleItems",
        "ProductId i, BundleProductId i, Quantity i, Discount d?, DiscountPercentage b, Name s(400), "
        "ShortDescription s, FilterAttributes b, HideThumbnail b, Visible b, Published b, DisplayOrder i, "
        "CreatedOnUtc t, UpdatedOnUtc t",
        links="Product>Products:ProductId, BundleProduct>Products:BundleProductId",
        audited=True,
    ),
    entity(
        "Categories",
        "ParentId i?, Name s(400), Description s, Published b, DisplayOrder i, CreatedOnUtc t, UpdatedOnUtc t",
        audited=True,
        required=("Name",),
    ),
    entity(
        "ProductCategories",
        "ProductId i, CategoryId i, IsFeaturedProduct b, DisplayOrder i, IsSystemMapping b",
        links="Product>Products:ProductId, Category>Categories:CategoryId",
    ),
    entity(
        "Manufacturers",
        "Name s(400), Description s, BottomDescription s, MediaFileId i?, Published b, DisplayOrder i, CreatedOnUtc t, "
        "UpdatedOnUtc t",
        audited=True,
        required=("Name",),
    ),
    entity(
        "ProductManufacturers",
        "ProductId i, ManufacturerId i, IsFeaturedProduct b, DisplayOrder i",
        links="Product>Products:ProductId, Manufacturer>Manufacturers:ManufacturerId",
    ),
    entity(
        "SpecificationAttributes",
        "Name s(400), Alias s(30), DisplayOrder i, Essential b, ShowOnProductPage b, AllowFiltering b",
        links="SpecificationAttributeOptions*SpecificationAttributeOptions:SpecificationAttributeId",
        required=("Name",),
    ),
    entity(
        "SpecificationAttributeOptions",
        "SpecificationAttributeId i, Name s(400), Alias s(30), DisplayOrder i, NumberValue d, MediaFileId i, "
        "Color s(100)",
        links="SpecificationAttribute>SpecificationAttributes:SpecificationAttributeId",
        required=("Name",),
    ),
    entity(
        "ProductSpecificationAttributes",
        "ProductId i, SpecificationAttributeOptionId i, AllowFiltering b?, ShowOnProductPage b?, DisplayOrder i",
        links="Product>Products:ProductId, "
        "SpecificationAttributeOption>SpecificationAttributeOptions:SpecificationAttributeOptionId",
    ),
    entity(
        "MediaFiles",
        "FolderId i?, Name s(300), Alt s(400), Title s(400), Extension s(50), MimeType s(100), MediaType s(20), "
        "Size i, CreatedOnUtc t, UpdatedOnUtc t, IsTransient b, Deleted b",
        hidden="Path s, Content s",
        writable=False,
    ),
    entity(
        "ProductMediaFiles",
        "ProductId i, MediaFileId i, DisplayOrder i",
        links="Product>Products:ProductId, MediaFile>MediaFiles:MediaFileId",
    ),
    entity("Languages", "Name s(100), LanguageCulture s(20), UniqueSeoCode s(2), Published b, DisplayOrder i"),
    entity(
        "LocalizedProperties",
        "EntityId i, LanguageId i, LocaleKeyGroup s(150), LocaleKey s(255), LocaleValue s",
        required=("LocaleKeyGroup", "LocaleKey"),
    ),
    entity("TaxCategories", "Name s(400), DisplayOrder i", required=("Name",)),
    entity(
        "GenericAttributes",
        "EntityId i, KeyGroup s(400), Key s(400), Value s, StoreId i",
        required=("KeyGroup", "Key", "Value"),
    ),
    entity("SyncMappings", _MAPPING, required=("SourceKey", "EntityName", "ContextName")),
    entity(
        "PaymentMethods",
        "PaymentMethodSystemName s(4000), FullDescription s(4000), RoundOrderTotalEnabled b, LimitedToStores b",
    ),
    entity("ShippingMethods", "Name s(400), Description s, DisplayOrder i, IgnoreCharges b, LimitedToStores b"),
    entity("Stores", "Name s(400), Url s(400), SslEnabled b, Hosts s(1000), DisplayOrder i"),
    entity("Currencies", "Name s(50), CurrencyCode s(5), Rate d(8), DisplayLocale s(50), Published b, DisplayOrder i"),
    entity("ReturnCases", _RETURN_CASE, audited=True, routed=False, writable=False),
    entity(
        "GiftCardUsageHistory",
        "GiftCardId i, UsedWithOrderId i, UsedValue d, CreatedOnUtc t",
        writable=False,
    ),
    entity("DiscountUsageHistory", "DiscountId i, OrderId i, CreatedOnUtc t", writable=False),
    entity("BackInStockMails", "ProductId i, Sku s(400), SentOnUtc t", routed=False, writable=False),
)  # fmt: skip


def entities(version: str = "6.4") -> dict[str, Entity]:
    """Return every entity by the name of its set, as the given version of the shop (6.3 or 6.4) has it."""
    found = {each.set_name: each for each in _ALL}
    if version == "6.3":
        found["Orders"] = entity(
            "Orders", _ORDER.replace("CompletedOn t?,", ""), links=_ORDER_LINKS,
            hidden=_ORDER_HIDDEN + ", CompletedOn t?", audited=True, soft_delete=True,
        )  # fmt: skip
        found["ReturnCases"] = entity(
            "ReturnCases", _RETURN_CASE.replace("Kind [Return|Withdrawal],", "").replace("CaseStatus", "RequestStatus"),
            audited=True, routed=False, writable=False,
        )  # fmt: skip
        links = _CUSTOMER_LINKS.replace("ReturnCases*", "ReturnRequests*")
        found["Customers"] = entity("Customers", _CUSTOMER, links=links, soft_delete=True)
    return found
