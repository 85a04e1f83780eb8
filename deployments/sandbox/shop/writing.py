"""POST, PATCH, PUT and DELETE on entity sets."""

from collections.abc import Mapping
from typing import Any

from deployments.sandbox.shop.model import Entity, Row
from deployments.sandbox.shop.store import Store
from deployments.sandbox.shop.values import Refusal, read_value

_PROTECTED_KEYS = {"webapiuserdata", "passwordrecoverytoken", "accountactivationtoken", "impersonatedcustomerid"}
_UNIQUE_MAPPING = (("EntityId", "EntityName", "ContextName"), ("SourceKey", "EntityName", "ContextName"))


def read_columns(entity: Entity, body: Mapping[str, Any]) -> tuple[Row, dict[str, list[Any]]]:
    """Split a body into typed columns and new related rows (deep insert).

    Raises:
        Refusal: 400, an unknown property or a value that does not fit.
    """
    columns: Row = {}
    related: dict[str, list[Any]] = {}
    for name, value in body.items():
        if "@odata" in name:
            continue
        column, link = entity.columns.get(name), entity.links.get(name)
        if column is not None and not column.hidden:
            columns[name] = read_value(value, column)
        elif link is not None and link.many and isinstance(value, list):
            related[name] = value
        else:
            raise Refusal(400, f"The property '{name}' does not exist on type '{entity.set_name}'.")
    columns.pop("Id", None)
    return columns, related


def create(store: Store, set_name: str, body: Mapping[str, Any]) -> Row:
    """Save a new entity, with related ones if the body brings them.

    Raises:
        Refusal: 400 for a body that does not fit, 403 for a set or key that is protected, 422 for a duplicate mapping.
    """
    entity = store.entity(set_name)
    columns, related = read_columns(entity, body)
    _allowed(store, entity, columns)
    for name in entity.required:
        if not columns.get(name):
            raise Refusal(400, f"The {name} field is required.")
    if set_name == "SyncMappings":
        _unique(store, {**entity.defaults, **columns, "Id": 0})
    row = store.insert(set_name, columns)
    for name, values in related.items():
        link = entity.links[name]
        for value in values:
            if not isinstance(value, dict):
                raise Refusal(400, f"The items of '{name}' must be JSON objects.")
            inner, _ = read_columns(store.entity(link.target), value)
            store.insert(link.target, {**inner, link.key: row["Id"]})
    return row


def change(store: Store, set_name: str, row: Row, body: Mapping[str, Any], *, replace: bool = False) -> Row:
    """Save changed columns; with ``replace`` (PUT) all others fall back to their type's default.

    Raises:
        Refusal: As for `create`.
    """
    entity = store.entity(set_name)
    columns, _ = read_columns(entity, body)
    _allowed(store, entity, {**row, **columns})
    if replace:
        reset = {column.name: column.default for column in entity.visible if column.name != "Id"}
        columns = {**reset, **columns}
    for name in entity.required:
        if name in columns and not columns[name]:
            raise Refusal(400, f"The {name} field is required.")
    if set_name == "SyncMappings":
        _unique(store, {**row, **columns})
    return store.update(set_name, row["Id"], columns)


def delete(store: Store, set_name: str, row: Row) -> None:
    """Delete an entity: softly where the shop does, and not at all where the shop's own code forgets to.

    Raises:
        Refusal: 403, protected.
    """
    entity = store.entity(set_name)
    _allowed(store, entity, row)
    if set_name == "GenericAttributes":
        return
    if entity.soft_delete:
        store.update(set_name, row["Id"], {"Deleted": True})
    else:
        store.remove(set_name, row["Id"])


def _allowed(store: Store, entity: Entity, row: Row) -> None:
    if not entity.writable:
        raise Refusal(403, f"Writing {entity.set_name} is not allowed.")
    if entity.set_name == "Customers" and row.get("IsSystemAccount"):
        raise Refusal(403, "System customers cannot be changed.")
    if entity.set_name == "GenericAttributes" and row.get("KeyGroup") == "Customer":
        key = row.get("Key")
        if isinstance(key, str) and key.lower() in _PROTECTED_KEYS:
            raise Refusal(403, f"The attribute '{key}' is protected.")
    for column, target in (("OrderId", "Orders"), ("ShipmentId", "Shipments")):
        if row.get(column) is not None and column in entity.columns and row[column] not in store.tables[target].rows:
            raise Refusal(422, f"The INSERT or UPDATE conflicted with the FOREIGN KEY constraint on '{column}'.")


def _unique(store: Store, row: Row) -> None:
    for names in _UNIQUE_MAPPING:
        for other in store.tables["SyncMappings"].where(names[0], row[names[0]]):
            if other["Id"] != row["Id"] and all(_same(other[name], row[name]) for name in names):
                raise Refusal(
                    422,
                    "An error occurred while saving the entity changes. Cannot insert duplicate key row in object "
                    f"'SyncMapping' with unique index 'IX_SyncMapping_By{names[0].removesuffix('Id')}'.",
                )


def _same(one: Any, other: Any) -> bool:
    return bool(one.casefold() == other.casefold() if isinstance(one, str) and isinstance(other, str) else one == other)
