"""Mapping profiles of stock files: which column or path says what was sold, taken back, voided or counted. YAML."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from blocks.documents.till_rows import RowKind
from blocks.standards.order_files.file_form import AnySource, FileForm, Format, known_target, load_form
from blocks.standards.order_files.targets import Kind

SLIP_TARGETS: Mapping[str, Kind] = {
    "number": Kind.IDENTIFIER,
    "kind": Kind.TEXT,
    "happened_at": Kind.MOMENT,
    "warehouse": Kind.TEXT,
    "voids": Kind.IDENTIFIER,
}
"""Targets that stand once per slip, note or count; in a table every row says them."""
LINE_TARGETS: Mapping[str, Kind] = {
    "number": Kind.IDENTIFIER,
    "kind": Kind.TEXT,
    "sku": Kind.IDENTIFIER,
    "gtin": Kind.IDENTIFIER,
    "quantity": Kind.PIECES,
    "unit": Kind.TEXT,
    "location": Kind.TEXT,
}
"""Targets that stand once per line."""
ALWAYS_ON_SLIP = ("happened_at", "warehouse")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def _slip_target(name: str) -> str:
    return known_target(name, SLIP_TARGETS)


def _line_target(name: str) -> str:
    return known_target(name, LINE_TARGETS)


def _time_of_day(text: str) -> str:
    if text and not _TIME.fullmatch(text):
        raise ValueError(f"'{text}' is no time of day such as 20:00")
    return text


def _some_pieces(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"'{text}' is no number of pieces") from error
    if not number.is_finite() or not 0 < number < 1_000_000:  # noqa: PLR2004 - no pack holds more
        raise ValueError(f"'{text}' is no number of pieces above 0")
    return text


class StockProfile(FileForm):
    """One way in which files say what happened to stock."""

    reads: Literal["stock"]
    quantities: Literal["turned", "unsigned", "change"] = Field(
        default="turned",
        description="turned: plus is what the kind does, minus the opposite (a sale of -1 is a return); unsigned: minus"
        " is a defect; change: as stock changes (a sale is -1, a delivery 10).",
    )
    picture: Literal["partial", "whole"] = Field(
        default="partial",
        description="Of counts: whether a file names everything that is there; what a whole one leaves out is at zero.",
    )
    counted_again: Literal["aside", "add"] = Field(
        default="aside",
        description="An article that stands again at the same place of one count: put aside, or added up.",
    )
    without_time: Annotated[str, AfterValidator(_time_of_day)] = Field(
        default="", description="The time of day that a date without a time stands for, e.g. 20:00 for evening counts."
    )
    units: dict[str, Annotated[str, AfterValidator(_some_pieces)]] = Field(
        default_factory=dict, description="How many pieces a unit is, e.g. {carton: 12}. Empty units are pieces."
    )
    slip: dict[Annotated[str, AfterValidator(_slip_target)], AnySource]
    lines: dict[Annotated[str, AfterValidator(_line_target)], AnySource]

    @model_validator(mode="after")
    def _can_make_rows(self) -> "StockProfile":
        for target in ALWAYS_ON_SLIP:
            if target not in self.slip:
                raise ValueError(f"slip.{target} is not mapped; every row needs it")
        if "kind" not in self.slip and "kind" not in self.lines:
            raise ValueError("slip.kind is not mapped; a file of nothing but sales has {constant: sale}")
        if "sku" not in self.lines and "gtin" not in self.lines:
            raise ValueError("lines.sku is not mapped; every article needs it, or lines.gtin")
        if "quantity" not in self.lines:
            raise ValueError("lines.quantity is not mapped; every movement needs it")
        self._kinds_are_known()
        self._fits_its_format()
        return self

    def _kinds_are_known(self) -> None:
        kinds = [source for source in (self.slip.get("kind"), self.lines.get("kind")) if source]
        said = [word for each in kinds for word in (*each.values.values(), each.constant, each.default) if word]
        unknown = next((word for word in said if word not in set(RowKind)), None)
        if unknown:
            raise ValueError(f"'{unknown}' is no kind of row; there are {', '.join(RowKind)}")
        if "number" not in self.slip and (not said or set(said) != {RowKind.COUNT}):
            raise ValueError("slip.number is not mapped; all but counts need it, to be told apart")
        if "location" in self.lines and "number" not in self.slip and self.picture == "partial":
            raise ValueError("slip.number is not mapped; a count by places needs it, so that its places are added up")
        if self.picture == "whole" and self.only_kind != RowKind.COUNT:
            raise ValueError("a whole picture holds nothing but counts: slip.kind is {constant: count}")
        if self.picture == "whole" and self.format in {Format.XML, Format.JSON}:
            raise ValueError("a whole picture is csv or xlsx")

    @property
    def only_kind(self) -> str | None:
        """Return the kind that all rows are of, where the profile says so."""
        source = self.slip.get("kind")
        return source.constant if source and "kind" not in self.lines else None

    def _fits_its_format(self) -> None:
        tree = self.format in {Format.XML, Format.JSON}
        if self.format is Format.XML and not self.record:
            raise ValueError("record is not set; XML needs the path of a slip, e.g. Journal/Slip")
        if tree and not self.line_path:
            raise ValueError(f"line_path is not set; {self.format.value} needs the path from a slip to its lines")
        if not tree and (self.record or self.line_path):
            raise ValueError(f"record and line_path are for xml and json; the format is {self.format.value}")
        if tree and self.skip:
            raise ValueError(f"skip is for csv and xlsx; the format is {self.format.value}")


def load_stock_profile(text: str, *, name: str | None = None, version: int = 0) -> StockProfile:
    """Return the profile of stock files a YAML text states.

    Args:
        text: YAML.
        name: The name it was activated under; without it, the name in the text.
        version: The version that was activated; 0 for a file or a profile that SOMS brings along.

    Raises:
        WrongUse: No YAML, or a key that is unknown or has an impossible value; names the key's path and what it wants.
    """
    return load_form(StockProfile, text, name=name, version=version)
