"""The form of manufacturer enrichment: whose product data goes to which articles of which shop."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from blocks.forms import connection, in_reading_order

Source = Annotated[str, Field(pattern=connection("manufacturers"))]
Sku = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]


class EnrichmentRequest(BaseModel):
    """Which product data to fetch. With the sources alone, all articles of the shop that they know are enriched."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    shop: str = Field(
        default="smartstore-shop/berlin",
        pattern=connection("shops"),
        description="The shop whose articles are enriched: type and name of its block.",
    )
    sources: list[Source] = Field(
        default_factory=list,
        max_length=100,
        description="Where the data comes from: types and names of manufacturers' blocks, e.g. manufacturer-api/acme."
        " None: what came before is decided on anew.",
    )
    manufacturer: str = Field(
        default="",
        max_length=200,
        description="Only those of the sources that are this manufacturer's, as their connections name it.",
    )
    category: str = Field(
        default="", max_length=200, description="Only articles in this category of the shop, e.g. Lamps. Empty: all."
    )
    articles: list[Sku] = Field(
        default_factory=list, max_length=10_000, description="Only these articles, by SKU. Empty: all."
    )
    new_articles: bool = Field(
        default=False,
        description="Only articles of which no source has said anything yet; without any, nothing is done.",
    )
    language: str = Field(
        default="de", pattern="^[a-z]{2}$", description="The language of the shop's own texts, e.g. de."
    )
    fetch_again: bool = Field(default=False, description="Ask the sources also for what was fetched a short while ago.")
    look_again: bool = Field(
        default=False,
        description="Decide on every article anew, not only on those of which sources say something else: finds what"
        " people changed in the shop.",
    )
    dry_run: bool = Field(
        default=False,
        description="Rehearse with what was fetched before: say what would be changed, but keep and write nothing.",
    )
    patience: float = Field(
        default=45.0, ge=0, le=600, description="Seconds to wait when the shop cannot answer; the next run goes on."
    )

    @property
    def channel(self) -> str:
        """Return the shop's channel."""
        return self.shop.partition("/")[2]

    @property
    def partial(self) -> bool:
        """Return whether only some articles are meant."""
        return bool(self.articles or self.category or self.new_articles)
