"""How customers and their addresses get into Tryton once, also when several bookers are at work."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from blocks.documents.parties import Address
from blocks.documents.sales import SaleRequest
from blocks.systems.erps.tryton_items import Item, all_or_each
from blocks.systems.erps.tryton_rpc import RefusedByTryton, TrytonRpc
from blocks.systems.erps.tryton_sales import ADDRESS_FIELDS, MasterData, address_values, party_values, same_address


def find_or_create_parties(tryton: TrytonRpc, items: list[Item], master: MasterData) -> None:
    """Give each item its party: found by code, or created; one call for all that are missing."""
    known = _parties(tryton, items)
    missing = {item.request.party.code: item for item in items if item.request.party.code not in known}

    def create(some: list[Item]) -> None:
        values = [party_values(item.request, _distinct_addresses(item.request, master)) for item in some]
        tryton.model("party.party", "create", values)

    if missing:
        try:
            create(list(missing.values()))
        except RefusedByTryton:
            for item in missing.values():
                _create_unless_there(tryton, item, create)
        known = _parties(tryton, items)
    for item in items:
        item.party = known.get(item.request.party.code, 0)
        if item.answer is None and not item.party:
            item.refuse("Tryton did not take on its customer")


def _create_unless_there(tryton: TrytonRpc, item: Item, create: Callable[[list[Item]], None]) -> None:
    """Create one party; when Tryton refuses, because its code is unique, see whether somebody else was first."""
    if _parties(tryton, [item]):
        return
    try:
        create([item])
    except RefusedByTryton as error:
        if not _parties(tryton, [item]):
            item.refuse(str(error))


def _parties(tryton: TrytonRpc, items: list[Item]) -> dict[str, int]:
    codes = sorted({item.request.party.code for item in items})
    if not codes:
        return {}
    found = tryton.search_read("party.party", [["code", "in", codes], ["active", "in", [True, False]]], ["code"])
    return {record["code"]: record["id"] for record in found}


def find_or_create_addresses(tryton: TrytonRpc, items: list[Item], master: MasterData) -> None:
    """Give each item its two addresses: the party's equal one, or a new one; one call for all that are missing."""
    _match_addresses(tryton, items, master)
    lacking = _lacking_addresses(items, master)

    def create(some: list[Item]) -> None:
        tryton.model("party.address", "create", [a for item in some for a in lacking[item.request.reference]])

    wanted = [item for item in items if item.request.reference in lacking]
    if wanted:
        all_or_each(wanted, create)
        _match_addresses(tryton, [item for item in items if item.answer is None], master)
    for item in items:
        if item.answer is None and not (item.invoice_address and item.shipment_address):
            item.refuse("Tryton did not take on one of its addresses")


def _match_addresses(tryton: TrytonRpc, items: list[Item], master: MasterData) -> None:
    parties = sorted({item.party for item in items})
    if not parties:
        return
    found: dict[int, list[Mapping[str, Any]]] = {}
    for page in tryton.read_all("party.address", [["party", "in", parties]], ADDRESS_FIELDS):
        for record in page:
            found.setdefault(record["party"], []).append(record)
    for item in items:
        records = found.get(item.party, [])
        item.invoice_address = _matching(records, item.request.invoice_address, master)
        item.shipment_address = _matching(records, item.request.shipment_address, master)


def _distinct_addresses(request: SaleRequest, master: MasterData) -> list[dict[str, Any]]:
    invoice = address_values(request.invoice_address, master.countries)
    shipment = address_values(request.shipment_address, master.countries)
    return [invoice] if invoice == shipment else [invoice, shipment]


def _lacking_addresses(items: Iterable[Item], master: MasterData) -> dict[str, list[dict[str, Any]]]:
    """Return the addresses to create by reference, each once however many requests need it."""
    lacking: dict[str, list[dict[str, Any]]] = {}
    planned: list[dict[str, Any]] = []
    for item in items:
        request = item.request
        uses = ((item.invoice_address, request.invoice_address), (item.shipment_address, request.shipment_address))
        for number, address in uses:
            values = {"party": item.party, **address_values(address, master.countries)}
            if not number and values not in planned:
                planned.append(values)
                lacking.setdefault(request.reference, []).append(values)
    return lacking


def _matching(records: Iterable[Mapping[str, Any]], address: Address, master: MasterData) -> int:
    values = address_values(address, master.countries)
    return next((record["id"] for record in records if same_address(record, values)), 0)
