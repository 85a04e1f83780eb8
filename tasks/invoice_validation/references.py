"""Which orders an invoice names: numbers as it writes them, held against numbers as they are known. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.invoice_validation.billing import Billed, Reference

Purchase = tuple[str, str]
"""System and number of an order."""

FIRM = frozenset({"BT-13"})
"""Terms that say nothing else than our order: what is named there must be known."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An order that carries a number, and whose it is."""

    purchase: Purchase
    supplier: str


@dataclass(frozen=True, slots=True)
class Found:
    """The orders an invoice names: its supplier's, those nobody knows, and those of others (number, their code)."""

    purchases: tuple[Purchase, ...] = ()
    unknown: tuple[Reference, ...] = ()
    of_others: tuple[tuple[Reference, str], ...] = ()
    texts: tuple[str, ...] = ()


def orders_named(billed: Billed, supplier: str, hits: Mapping[tuple[str, str], Sequence[Hit]]) -> Found:
    """Return the orders an invoice names.

    Args:
        billed: The invoice.
        supplier: Its supplier's code in the ERP.
        hits: By business term and number as compared, the orders that carry it.
    """
    purchases: dict[Purchase, None] = {}
    unknown, of_others = [], []
    for reference in billed.references:
        own = _own(reference, supplier, hits)
        purchases |= dict.fromkeys(own)
        if own or reference.term not in FIRM:
            continue
        foreign = _foreign(reference, hits)
        if foreign:
            of_others.append((reference, foreign))
        else:
            unknown.append(reference)
    texts = tuple(one.text for one in billed.references if one.term in FIRM)
    return Found(tuple(purchases), tuple(unknown), tuple(of_others), texts)


def _own(reference: Reference, supplier: str, hits: Mapping[tuple[str, str], Sequence[Hit]]) -> list[Purchase]:
    """Return this supplier's orders of the first reading that names any."""
    for reading in (*((key,) for key in reference.exact), reference.loose):
        found = [
            hit.purchase for key in reading for hit in hits.get((reference.term, key), ()) if hit.supplier == supplier
        ]
        if found:
            return found
    return []


def _foreign(reference: Reference, hits: Mapping[tuple[str, str], Sequence[Hit]]) -> str:
    """Return whose order carries the number as it is written; single words of it may mean anything."""
    named = (hit.supplier for key in reference.exact for hit in hits.get((reference.term, key), ()))
    return next(named, "")
