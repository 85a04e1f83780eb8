"""How a merchant buys: lead times, packs, minimum orders, service levels, and how demand is looked at. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from blocks.documents.base import Document
from blocks.documents.orders import Quantity

Days = Annotated[int, Field(ge=0, le=730)]
ServiceLevel = Annotated[float, Field(ge=0.5, le=0.999, allow_inf_nan=False)]


class Terms(Document):
    """How an article is bought and kept, in full."""

    buy: bool = True
    supplier: str = ""
    lead_time_days: Days = 7
    pack: Quantity = Decimal(1)
    minimum: Decimal = Decimal(0)
    service_level: ServiceLevel = 0.95
    cover_days: Days = 14


class TermsChange(Document):
    """Terms of some articles; what is not said stands as in the wider terms."""

    buy: bool | None = Field(default=None, description="False: never propose to buy it, e.g. it is phased out.")
    supplier: str | None = Field(default=None, description="Code of the supplier in the ERP; empty: as the ERP has it.")
    lead_time_days: Days | None = Field(default=None, description="Calendar days from the order to the shelf.")
    pack: Quantity | None = Field(default=None, description="Pieces per pack: only whole packs are ordered.")
    minimum: Annotated[Decimal, Field(ge=0, le=10**9)] | None = Field(
        default=None, description="Fewest pieces of the article in one order."
    )
    service_level: ServiceLevel | None = Field(
        default=None, description="Share of order cycles that shall see no stock-out, e.g. 0.95."
    )
    cover_days: Days | None = Field(default=None, description="Days of expected demand that one order shall last for.")

    def over(self, wider: Terms) -> Terms:
        """Return the wider terms with these instead of what they say."""
        return wider.model_copy(update=self.model_dump(exclude_none=True))


class ReplenishmentRules(Document):
    """When what is bought; the narrowest terms count: article in a warehouse, article, supplier, default."""

    erp: str = Field(
        default="tryton-erp/main",
        pattern=r"^[a-z0-9-]+/[a-z0-9-]+$",
        description="The ERP that buys: type and name of its block.",
    )
    warehouses: tuple[str, ...] = Field(default=(), description="Warehouses that are bought for; empty: all.")
    history_days: Annotated[int, Field(ge=28, le=1500)] = Field(
        default=730, description="Days of the past that demand is learnt from."
    )
    review_days: Annotated[int, Field(ge=1, le=60)] = Field(
        default=1, description="Days between two looks at what is to be bought."
    )
    overdue_days: Days = Field(
        default=14,
        description="Days beyond its lead time for which an order counts that the ERP shows neither as on its way nor"
        " as come in.",
    )
    ask_again_days: Days = Field(default=7, description="Days after which what was declined is proposed again.")
    default: TermsChange = TermsChange()
    suppliers: Mapping[str, TermsChange] = Field(default_factory=dict, description="By supplier code.")
    articles: Mapping[str, TermsChange] = Field(
        default_factory=dict, description="By SKU, or by warehouse and SKU as in EAST:LAMP."
    )

    def terms(self, warehouse: str, sku: str) -> Terms:
        """Return how an article is bought for a warehouse."""
        narrow = [self.articles[key] for key in (f"{warehouse}:{sku}", sku) if key in self.articles]
        said = (change.supplier for change in (*narrow, self.default))
        supplier = next((code for code in said if code is not None), "")
        found = self.default.over(Terms())
        for change in (self.suppliers.get(supplier), *reversed(narrow)):
            found = change.over(found) if change else found
        return found.model_copy(update={"supplier": supplier})
