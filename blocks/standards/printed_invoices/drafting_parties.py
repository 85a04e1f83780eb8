"""The parties of a draft: names, VAT ids, tax number and account, each with its party."""

import re
from dataclasses import replace
from typing import Any

from blocks.documents.invoices import CreditTransfer, Party, Payment
from blocks.standards.printed_invoices import identifiers, parties
from blocks.standards.printed_invoices.draft import Draft
from blocks.standards.printed_invoices.evidence import Found
from blocks.standards.printed_invoices.identifiers import bare
from blocks.standards.printed_invoices.labels import fold
from blocks.standards.printed_invoices.memory import Lesson
from blocks.standards.printed_invoices.parties import Heading
from blocks.standards.printed_invoices.sheet import Cell, Sheet, SheetRow, folded
from blocks.standards.printed_invoices.taught import holds, printed_name, weighed

_SURE = 0.6
"""A name below this was found neither by heading, nor window, nor legal form."""
_ADDRESS_HEIGHT = 110.0
_FLUSH = 8.0
_FOOTER_HEIGHT = 40.0
_FOOT = 0.09
"""Share of a page's height below which only the sender's footer stands."""
_MOST_ACCOUNTS = 5
_CLEARLY = 0.1
"""By so much more does the account count that stands where, and labelled as, the confirmed one did."""
_FOOTER = 0.12
_BANK = re.compile(r"bank|kasse|banque|banca|banco|crédit", re.IGNORECASE)
"""A footer names the sender's bank, too."""


def draft_parties(draft: Draft, sheet: Sheet, values: dict[str, Any], lesson: Lesson | None) -> None:
    """Put seller and buyer into the draft."""
    found = parties.headings(sheet)
    sellers, buyers = parties.names(sheet, found)
    made: dict[str, dict[str, Any]] = {"seller": {}, "buyer": {}}
    for side, names in (("seller", sellers), ("buyer", buyers)):
        taken = fold(made["seller"].get("name", ""))
        best = next((one for one in names if fold(one.value) != taken), None)
        confirmed = printed_name(sheet, lesson.values.get(f"{side}.name", "")) if lesson else None
        if confirmed and best and fold(confirmed.value) == fold(best.value):
            best = replace(best, score=1.0)  # it stands in several places; the document tells in which as a party
        elif confirmed and not _knows_better(side, best, confirmed):
            best = confirmed
        if best is None:
            continue
        made[side]["name"] = best.value
        draft.put(f"{side}.name", best)
        if best.score < _SURE:
            draft.doubts.append(f"'{best.value}' on page {best.place.page} is only a guess for the name of the {side}.")
    if made["seller"] and not (lesson and lesson.values.get("seller.name")):
        draft.doubts += _other_at_foot(sheet, made["seller"]["name"], sellers)
    _vat_ids(draft, sheet, found, made, lesson)
    for tax in identifiers.tax_numbers(sheet):
        if _party_of(sheet, found, tax) in {"", "seller"}:
            made["seller"]["tax_number"] = tax.value
            draft.put("seller.tax_number", tax)
            break
    for side, party in made.items():
        values[side] = Party.model_validate(party)


def _other_at_foot(sheet: Sheet, name: str, sellers: list[Found[str]]) -> list[str]:
    """Return a doubt where the sender's footer, with its VAT id or register, names another company than the seller."""
    feet = [row for row in sheet.rows if sheet.height_share(row) < _FOOTER]
    text = "".join(folded(row) for row in feet)
    own = any(label.kind == "vat_id" or label.key in {"hrb", "siret", "siren"} for row in feet for label in row.labels)
    if not own or fold(name) in text:
        return []
    pages = {one.value: one.place for one in sellers if one.label == "legal form" and not _BANK.search(one.value)}
    low = [value for value, place in pages.items() if place.box[3] < _FOOTER * sheet.page_size(place.page)[1]]
    return [
        f"The foot of the page names '{other}', but '{name}' stands for the seller."
        for other in low[:1]
        if fold(name) not in fold(other) and fold(other) not in fold(name)
    ]


def _knows_better(side: str, best: Found[str] | None, confirmed: Found[str]) -> bool:
    """Return whether the document itself is surer of a name than what was confirmed of another one.

    A supplier is always the same, but may write to several buyers; and a name that goes on is another one. What was
    confirmed over several lines, and stands so here, holds the line that the document is sure of.
    """
    if best is None or best.score < _SURE or (confirmed.place != best.place and holds(confirmed.place, best.place)):
        return False
    return side == "buyer" or (fold(confirmed.value) in fold(best.value) and fold(confirmed.value) != fold(best.value))


