"""What two orders of the same basket have in common, whatever the channels they came by. Pure.

Channel data is: the channel, the ids and numbers it gives to orders, lines and customers; the moments at which it was
told, and how far the channel has got with the order itself; its own names of methods (what they mean is compared
instead); what it writes beside the article's number; whether it names a bundle's parts (master data does otherwise);
and the order in which it lists lines and taxes.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from blocks.documents.base import canonical_json
from blocks.documents.orders import Component, Order

OF_THE_ORDER = frozenset({"channel", "external_id", "number", "placed_at", "changed_at", "status"})
OF_A_LINE = frozenset({"external_id", "name", "variant"})
OF_THE_CUSTOMER = frozenset({"external_id", "guest"})
NO_PARTS: Mapping[str, tuple[Component, ...]] = MappingProxyType({})


def basket(
    order: Order,
    *,
    payment_methods: Mapping[str, str],
    shipping_methods: Mapping[str, str],
    parts: Mapping[str, tuple[Component, ...]] = NO_PARTS,
) -> str:
    """Return an order without its channel data as canonical text: equal baskets give equal text.

    Args:
        order: The order.
        payment_methods: The channel's names of payment methods → the merchant's own.
        shipping_methods: The channel's names of shipping methods → the merchant's own.
        parts: What master data knows of bundles, by SKU.
    """
    content = order.model_dump(mode="python", exclude=set(OF_THE_ORDER))
    content["customer"] = _without(content["customer"], OF_THE_CUSTOMER)
    for line in content["lines"]:
        line["components"] = line["components"] or [part.model_dump() for part in parts.get(line["sku"], ())]
    content["lines"] = _sorted([_without(line, OF_A_LINE) for line in content["lines"]])
    content["charges"] = _sorted(list(content["charges"]))
    content["totals"] = {**content["totals"], "taxes": _sorted(list(content["totals"]["taxes"]))}
    content["payment_method"] = payment_methods.get(order.payment_method, order.payment_method)
    content["shipping_method"] = shipping_methods.get(order.shipping_method, order.shipping_method)
    return canonical_json(content)


def _without(fields: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def _sorted(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(entries, key=canonical_json)
