"""Mapping profiles: which column, path or constant of an order file is which part of an order. YAML, checked."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from blocks.standards.order_files.file_form import AnySource, FileForm, Format, known_target, load_form
from blocks.standards.order_files.targets import (
    ALWAYS_ON_LINE,
    ALWAYS_ON_ORDER,
    LINE_TARGETS,
    ORDER_TARGETS,
    PRICES,
    TAX_PREFIX,
)


def _order_target(name: str) -> str:
    if not name.startswith(TAX_PREFIX):
        return known_target(name, ORDER_TARGETS)
    try:
        rate = Decimal(name.removeprefix(TAX_PREFIX))
    except InvalidOperation as error:
        raise ValueError(f"'{name}' must end in a rate in per cent such as {TAX_PREFIX}19") from error
    if not rate.is_finite() or not 0 <= rate < 100:  # noqa: PLR2004 - per cent
        raise ValueError(f"'{name}' must end in a rate from 0 to under 100 per cent")
    return name


def _line_target(name: str) -> str:
    return known_target(name, LINE_TARGETS)


class Profile(FileForm):
    """One way in which orders are written in files."""

    rows: Literal["one", "several"] = Field(default="several", description="Rows per order; several must be adjacent.")
    continued: bool = Field(default=False, description="Rows without order number belong to the order above.")
    lines_per_row: int = Field(default=1, ge=1, le=100, description="Above 1, {n} in a line's column is 1, 2, 3 …")
    prices: Literal["gross", "net"] = Field(description="Which prices the customer agreed to.")
    unit_prices: Literal["after_discount", "before_discount"] = Field(
        default="after_discount", description="Whether unit prices are before or after the line's own discount."
    )
    ships: bool = Field(default=True, description="False: goods were handed over, e.g. at a till.")
    order: dict[Annotated[str, AfterValidator(_order_target)], AnySource]
    lines: dict[Annotated[str, AfterValidator(_line_target)], AnySource]
    extra: dict[str, AnySource] = Field(
        default_factory=dict, description="Fields of this company's own, kept in the comment as 'name: value'."
    )

    @model_validator(mode="after")
    def _can_make_orders(self) -> "Profile":
        for target in ALWAYS_ON_ORDER:
            if target not in self.order:
                raise ValueError(f"order.{target} is not mapped; every order needs it")
        for target in ALWAYS_ON_LINE:
            if target not in self.lines:
                raise ValueError(f"lines.{target} is not mapped; every line needs it")
        if not any(target in self.lines for target in PRICES):
            raise ValueError(f"lines has no price; map one of {', '.join(PRICES)}")
        for charge in ("charges.shipping", "charges.payment_fee"):
            amount = f"{charge}.net" in self.order or f"{charge}.gross" in self.order
            if amount and f"{charge}.tax_rate" not in self.order:
                raise ValueError(f"order.{charge}.tax_rate is not mapped; a charge needs its tax rate")
        self._fits_its_format()
        return self

    def _fits_its_format(self) -> None:
        if not self.order["external_id"].columns:
            raise ValueError("order.external_id must come from a column; a constant would make all orders one")
        tree = self.format in {Format.XML, Format.JSON}
        if self.format is Format.XML and not self.record:
            raise ValueError("record is not set; XML needs the path of an order, e.g. Orders/Order")
        if tree and not self.line_path:
            raise ValueError(f"line_path is not set; {self.format.value} needs the path from an order to its lines")
        if not tree and (self.record or self.line_path):
            raise ValueError(f"record and line_path are for xml and json; the format is {self.format.value}")
        if tree and (self.skip or self.lines_per_row > 1 or self.continued):
            raise ValueError(
                f"skip, continued and lines_per_row are for csv and xlsx; the format is {self.format.value}"
            )


def load_profile(text: str, *, name: str | None = None, version: int = 0) -> Profile:
    """Return the profile a YAML text states.

    Args:
        text: YAML.
        name: The name it was activated under; without it, the name in the text.
        version: The version that was activated; 0 for a file or a profile that SOMS brings along.

    Raises:
        WrongUse: No YAML, or a key that is unknown or has an impossible value; names the key's path and what it wants.
    """
    return load_form(Profile, text, name=name, version=version)
