"""What a connector lacks before any of its calls is tried, each gap in a sentence with its remedy."""

import inspect
from typing import Any

from blocks.systems.registry import CONNECTORS


def gaps(connector: type[Any], contract: type[Any]) -> list[str]:
    """Return what a connector class lacks of its contract, and of what every connection must have."""
    name = connector.__name__
    found = [
        f"{name} lacks {method}: write it as {contract.__module__} describes it."
        for method, what in inspect.getmembers(contract)
        if getattr(what, "__isabstractmethod__", False) and getattr(connector, method, None) is what
    ]
    slug = getattr(connector, "_block_type_slug", None)
    if not slug:
        found.append(f"{name} has no _block_type_slug: the part before the slash by which connections are named.")
    elif CONNECTORS.get(slug) != f"{connector.__module__}:{name}":
        found.append(f"'{slug}' does not lead to {name}: add it to CONNECTORS in blocks/systems/registry.py.")
    if not inspect.getdoc(connector) or inspect.getdoc(connector) == inspect.getdoc(contract):
        found.append(f"{name} has no docstring: it is what people read beside the form in the UI.")
    for field, about in connector.model_fields.items():
        if not about.description:
            found.append(f"{name}.{field} has no description: the form cannot explain itself.")
        secret = any(word in field for word in ("password", "secret", "token")) or field.endswith("_key")
        if secret and "Secret" not in str(about.annotation) and "public" not in field:
            found.append(f"{name}.{field} is kept in plain text: make it a SecretStr.")
    return found
