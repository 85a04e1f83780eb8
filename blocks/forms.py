"""How a flow's request appears as a form in the UI: its fields in the order in which a person reads them."""

from collections.abc import Sequence
from typing import Any

from blocks.errors import WrongUse
from blocks.systems.registry import CONNECTORS


def connection(*kinds: str) -> str:
    """Return the pattern of what names a connection of some kinds, e.g. 'shops': type of block, slash, its name.

    An order must not be sold to a shop because two fields of the form were mixed up: its calls would never be made.
    """
    folders = tuple(f"blocks.systems.{kind}." for kind in kinds)
    slugs = sorted(slug for slug, place in CONNECTORS.items() if place.startswith(folders))
    return f"^({'|'.join(slugs)})/[a-z0-9-]+$"


def in_reading_order(schema: dict[str, Any]) -> None:
    """Number a JSON schema's fields as they are declared; a model's ``json_schema_extra``.

    Prefect keeps schemas as jsonb, which sorts fields by the length of their names; its forms go by ``position``.
    """
    for position, field in enumerate(schema.get("properties", {}).values()):
        field["position"] = position


def all_named(numbers: Sequence[int], action: str, things: str) -> list[int]:
    """Return the numbers that a form names, each once; ``things`` is what they are of, e.g. 'invoices'.

    Raises:
        WrongUse: None is named.
    """
    if not numbers:
        raise WrongUse(f"To {action} takes the numbers of {things} in the field '{things.capitalize()}'.")
    return list(dict.fromkeys(numbers))


def one_named(numbers: Sequence[int], action: str, things: str) -> int:
    """Return the one number that a form names: what is decided is decided of one; ``things`` as above.

    Raises:
        WrongUse: None is named, or several.
    """
    if len(set(numbers)) != 1:
        thing = things.removesuffix("s")
        raise WrongUse(f"To {action} takes the number of one {thing} in the field '{things.capitalize()}'.")
    return numbers[0]
