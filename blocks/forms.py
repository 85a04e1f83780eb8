"""How a flow's request appears as a form in the UI: its fields in the order in which a person reads them."""

from typing import Any

CONNECTION = r"^[a-z0-9-]+/[a-z0-9-]+$"
"""What names a connection: the type of block, a slash, the name of the block."""


def in_reading_order(schema: dict[str, Any]) -> None:
    """Number a JSON schema's fields as they are declared; a model's ``json_schema_extra``.

    Prefect keeps schemas as jsonb, which sorts fields by the length of their names; its forms go by ``position``.
    """
    for position, field in enumerate(schema.get("properties", {}).values()):
        field["position"] = position