def _row_of(sheet: Sheet, one: Found[str]) -> SheetRow | None:
    place = one.place
    return next(
        (r for r in sheet.rows if r.page == place.page and r.bottom <= place.box[1] + 1 and r.top >= place.box[3] - 1),
        None,
    )


def _cell_of(sheet: Sheet, one: Found[str]) -> Cell | None:
    row = _row_of(sheet, one)
    left = one.place.box[0]
    return next((cell for cell in row.cells if cell.box[0] <= left + 1 <= cell.box[2] + 1), None) if row else None


def _left(sheet: Sheet, one: Found[str]) -> float:
    """Return the left edge of the cell a value stands in: with its label, if that is to the left."""
    cell = _cell_of(sheet, one)
    return cell.box[0] if cell else one.place.box[0]


def _party_of(sheet: Sheet, found: list[Heading], one: Found[str]) -> str:
    row = _row_of(sheet, one)
    return parties.party_at(found, _left(sheet, one), row) if row else ""


def _vat_ids(
    draft: Draft, sheet: Sheet, found: list[Heading], made: dict[str, dict[str, Any]], lesson: Lesson | None
) -> None:
    """Give each VAT id to its party: by what was confirmed, its label, its block; what is left may be the seller's."""
    ids = identifiers.vat_ids(sheet)
    draft.sound |= {fold(one.value) for one in ids if identifiers.is_complete(sheet, one)}
    own = bare(lesson.values.get("seller.vat_id", "")) if lesson else ""
    own = own if any(bare(one.value) == own for one in ids) else ""
    sides = _sides(draft, sheet, found, ids, own)
    draft.others |= _of_others(ids, [_announced(sheet, found, one) for one in ids])
    for one, side in zip(ids, sides, strict=True):
        if side in made and "vat_id" not in made[side]:
            _give(draft, made, side, one)
    if "vat_id" not in made["seller"] and "" not in sides:
        feet = [one for one, side in zip(ids, sides, strict=True) if side == "other_party" and _at_foot(sheet, one)]
        if len({bare(one.value) for one in feet}) == 1:
            _give(draft, made, "seller", feet[0])
    given = {bare(party.get("vat_id", "")) for party in made.values()}
    loose = [one for one, side in zip(ids, sides, strict=True) if side not in made and bare(one.value) not in given]
    _loose_ids(
        draft, sheet, made, [one for one, side in zip(ids, sides, strict=True) if side == "" and one in loose], loose
    )


def _sides(draft: Draft, sheet: Sheet, found: list[Heading], ids: list[Found[str]], own: str) -> list[str]:
    """Return whose each VAT id is; ``own`` is what was confirmed as the seller's, if it stands here, else empty.

    What stands with the buyer stays there where it stands with the seller as well; where the seller has another one
    here, what was confirmed may be about somebody else.
    """
    plain = [_side(draft, sheet, found, one) for one in ids]
    if not own:
        return plain
    told = {side for one, side in zip(ids, plain, strict=True) if bare(one.value) == own}
    others = [one for one, side in zip(ids, plain, strict=True) if side in {"seller", ""} and bare(one.value) != own]
    if told == {"buyer"} and others:
        draft.doubts.append(
            f"{own} was confirmed as the seller's VAT id before; here it stands with the buyer, and"
            f" {others[0].value} may be the seller's."
        )
        return plain
    seldom = {"buyer"} if told != {"buyer"} else set()
    return [
        ("seller" if side not in seldom else side)
        if bare(one.value) == own
        else ("other_party" if side == "seller" else side)
        for one, side in zip(ids, plain, strict=True)
    ]


def _at_foot(sheet: Sheet, one: Found[str]) -> bool:
    """Return whether a value stands at the very foot of a page: the sender's, whatever block stands above it."""
    height = sheet.page_size(one.place.page)[1]
    return bool(height) and one.place.box[3] / height < _FOOT


def _side(draft: Draft, sheet: Sheet, found: list[Heading], one: Found[str]) -> str:
    return _announced(sheet, found, one) or _under_name(draft, sheet, one)


def _announced(sheet: Sheet, found: list[Heading], one: Found[str]) -> str:
    """Return whose a VAT id is by its own label or the heading it stands under; '' where neither says."""
    return {"seller_vat_id": "seller", "buyer_vat_id": "buyer"}.get(one.label) or _party_of(sheet, found, one)


