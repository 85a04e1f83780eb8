"""The OData service: one call in, one answer out, inside one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from deployments.sandbox.shop import functions
from deployments.sandbox.shop.access import JSON, Settings, not_found_by_key, permit
from deployments.sandbox.shop.actions import ACTIONS, arguments
from deployments.sandbox.shop.address import Segment, segments
from deployments.sandbox.shop.media import answer_media, assign
from deployments.sandbox.shop.model import Entity, Link, Row
from deployments.sandbox.shop.options import read_options
from deployments.sandbox.shop.reading import View, plain
from deployments.sandbox.shop.store import Store
from deployments.sandbox.shop.values import Refusal, read_body
from deployments.sandbox.shop.writing import change, create, delete


@dataclass(frozen=True)
class Call:
    """One authenticated request.

    Attributes:
        method: HTTP method.
        path: Path below the service.
        full_path: Path on the server, for the shop's own error body.
        query: Query options and further parameters.
        headers: Request headers, names in lower case.
        body: Request body.
        view: The shop as this request sees it.
    """

    method: str
    path: str
    full_path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    view: View

    @property
    def store(self) -> Store:
        """Return the rows."""
        return self.view.store


def answer(call: Call, settings: Settings) -> Response:
    """Do what a call asks for.

    Raises:
        Refusal: Whatever the shop has against it.
    """
    parts = segments(call.path)
    if not parts or parts[0].name == "$metadata":
        return _about(call, parts)
    entity = _routed(call.store, parts[0])
    if (response := _of_media(call, settings, entity, parts)) is not None:
        return response
    if call.method == "GET":
        return _get(call, settings, entity, parts)
    if call.method == "POST" and len(parts) == 2 and parts[0].key is not None and parts[1].key is None:
        return _act(call, settings, entity, parts)
    if len(parts) == 2 and parts[1].name == "Addresses" and entity.set_name == "Customers":
        return _assign(call, settings, parts)
    if len(parts) > 1:
        raise Refusal(404, f"No resource is found at '{call.path}'.")
    return _write(call, settings, entity, parts[0])


def _about(call: Call, parts: list[Segment]) -> Response:
    if not parts:
        return _json(functions.service_document(call.view))
    return Response(functions.metadata(call.store), media_type="application/xml")


def _of_media(call: Call, settings: Settings, entity: Entity, parts: list[Segment]) -> Response | None:
    """Answer what is asked of files, which are no rows like others; None where it is about something else."""
    if entity.set_name == "MediaFiles":
        if [part.name for part in parts[1:]] == ["SaveFile"]:
            permit(settings, entity.set_name, "ACTION")
        return answer_media(call, parts)
    if len(parts) > 1 and parts[1].name == "ProductMediaFiles" and parts[1].key is not None:
        permit(settings, "ProductMediaFiles", "ACTION")
        return assign(call, parts)
    return None


def _json(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(text, status, headers, JSON)


def _routed(store: Store, first: Segment) -> Entity:
    table = store.tables.get(first.name) or next(
        (each for name, each in store.tables.items() if name.lower() == first.name.lower()), None
    )
    if table is None or not table.entity.routed or first.called:
        raise Refusal(404, f"No resource is found for the segment '{first.name}'.")
    return table.entity


def _alive(call: Call, set_name: str, key: int) -> Row | None:
    row = call.store.tables[set_name].rows.get(key)
    return row if row is not None and call.view.seen(set_name, [row]) else None


def _needed(call: Call, set_name: str, key: int) -> Row:
    row = _alive(call, set_name, key)
    if row is None:
        raise Refusal(404, f"Cannot find {set_name} entity with identifier {key}.")
    return row


def _get(call: Call, settings: Settings, entity: Entity, parts: list[Segment]) -> Response:
    permit(settings, entity.set_name, "GET")
    first, rest = parts[0], parts[1:]
    if first.key is None:
        if not rest:
            return _collection(call, entity, call.store.tables[entity.set_name].rows.values(), entity.set_name)
        if len(rest) == 1 and rest[0].name == "$count":
            return _count(call, entity, call.store.tables[entity.set_name].rows.values())
        return _json(functions.call(call.view, entity.set_name, rest[0], call.query))
    row = _alive(call, entity.set_name, first.key)
    if row is None:
        return not_found_by_key(call.full_path, f"{id(call):x}", call.headers.get("accept", ""))
    if not rest:
        return _json(call.view.single(row, read_options(call.query, entity, call.store)))
    return _related(call, entity, row, rest)


def _related(call: Call, entity: Entity, row: Row, rest: list[Segment]) -> Response:
    link = entity.find(rest[0].name)
    if not isinstance(link, Link) or rest[0].key is not None:
        raise Refusal(404, f"No resource is found for the segment '{rest[0].name}'.")
    target = call.store.entity(link.target)
    if link.many:
        rows = call.store.many(link, row)
        if [part.name for part in rest[1:]] == ["$count"]:
            return _count(call, target, rows)
        return _collection(call, target, rows, f"{entity.set_name}({row['Id']})/{link.name}")
    found = call.store.one(link, row)
    if found is None or (target.soft_delete and found["Deleted"]):
        return not_found_by_key(call.full_path, f"{id(call):x}", call.headers.get("accept", ""))
    return _json(call.view.single(found, read_options(call.query, target, call.store)))


def _collection(call: Call, entity: Entity, rows: object, where: str) -> Response:
    options = read_options(call.query, entity, call.store)
    seen = call.view.seen(entity.set_name, rows)  # type: ignore[arg-type]  # rows of a table or of a link
    return _json(call.view.collection(seen, options, where, call.query))


def _count(call: Call, entity: Entity, rows: object) -> Response:
    options = read_options(call.query, entity, call.store)
    seen = call.view.seen(entity.set_name, rows)  # type: ignore[arg-type]  # rows of a table or of a link
    number = sum(1 for row in seen if options.test is None or options.test(row))
    return Response(str(number), media_type="text/plain")


def _typed(call: Call) -> dict[str, object]:
    if not call.headers.get("content-type", "").lower().startswith("application/json"):
        raise Refusal(415, "The media type of the request is not supported; send application/json.")
    return read_body(call.body)


def _act(call: Call, settings: Settings, entity: Entity, parts: list[Segment]) -> Response:
    action = ACTIONS.get((entity.set_name, parts[1].name))
    if action is None:
        raise Refusal(404, f"No action '{parts[1].name}' is found on '{entity.set_name}'.")
    permit(settings, "Shipments" if parts[1].name == "AddShipment" else entity.set_name, "ACTION")
    row = _needed(call, entity.set_name, parts[0].key or 0)
    result = action.run(call.store, row, arguments(action, _typed(call)))
    if result is None:
        return Response(status_code=204)
    target = call.store.entity("Shipments" if parts[1].name == "AddShipment" else entity.set_name)
    return _json(call.view.single(result, plain(target)))


def _assign(call: Call, settings: Settings, parts: list[Segment]) -> Response:
    permit(settings, "Addresses", call.method)
    customer = _needed(call, "Customers", parts[0].key or 0)
    number = parts[1].key or 0
    if call.method == "DELETE":
        for address in call.store.tables["Addresses"].where("OwnerId", customer["Id"]):
            if number in (0, address["Id"]):
                call.store.update("Addresses", address["Id"], {"OwnerId": None})
        return Response(status_code=204)
    if call.method != "POST":
        raise Refusal(405, "Only POST and DELETE are allowed here.")
    address = _needed(call, "Addresses", number)
    known = address["OwnerId"] == customer["Id"]
    address = call.store.update("Addresses", number, {"OwnerId": customer["Id"]})
    return _json(call.view.single(address, plain(call.store.entity("Addresses"))), 200 if known else 201)


def _write(call: Call, settings: Settings, entity: Entity, first: Segment) -> Response:
    permit(settings, entity.set_name, call.method)
    if call.method == "POST" and first.key is None:
        return _created(call, entity)
    if first.key is None or call.method not in ("PATCH", "PUT", "DELETE"):
        raise Refusal(405, f"The requested resource does not support the HTTP method '{call.method}'.")
    row = _needed(call, entity.set_name, first.key)
    if call.method == "DELETE":
        delete(call.store, entity.set_name, row)
        return Response(status_code=204)
    body = _fulfilled(call, entity, _typed(call), row)
    row = change(call.store, entity.set_name, row, body, replace=call.method == "PUT")
    if "return=representation" in call.headers.get("prefer", ""):
        return _json(call.view.single(row, plain(entity)), headers={"Preference-Applied": "return=representation"})
    return Response(status_code=204)


def _created(call: Call, entity: Entity) -> Response:
    row = create(call.store, entity.set_name, _fulfilled(call, entity, _typed(call), entity.defaults))
    where = f"{call.view.base}{entity.set_name}({row['Id']})"
    if "return=minimal" in call.headers.get("prefer", ""):
        return Response(status_code=204, headers={"Location": where, "OData-EntityId": where})
    return _json(call.view.single(row, plain(entity)), 201, {"Location": where})


def _fulfilled(call: Call, entity: Entity, body: dict[str, object], row: Row) -> dict[str, object]:
    """Resolve a country code in the query to an id, where the body and the row leave it open."""
    code = {name.lower(): text for name, text in call.query.items()}.get("smapifulfillcountry")
    if code and "CountryId" in entity.columns and not body.get("CountryId") and not row["CountryId"]:
        for country in call.store.tables["Countries"].rows.values():
            if code.upper() in (country["TwoLetterIsoCode"], country["ThreeLetterIsoCode"]):
                return {**body, "CountryId": country["Id"]}
    return body
