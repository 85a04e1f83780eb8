"""What a Smartstore shop shows of articles: read in pages, and brought to what it shall show by the fewest calls.

For up to 20 articles that is one call to look and one batch to change, whose last operations read back what the shop
holds then: its own rules and plug-ins run after each save. Every change is absolute, so that one made again does no
harm, and none is made where the shop shows what it shall.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from blocks.documents.stock import ListingChange, ShownArticle
from blocks.errors import Defect, Refused, SomsError, TryAgainLater, Unreadable
from blocks.systems.answers import Answer, Done
from blocks.systems.shops.smartstore_articles import GROUPED, MANAGED, sold_as
from blocks.systems.shops.smartstore_batch import Operation, Outcome, carry_out, query
from blocks.systems.shops.smartstore_fields import Fields
from blocks.systems.shops.smartstore_shelf import (
    COMBINATION_FIELDS,
    COMBINATIONS,
    PRODUCT_FIELDS,
    PRODUCTS,
    Combination,
    HidingBy,
    Product,
    Shelf,
    Step,
    shown_product,
    shown_variant,
    steps,
    to_combination,
    to_product,
)
from blocks.systems.shops.smartstore_web_api import MAX_IDS, WebApi, any_of, is_id, literal

ROUNDS = 3
"""So often is it looked whether a product fits its variants, while others change them at the same moment."""


def shown_pages(api: WebApi, skus: Sequence[str] = ()) -> Iterator[tuple[ShownArticle, ...]]:
    """Yield what the shop shows of these articles, or of all.

    Raises:
        Unreadable: After the last page, naming every row that could not be read; the others were yielded.
    """
    wanted, defects = frozenset(skus), list[Defect]()
    products = _products_of(api, sorted(wanted)) if skus else _all_products(api)
    for rows in products:
        variants = _variants_of(api, [row for row in rows if not row.defects])
        found = list(chain.from_iterable(_shown(row, variants, defects) for row in rows))
        yield tuple(each for each in found if not wanted or each.sku in wanted)
    if defects:
        text = f"{api.system}: {len(defects)} defect(s) in products; those were left out."
        raise Unreadable(text, reasons=tuple(defects))


def _all_products(api: WebApi) -> Iterator[list[Fields]]:
    for page in api.pages(PRODUCTS, select=PRODUCT_FIELDS):
        yield _fields(page.objects(), PRODUCTS)


def _products_of(api: WebApi, skus: Sequence[str]) -> Iterator[list[Fields]]:
    """Yield the products that bear these SKUs or have a combination that does; a SKU may be used more than once."""
    seen: set[int] = set()
    for start in range(0, len(skus), MAX_IDS):
        named = f"Sku in ({','.join(map(literal, skus[start : start + MAX_IDS]))})"
        found = [row for page in api.pages(PRODUCTS, condition=named, select=PRODUCT_FIELDS) for row in page.objects()]
        parents = {
            row["ProductId"]
            for page in api.pages(COMBINATIONS, condition=named, select=COMBINATION_FIELDS)
            for row in page.objects()
            if isinstance(row.get("ProductId"), int)
        }
        found += _by_id(api, PRODUCTS, PRODUCT_FIELDS, "Id", parents - {row.get("Id") for row in found})
        fresh = [row for row in found if row.get("Id") not in seen]
        seen.update(row["Id"] for row in fresh if isinstance(row.get("Id"), int))
        yield _fields(fresh, PRODUCTS)


def _variants_of(api: WebApi, products: Sequence[Fields]) -> dict[int, list[Fields]]:
    """Return the combinations of these products; one range of ids instead of long lists of them."""
    numbers = [row.integer("Id") for row in products]
    found: dict[int, list[Fields]] = {}
    if not numbers:
        return found
    if len(numbers) <= MAX_IDS:
        rows = _by_id(api, COMBINATIONS, COMBINATION_FIELDS, "ProductId", numbers)
    else:
        between = f"ProductId ge {min(numbers)} and ProductId le {max(numbers)}"
        pages = api.pages(COMBINATIONS, condition=between, select=COMBINATION_FIELDS)
        rows = [row for page in pages for row in page.objects()]
    for row in _fields(rows, COMBINATIONS):
        found.setdefault(row.integer("ProductId"), []).append(row)
    return found


def _by_id(api: WebApi, entity_set: str, select: str, key: str, numbers: Iterable[int]) -> list[dict[str, Any]]:
    wanted = sorted(set(numbers))
    return [
        row
        for start in range(0, len(wanted), MAX_IDS)
        for page in api.pages(entity_set, condition=any_of(key, wanted[start : start + MAX_IDS]), select=select)
        for row in page.objects()
    ]


def _fields(rows: Iterable[dict[str, Any]], entity_set: str) -> list[Fields]:
    return [Fields(row, f"{entity_set}({row.get('Id')})") for row in rows]


def _shown(row: Fields, variants: dict[int, list[Fields]], defects: list[Defect]) -> list[ShownArticle]:
    product = to_product(row)
    defects += row.defects
    if row.defects or product.kind == GROUPED:
        return []
    sold = sold_as(variants.get(product.id, []))
    if not sold:
        return [shown_product(product)] if product.sku else []
    found = [(to_combination(each), each) for each in sold]
    defects += [defect for _, each in found for defect in each.defects]
    return [shown_variant(product, variant) for variant, each in found if variant.sku and not each.defects]


def show(api: WebApi, changes: Sequence[ListingChange], *, hiding_by: HidingBy, at_once: int) -> list[Answer]:
    """Bring each article to what shall be shown; one answer per change, in order.

    After the shop stopped answering, the rest is not tried: all of it is to be called again later.

    Args:
        api: The shop.
        changes: What to show; an article once.
        hiding_by: Who hides what is sold out.
        at_once: Changes per call; 1 makes each by itself, without batches.
    """
    answers: list[Answer] = []
    size = max(at_once, 2)
    for start in range(0, len(changes), size):
        answers += _Showing(api, changes[start : start + size], hiding_by, at_once).answers()
        if isinstance(answers[-1], TryAgainLater):
            return answers + [answers[-1]] * (len(changes) - len(answers))
    return answers


@dataclass(slots=True)
class _Showing:
    """Brings some articles to what shall be shown."""

    api: WebApi
    changes: Sequence[ListingChange]
    hiding_by: HidingBy
    at_once: int
    shelf: Shelf = field(default_factory=lambda: Shelf({}, {}))
    before: dict[str, ShownArticle] = field(default_factory=dict)
    errors: dict[str, SomsError] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    """Changes made of an article, by SKU."""

    def answers(self) -> list[Answer]:
        """Look, change, look again; one answer per change."""
        try:
            self._look([each for each in self.changes if self._is_possible(each)])
            known = [each for each in self.changes if each.sku not in self.errors and self._shown(each) is not None]
            self.before = {each.sku: shown for each in known if (shown := self._shown(each))}
            known = [each for each in known if self._is_counted_there(each)]
            self._make(steps(self.shelf, known, self.hiding_by))
            self._settle_parents(known)
        except TryAgainLater as error:
            return [_later(error)] * len(self.changes)
        except Refused as error:
            return [error] * len(self.changes)
        return [self._answer(each) for each in self.changes]

    def _is_possible(self, change: ListingChange) -> bool:
        possible = is_id(change.product_id) and (not change.variant_id or is_id(change.variant_id))
        if not possible:
            self.errors[change.sku] = Refused(
                f"Article '{change.sku}' names no product of {self.api.system}: let master data read the shop anew."
            )
        return possible

    def _look(self, changes: Sequence[ListingChange]) -> None:
        """Read what the shop holds of these: their products, and all combinations of those sold as variants."""
        numbers = {int(each.product_id) for each in changes}
        parents = {int(each.product_id) for each in changes if each.variant_id}
        self._keep(_by_id(self.api, PRODUCTS, PRODUCT_FIELDS, "Id", numbers))
        self._keep((), _by_id(self.api, COMBINATIONS, COMBINATION_FIELDS, "ProductId", parents))

    def _keep(self, products: Iterable[dict[str, Any]], combinations: Iterable[dict[str, Any]] = ()) -> None:
        for row in _fields(products, PRODUCTS):
            product = to_product(row)
            if not row.defects:
                self.shelf.products[product.id] = product
        for row in _fields(combinations, COMBINATIONS):
            combination = to_combination(row)
            if not row.defects:
                self.shelf.combinations[combination.id] = combination

    def _found(self, change: ListingChange) -> tuple[Product, Combination | None] | None:
        product = self.shelf.products.get(int(change.product_id))
        variant = self.shelf.combinations.get(int(change.variant_id)) if change.variant_id else None
        if product is None or (change.variant_id and variant is None):
            return None
        return product, variant

    def _shown(self, change: ListingChange) -> ShownArticle | None:
        found = self._found(change)
        if found is None:
            return None
        product, variant = found
        return shown_variant(product, variant) if variant else shown_product(product)

    def _is_counted_there(self, change: ListingChange) -> bool:
        """Return whether the shop counts this very article; one number for all variants cannot show each one's."""
        product, variant = self._found(change) or (None, None)
        if variant and product and product.managed == MANAGED and change.quantity not in (None, product.quantity):
            self.errors[change.sku] = Refused(
                f"{self.api.system} counts the variants of product {product.id} together: set it to manage stock by"
                f" attribute combinations, or variant '{change.sku}' cannot show a stock of its own."
            )
            return False
        return True

    def _make(self, wanted: Sequence[Step]) -> None:
        """Make these changes in their order and read back what the shop holds then."""
        for start in range(0, len(wanted), self.at_once):
            part = wanted[start : start + self.at_once]
            outcomes = self._one_by_one(part) if self.at_once == 1 else self._batch(part)
            for step, outcome in zip(part, outcomes, strict=True):
                self._book(step, outcome)

    def _book(self, step: Step, outcome: Outcome) -> None:
        for sku in step.skus:
            self.made[sku] = self.made.get(sku, 0) + 1
            if outcome.gone:
                (self.shelf.products if step.entity_set == PRODUCTS else self.shelf.combinations).pop(step.id, None)
            elif outcome.error is not None:
                self.errors.setdefault(sku, outcome.error)

    def _one_by_one(self, part: Sequence[Step]) -> list[Outcome]:
        outcomes = []
        for step in part:
            try:
                self.api.change(step.entity_set, step.id, dict(step.body))
                self._read_back(step.entity_set, [step.id])
                outcomes.append(Outcome())
            except Refused as error:
                outcomes.append(Outcome(error=error))
        return outcomes

    def _read_back(self, entity_set: str, numbers: Sequence[int]) -> None:
        if entity_set == PRODUCTS:
            self._keep(_by_id(self.api, PRODUCTS, PRODUCT_FIELDS, "Id", numbers))
        else:
            self._keep((), _by_id(self.api, COMBINATIONS, COMBINATION_FIELDS, "Id", numbers))

    def _batch(self, part: Sequence[Step]) -> list[Outcome]:
        operations = [Operation("PATCH", f"{step.entity_set}({step.id})", step.body) for step in part]
        touched = {
            name: sorted({step.id for step in part if step.entity_set == name}) for name in (PRODUCTS, COMBINATIONS)
        }
        selects = {PRODUCTS: PRODUCT_FIELDS, COMBINATIONS: COMBINATION_FIELDS}
        reads = [name for name, numbers in touched.items() if numbers]
        operations += [
            query(name, filter=any_of("Id", touched[name]), select=selects[name], top=str(MAX_IDS)) for name in reads
        ]
        outcomes = carry_out(self.api, operations)
        for name, outcome in zip(reads, outcomes[len(part) :], strict=True):
            rows = outcome.body.get("value") if isinstance(outcome.body, dict) else None
            if outcome.error is not None or not isinstance(rows, list):
                raise TryAgainLater(f"{self.api.system} did not read back what was changed.", maybe_done=True)
            objects = [row for row in rows if isinstance(row, dict)]
            self._keep(objects) if name == PRODUCTS else self._keep((), objects)
        return outcomes[: len(part)]

    def _settle_parents(self, known: Sequence[ListingChange]) -> None:
        """See that a product whose variants were hidden or shown fits them, whoever else changed some meanwhile."""
        ours = {int(each.product_id) for each in known if each.variant_id and self.made.get(each.sku)}
        parents = {number for number in ours if self._visibility_moved(number, known)}
        for _ in range(ROUNDS):
            if not parents:
                return
            self._look([each for each in known if each.variant_id and int(each.product_id) in parents])
            wrong = {
                number: any(each.active for each in self.shelf.siblings(number))
                for number in parents
                if number in self.shelf.products
            }
            wrong = {number: on for number, on in wrong.items() if self.shelf.products[number].published != on}
            skus = {number: tuple(each.sku for each in known if each.product_id == str(number)) for number in wrong}
            self._make([Step(PRODUCTS, number, {"Published": on}, skus[number]) for number, on in wrong.items()])
            parents = set(wrong)

    def _visibility_moved(self, number: int, known: Sequence[ListingChange]) -> bool:
        """Return whether this call has hidden or shown a variant of a product or the product itself."""
        mine = [each for each in known if each.variant_id and int(each.product_id) == number]
        return any(
            shown.visible != self.before[each.sku].visible for each in mine if (shown := self._shown(each)) is not None
        )

    def _answer(self, change: ListingChange) -> Answer:
        error = self.errors.get(change.sku)
        if error is not None:
            return error if isinstance(error, Refused | TryAgainLater) else Refused(str(error))
        shown = self._shown(change)
        if shown is None:
            return Done(change.sku, {"gone": True}, adopted=True)
        if change.visible is False and shown.visible:
            return Refused(
                f"{self.api.system} goes on showing article '{change.sku}' after it was hidden: see which of the shop's"
                " rules or plug-ins publishes it."
            )
        was = self.before[change.sku]
        facts = {
            "quantity": int(shown.quantity),
            "visible": shown.visible,
            "was_quantity": int(was.quantity),
            "was_visible": was.visible,
            "own_rule": was.own_rule,
        }
        return Done(change.sku, facts, adopted=change.sku not in self.made)


def _later(error: TryAgainLater) -> TryAgainLater:
    return TryAgainLater(str(error), retry_after=error.retry_after, maybe_done=True)
