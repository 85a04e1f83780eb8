"""What a Smartstore shop keeps of a variant itself: its GTIN, part number, weight and size, read and changed by id.

A variant is a row of ``ProductVariantAttributeCombinations``; where it keeps no number of its own (null), its product's
counts. Texts, makers and specification attributes are its product's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import InvalidOperation
from typing import Any

from blocks.documents.product_content import ContentChange
from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.shops.smartstore_measures import MEASURES, MOST_MEASURE, Measures
from blocks.systems.shops.smartstore_web_api import MAX_IDS, WebApi, any_of, is_id

SET = "ProductVariantAttributeCombinations"
TEXTS: Mapping[str, str] = {"gtin": "Gtin", "mpn": "ManufacturerPartNumber"}
_COLUMNS: Mapping[str, str] = {**TEXTS, **MEASURES}
_SELECT = ",".join(("Id", "ProductId", *_COLUMNS.values()))
_LONGEST = 400


def variants_of(api: WebApi, variant_ids: Iterable[str], measures: Measures) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the product's id and the values of each variant by its id, 25 at a call; unknown ids are missing."""
    wanted = sorted({int(each) for each in variant_ids if is_id(each)})
    found = {}
    for start in range(0, len(wanted), MAX_IDS):
        some = any_of("Id", wanted[start : start + MAX_IDS])
        for page in api.pages(SET, condition=some, select=_SELECT, top=MAX_IDS):
            for row in page.objects():
                found[str(row.get("Id"))] = str(row.get("ProductId") or ""), _shown(row, measures)
    return found


def _shown(row: Mapping[str, Any], measures: Measures) -> dict[str, str]:
    values = {name: str(row.get(column) or "") for name, column in TEXTS.items()}
    return values | {name: measures.shown(name, row.get(column)) for name, column in MEASURES.items()}


def write_variants(api: WebApi, changes: Sequence[ContentChange], measures: Measures) -> dict[str, Answer]:
    """Bring each variant's values to what they shall be, compared first: one PATCH per variant of what differs.

    Raises:
        TryAgainLater: The shop stopped answering.
    """
    answers: dict[str, Answer] = {}
    found = variants_of(api, [each.variant_id for each in changes], measures)
    for number in dict.fromkeys(each.variant_id for each in changes):
        mine = [each for each in changes if each.variant_id == number]
        product, values = found.get(number, ("", {}))
        due = []
        for each in mine:
            answer = _compared(api, each, product, values, measures)
            if answer is None:
                due.append(each)
            else:
                answers[each.key] = answer
        answers |= _patched(api, due, measures)
    return answers


def _compared(
    api: WebApi, change: ContentChange, product: str, values: Mapping[str, str], measures: Measures
) -> Answer | None:
    if product != change.product_id:
        return Refused(f"Variant {change.variant_id} is not in {api.system} any more.")
    if change.field not in _COLUMNS or change.language:
        return Refused(f"A variant shows its product's {change.field}: change the product itself.")
    value = _Value(change.field, measures)
    if not value.fits(change.new):
        return Refused(f"{api.system} keeps no {change.field} like {change.new[:40]}.")
    now = values[change.field]
    if value.same(now, change.new):
        return Done(change.key, adopted=True)
    return None if value.same(now, change.old) else Done(change.key, {"kept": now})


@dataclass(frozen=True, slots=True)
class _Value:
    """A variant's field: whether the shop can keep a value in it, and whether two say the same there."""

    field: str
    measures: Measures

    def fits(self, text: str) -> bool:
        if self.field in TEXTS:
            return len(text) <= _LONGEST
        try:
            return abs(self.measures.kept(self.field, text)) < MOST_MEASURE
        except InvalidOperation:
            return False

    def same(self, one: str, other: str) -> bool:
        if self.field in TEXTS:
            return one == other
        try:
            return self.measures.kept(self.field, one) == self.measures.kept(self.field, other)
        except InvalidOperation:
            return False

    def kept(self, text: str) -> Any:
        """Return what is written; null for nothing, so that the product's own value counts again."""
        if not text:
            return None
        return text if self.field in TEXTS else float(self.measures.kept(self.field, text))


def _patched(api: WebApi, due: Sequence[ContentChange], measures: Measures) -> dict[str, Answer]:
    """Write what differs together; where the shop refuses that, one by one, so that one is to blame."""
    if not due:
        return {}
    body = {_COLUMNS[each.field]: _Value(each.field, measures).kept(each.new) for each in due}
    try:
        api.change(SET, int(due[0].variant_id), body)
    except TryAgainLater:
        raise
    except Refused as error:
        if len(due) == 1:
            return {due[0].key: error}
        return {key: answer for each in due for key, answer in _patched(api, [each], measures).items()}
    return {each.key: Done(each.key) for each in due}
