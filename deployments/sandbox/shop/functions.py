"""Functions of the service, and what it says about itself."""

import json
from collections.abc import Mapping

from deployments.sandbox.shop.address import Segment
from deployments.sandbox.shop.model import Entity, Kind, Row
from deployments.sandbox.shop.options import read_options
from deployments.sandbox.shop.reading import View
from deployments.sandbox.shop.shipments import item_shipment_info, shipment_info
from deployments.sandbox.shop.store import Store
from deployments.sandbox.shop.values import Refusal

_EDM = {
    Kind.INTEGER: "Edm.Int32",
    Kind.DECIMAL: "Edm.Decimal",
    Kind.TEXT: "Edm.String",
    Kind.BOOLEAN: "Edm.Boolean",
    Kind.TIME: "Edm.DateTimeOffset",
    Kind.GUID: "Edm.Guid",
    Kind.ENUM: "Edm.String",
}


def call(view: View, set_name: str, segment: Segment, query: Mapping[str, str]) -> str:
    """Answer one function of a set.

    Raises:
        Refusal: 404 for an unknown function or id, 400 for wrong arguments.
    """
    match set_name, segment.name:
        case "Orders", "GetShipmentInfo":
            order = _row(view, "Orders", segment)
            return _complex(view, "OrderShipmentInfo", shipment_info(view.store, order["Id"]))
        case "OrderItems", "GetShipmentInfo":
            item = _row(view, "OrderItems", segment)
            return _complex(view, "OrderItemShipmentInfo", item_shipment_info(view.store, item))
        case "Products", "RecycleBin":
            return _listed(view, "Products", [row for row in _all(view, "Products") if row["Deleted"]], query)
        case "PaymentMethods", "GetAllPaymentMethods":
            return _listed(view, "PaymentMethods", _all(view, "PaymentMethods"), query)
    raise Refusal(404, f"No function '{segment.name}' is found on '{set_name}'.")


def _all(view: View, set_name: str) -> list[Row]:
    return list(view.store.tables[set_name].rows.values())


def _listed(view: View, set_name: str, rows: list[Row], query: Mapping[str, str]) -> str:
    options = read_options(query, view.store.entity(set_name), view.store)
    return view.collection(rows, options, set_name, query)


def _row(view: View, set_name: str, segment: Segment) -> Row:
    text = segment.arguments.get("id", "")
    if set(segment.arguments) != {"id"} or not text.isdigit():
        raise Refusal(400, f"The function '{segment.name}' takes one number, 'id'.")
    row = view.store.tables[set_name].rows.get(int(text))
    if row is None or not view.seen(set_name, [row]):
        raise Refusal(404, f"Cannot find {set_name} entity with identifier {text}.")
    return row


def _complex(view: View, kind: str, values: Mapping[str, object]) -> str:
    return json.dumps({"@odata.context": f"{view.base}$metadata#Smartstore.Web.Api.Models.Checkout.{kind}", **values})


def service_document(view: View) -> str:
    """Return the list of entity sets."""
    names = [name for name, table in view.store.tables.items() if table.entity.routed]
    value = [{"name": name, "kind": "EntitySet", "url": name} for name in names]
    return json.dumps({"@odata.context": f"{view.base}$metadata", "value": value})


def metadata(store: Store) -> str:
    """Return the model as CSDL, as far as the sandbox has it."""
    entities = [table.entity for table in store.tables.values()]
    sets = "".join(
        f'<EntitySet Name="{each.set_name}" EntityType="Smartstore.{each.set_name}"/>'
        for each in entities
        if each.routed
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
        '<edmx:DataServices><Schema Namespace="Smartstore" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        + "".join(_entity_type(each) for each in entities)
        + f'<EntityContainer Name="Container">{sets}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>'
    )


def _entity_type(entity: Entity) -> str:
    columns = "".join(
        f'<Property Name="{each.name}" Type="{_EDM[each.kind]}" Nullable="{str(each.nullable).lower()}"/>'
        for each in entity.visible
    )
    links = "".join(
        f'<NavigationProperty Name="{each.name}" Type="'
        + (f"Collection(Smartstore.{each.target})" if each.many else f"Smartstore.{each.target}")
        + '"/>'
        for each in entity.links.values()
    )
    return f'<EntityType Name="{entity.set_name}"><Key><PropertyRef Name="Id"/></Key>{columns}{links}</EntityType>'