def _of_others(ids: list[Found[str]], sides: list[str]) -> set[str]:
    """Return the VAT ids under the buyer's heading alone, where the seller's heading has another one."""
    own = {fold(one.value) for one, side in zip(ids, sides, strict=True) if side == "seller"}
    others = {fold(one.value) for one, side in zip(ids, sides, strict=True) if side in {"buyer", "other_party"}}
    return others - own if own else set()


def _give(draft: Draft, made: dict[str, dict[str, Any]], side: str, one: Found[str]) -> None:
    made[side]["vat_id"] = one.value
    draft.put(f"{side}.vat_id", one)


def _loose_ids(
    draft: Draft, sheet: Sheet, made: dict[str, dict[str, Any]], free: list[Found[str]], loose: list[Found[str]]
) -> None:
    """Give the seller the VAT id by its name, or the only one there is; several are a reason for review."""
    rest = free
    if "vat_id" not in made["seller"] and free:
        best = _nearest(draft, sheet, free)
        _give(draft, made, "seller", best)
        others = sorted({one.value for one in loose if bare(one.value) != bare(best.value)})
        if others and not _beside_name(sheet, made["seller"].get("name", ""), best):
            draft.doubts.append(f"Whether {best.value} or {', '.join(others)} is the seller's VAT id is not clear.")
        rest = [one for one in free if bare(one.value) != bare(best.value)]
    labelled = [one for one in rest if one.side == "label"]
    if labelled and "vat_id" not in made["buyer"] and len({bare(one.value) for one in labelled}) == 1:
        _give(draft, made, "buyer", labelled[0])


def _under_name(draft: Draft, sheet: Sheet, one: Found[str]) -> str:
    """Return whose name stands flush over a VAT id, within an address' height."""
    for side in ("seller", "buyer"):
        name = draft.places.get(f"{side}.name")
        flush = name and name.page == one.place.page and abs(_left(sheet, one) - name.box[0]) < _FLUSH
        if name and flush and 0 < name.box[1] - one.place.box[1] < _ADDRESS_HEIGHT:
            return side
    return ""


def _beside_name(sheet: Sheet, name: str, one: Found[str]) -> bool:
    """Return whether a name stands again in the row of a VAT id or within three rows of it, as it does in footers."""
    key = fold(name)
    return bool(key) and any(
        key in folded(row)
        for row in sheet.rows
        if row.page == one.place.page and abs(row.bottom - one.place.box[1]) < _FOOTER_HEIGHT
    )


def _nearest(draft: Draft, sheet: Sheet, free: list[Found[str]]) -> Found[str]:
    """Return the VAT id that stands nearest to the seller's name, or at the edge of the page; labelled ones first."""
    name = draft.places.get("seller.name")

    def distance(one: Found[str]) -> tuple[bool, float]:
        height = sheet.page_size(one.place.page)[1] or 1.0
        share = one.place.box[1] / height
        near = abs(one.place.box[1] - name.box[1]) / height if name and name.page == one.place.page else 1.0
        return one.side != "label", min(share, 1 - share, near)

    return min(free, key=distance)


def draft_payment(draft: Draft, sheet: Sheet, values: dict[str, Any], lesson: Lesson | None) -> None:
    """Put the accounts into the draft, the confirmed one first; that another one is printed is said, not doubted.

    What is printed is read as it is printed; whether it may be paid to is for whoever pays to decide.
    """
    accounts = weighed(identifiers.ibans(sheet), "payment.iban", sheet, lesson)
    if not accounts:
        return
    known = lesson.values.get("payment.iban", "") if lesson else ""
    accounts.sort(key=lambda one: fold(one.value) != fold(known))
    confirmed = bool(known) and fold(accounts[0].value) == fold(known)
    if known and not confirmed:
        draft.remarks.append(
            f"The account number {accounts[0].value} is not the one confirmed before, {known}; ask before paying."
        )
    clear = lesson is not None and len(accounts) > 1 and accounts[0].score - accounts[1].score >= _CLEARLY
    if len(accounts) > 1 and not confirmed and not clear:
        numbers = ", ".join(one.value for one in accounts)
        draft.doubts.append(f"Several account numbers stand in the document: {numbers}.")
    draft.sound |= {fold(one.value) for one in accounts if identifiers.is_complete(sheet, one)}
    values["payment"] = Payment(transfers=tuple(CreditTransfer(account=one.value) for one in accounts[:_MOST_ACCOUNTS]))
    draft.put("payment.iban", accounts[0])
