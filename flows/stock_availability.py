"""Stock availability: what a cart can have now and when the rest, asked for by a person or by another program."""

from decimal import Decimal
from typing import Any

from prefect import flow
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field

from blocks.forms import in_reading_order
from tasks.order_intake.availability import MOST_LINES, MOST_PIECES, CartLine
from tasks.order_intake.carts import answer


class CartItem(BaseModel):
    """One line of a cart."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    sku: str = Field(min_length=1, max_length=300, description="SKU of the article, pack or bundle, e.g. LAMP.")
    quantity: int = Field(default=1, ge=1, le=MOST_PIECES, description="How many of it.")


class AvailabilityRequest(BaseModel):
    """Which cart is asked for. Nothing is reserved by asking."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    channel: str = Field(
        default="berlin", min_length=1, max_length=200, description="The channel whose articles are asked for."
    )
    cart: tuple[CartItem, ...] = Field(
        min_length=1, max_length=MOST_LINES, description="The cart's lines, served in this order."
    )


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'stock-availability berlin 2 lines'."""
    request = AvailabilityRequest.model_validate(flow_run.parameters.get("request"))
    return f"stock-availability {request.channel} {len(request.cart)} lines"


@flow(name="stock-availability", flow_run_name=run_name, validate_parameters=True)
def stock_availability(request: AvailabilityRequest) -> list[dict[str, Any]]:
    """Answer for each line how many are free, when the next goods come in and when the rest is there."""
    return answer(request.channel, [CartLine(item.sku, Decimal(item.quantity)) for item in request.cart])
