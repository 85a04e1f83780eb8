"""What every mapping profile says of its file: how it is written, where its columns are, how values are read."""

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from blocks.errors import WrongUse

LONGEST_PROFILE = 256 * 1024
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Encoding = Literal["auto", "utf-8", "windows-1252", "iso-8859-1", "iso-8859-15", "cp850", "utf-16-le", "utf-16-be"]


class Format(StrEnum):
    """How the file is written."""

    CSV = "csv"
    XLSX = "xlsx"
    XML = "xml"
    JSON = "json"


class ProfilePart(BaseModel):
    """A part of a profile: frozen, nothing beyond what is declared, numbers may be written as such."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"'{name}' is no time zone such as Europe/Berlin") from error
    return name


class Numbers(ProfilePart):
    """How numbers are written. A separator that is not declared here is a defect, never a guess."""

    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    signs: tuple[str, ...] = Field(default=(), description="Currency signs that may stand before or after a number.")

    @model_validator(mode="after")
    def _differ(self) -> "Numbers":
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands cannot be the same character")
        return self


class Dates(ProfilePart):
    """How dates are written: formats of strptime (or 'iso'), tried in order, and the zone of times without one."""

    formats: tuple[str, ...] = Field(default=("iso",), min_length=1)
    zone: Annotated[str, AfterValidator(_known_zone)] = "Europe/Berlin"


def _one_or_more(value: object) -> object:
    return value if isinstance(value, list | tuple) else (value,)


Columns = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_one_or_more)]


def _taken_apart(value: object) -> object:
    """A source may be written as the name of its column alone."""
    return {"column": value} if isinstance(value, str | list) else value


class Source(ProfilePart):
    """Where a target's value comes from: a column (with other names it may have), columns joined, or a constant."""

    column: Columns = Field(
        default=(), description="Name of the column or path; several names: the first that is filled."
    )
    join: Columns = Field(default=(), description="Columns whose filled texts are joined.")
    by: str = Field(default=" ", description="What stands between joined texts.")
    constant: str | None = Field(default=None, description="The same for every order.")
    default: str | None = Field(default=None, description="What an empty cell stands for.")
    split: str | None = Field(default=None, min_length=1, description="Take only a part of the text, cut here.")
    part: Literal["first", "last", "rest", "before_last"] = Field(
        default="first", description="rest: all but the first part; before_last: all but the last."
    )
    values: dict[str, str] = Field(default_factory=dict, description="What texts stand for, without regard to case.")
    pad: int = Field(default=0, ge=0, le=20, description="Fill digits with leading zeros, e.g. postal codes to 5.")
    numbers: Numbers | None = None
    dates: Dates | None = None
    required: bool = False

    @model_validator(mode="after")
    def _has_one_origin(self) -> "Source":
        if sum((bool(self.column), bool(self.join), self.constant is not None)) != 1:
            raise ValueError("needs exactly one of column, join and constant")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Return every column or path this source may read."""
        return self.column or self.join


def known_target(name: str, known: Mapping[str, Any]) -> str:
    """Return the name of a target; a ValueError names the closest one when there is none."""
    if name in known:
        return name
    close = get_close_matches(name, known, n=1)
    raise ValueError(f"there is no target '{name}'" + (f", perhaps '{close[0]}'" if close else ""))


AnySource = Annotated[Source, BeforeValidator(_taken_apart)]


class Skip(ProfilePart):
    """Rows that are no orders, e.g. totals: a column (or any column) whose text is like a pattern with * and ?."""

    column: str | None = Field(default=None, description="Without it, any column.")
    like: str = Field(min_length=1, description="Without regard to case, e.g. 'Summe*'.")


class Limits(ProfilePart):
    """What no honest file exceeds."""

    row_bytes: int = Field(default=128 * 1024, ge=1024, le=4 * 1024 * 1024)
    rows_per_order: int = Field(default=2000, ge=1, le=100_000)
    columns: int = Field(default=500, ge=1, le=5000)


class FileForm(ProfilePart):
    """How a file is written, whatever is in it."""

    name: Name
    version: int = Field(default=0, ge=0, description="Set from the version that was activated.")
    about: str = ""
    format: Format
    encoding: Encoding = "auto"
    delimiter: Literal["auto", ";", ",", "\t", "|"] = "auto"
    sheet: str = Field(default="", description="Name of the sheet; empty: the first one that is visible.")
    header: int = Field(default=1, ge=0, le=100, description="Row with the names; 0: columns are named 1, 2, 3 …")
    record: str = Field(default="", description="XML: path of an order or slip; JSON: path of the list of them.")
    line_path: str = Field(default="", description="XML, JSON: path from the order or slip to its lines.")
    skip: tuple[Skip, ...] = ()
    numbers: Numbers = Numbers()
    dates: Dates = Dates()
    whole_pieces: bool = Field(default=True, description="A quantity such as 1.5 is a defect.")
    limits: Limits = Limits()

    @cached_property
    def _identity(self) -> int:
        return hash((self.name, self.version, self.model_dump_json()))

    def __hash__(self) -> int:
        """Return a hash of all that the profile says."""
        return self._identity


Form = TypeVar("Form", bound=FileForm)


def load_form(kind: type[Form], text: str, *, name: str | None, version: int) -> Form:
    """Return the profile a YAML text states, under the name it was activated by, if any.

    Raises:
        WrongUse: No YAML, or a key that is unknown or has an impossible value; names the key's path and what it wants.
    """
    content = mapping_in(text)
    if name is not None:
        content["name"] = name
    try:
        return kind.model_validate({**content, "version": version})
    except ValidationError as error:
        raise refusal(error, kind) from error


def mapping_in(text: str) -> dict[str, Any]:
    """Return what a profile's YAML says, every value as a text.

    Raises:
        WrongUse: It is no YAML mapping, too long, or says its own version.
    """
    if len(text) > LONGEST_PROFILE:
        raise WrongUse(f"A profile has at most {LONGEST_PROFILE} characters.")
    try:
        content = yaml.load(text, Loader=_Words)  # noqa: S506 - a loader that makes nothing but texts
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise WrongUse(f"The profile is no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict) or "version" in content:
        raise WrongUse("A profile is a YAML mapping that begins like 'name: my-shop', without 'version'.")
    return content


class _Words(yaml.BaseLoader):
    """Every scalar is a text (NO is Norway, 01 is 01), no key stands twice, and nothing is said by reference."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("references (*name) cannot be used; write the value out")
        node: yaml.Node | None = super().compose_node(parent, index)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if not isinstance(key, str) or keys.count(key) > 1:
                raise yaml.YAMLError(f"the key '{key}' stands twice or is no text{node.start_mark}")
        return dict(super().construct_mapping(node, deep))


def refusal(error: ValidationError, model: type[BaseModel]) -> WrongUse:
    """Return what is wrong with a profile in a sentence that names the key's path and what it wants."""
    found = error.errors(include_url=False)
    others = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return WrongUse(f"Profile, {_place(found[0])}: {_said(found[0], model)}{others}.")


def _place(fault: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in fault["loc"] if part != "[key]") or "as a whole"


def _said(fault: Mapping[str, Any], profile: type[BaseModel]) -> str:
    if fault["type"] == "extra_forbidden":
        place = fault["loc"]
        model = profile if len(place) == 1 else Source
        close = get_close_matches(str(place[-1]), model.model_fields, n=1)
        return "there is no such key" + (f", perhaps '{close[0]}'" if close else "")
    if fault["type"] == "missing":
        return "this key is missing"
    message: str = fault["msg"].removeprefix("Value error, ")
    return message[0].lower() + message[1:]
