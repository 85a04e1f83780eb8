"""Parts of an order that are read together: addresses, the customer, the amounts of a line."""

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

from blocks.standards.order_files.amounts import LARGEST, Amounts, complete_line
from blocks.standards.order_files.file_form import FileForm, Source
from blocks.standards.order_files.profile import Profile
from blocks.standards.order_files.slots import Slots
from blocks.standards.order_files.targets import ALWAYS_ON_LINE, LINE_TARGETS, PRICES, Kind
from blocks.standards.order_files.texts import Cells, is_plain
from blocks.standards.order_files.values import MOST_KEPT, Case, Read, value_reader

_TEXTS = frozenset({Kind.TEXT, Kind.IDENTIFIER})
_LINE_AMOUNTS = (*PRICES, "discount_net", "discount_gross")
TOO_LARGE = "is, with tax or quantity, larger than any amount SOMS books"


class Part:
    """Some targets of an order by the name of their field."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        kinds: Callable[[str], Kind],
        slots: Slots,
        profile: FileForm,
        always: tuple[str, ...] = (),
    ) -> None:
        """Prepare the readers.

        Args:
            sources: Source by target, e.g. 'billing_address.city'; the last name is the field.
            kinds: Kind of a target.
            slots: Where the cells of the columns stand.
            profile: The profile.
            always: Targets that must be filled whatever the profile says.
        """
        self._required = [
            (target.rpartition(".")[2], source)
            for target, source in sources.items()
            if source.required or target in always
        ]
        self._readers: list[tuple[str, Read]] = []
        self._all: list[tuple[str, Read]] = []
        self._plain: list[str] = []
        self._columns = [target.rpartition(".")[2] for target, source in sources.items() if source.columns]
        places: list[int] = []
        for target, source in sources.items():
            name, kind = target.rpartition(".")[2], kinds(target)
            read = value_reader(source, kind, slots, profile)
            self._all.append((name, read))
            if kind in _TEXTS and is_plain(source):
                self._plain.append(name)
                places.append(slots.add(*source.column))
            else:
                self._readers.append((name, read))
        self._take = _taker(places)

    def read(self, cells: Cells, case: Case) -> dict[str, Any]:
        """Return the values by field; what is required and empty is a defect."""
        if not self._all:
            return {}
        texts = self._take(cells)
        try:
            plain = "".join(texts).isprintable()
        except TypeError:  # a spreadsheet's number, or bytes that are no text
            plain = False
        if plain:
            values: dict[str, Any] = dict(zip(self._plain, map(str.strip, texts), strict=True))
            for name, read in self._readers:
                values[name] = read(cells, case)
        else:
            values = {name: read(cells, case) for name, read in self._all}
        for name, source in self._required:
            value = values[name]
            if value is None or value == "":
                case.miss(source)
        return values

    def is_filled(self, values: Mapping[str, Any]) -> bool:
        """Return whether any value came from the file; constants alone count where there are no columns."""
        return any(values[name] for name in self._columns or values)


def _taker(places: list[int]) -> Callable[[Cells], tuple[Any, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda cells: tuple(cells[place] for place in places)


class LinePart:
    """The targets of one line: texts, and amounts that are kept once completed, for articles come again and again."""

    def __init__(self, sources: Mapping[str, Source], slots: Slots, profile: Profile) -> None:
        """Prepare the readers of texts and of amounts."""
        texts = {target: source for target, source in sources.items() if LINE_TARGETS[target] in _TEXTS}
        amounts = {target: source for target, source in sources.items() if LINE_TARGETS[target] not in _TEXTS}
        self._texts = Part(texts, LINE_TARGETS.__getitem__, slots, profile, ALWAYS_ON_LINE)
        self._amounts = Part(amounts, LINE_TARGETS.__getitem__, slots, profile, ALWAYS_ON_LINE)
        places = [place for source in amounts.values() for place in slots.of_source(source.column, source.join)]
        self._key = _taker(list(dict.fromkeys(places)))
        self._known: dict[tuple[Any, ...], Amounts] = {}
        self._gross = profile.prices == "gross"
        self._before_discount = profile.unit_prices == "before_discount"
        self._price = next(amounts[target] for target in PRICES if target in amounts)

    def read(self, cells: Cells, case: Case) -> dict[str, Any]:
        """Return a line's fields; its amounts are complete when the case has no defects."""
        line = self._texts.read(cells, case)
        key = self._key(cells)
        try:
            "".join(key)
        except TypeError:  # not all of them texts: True and 1 would be one key
            line.update(self._complete(cells, case))
            return line
        known = self._known.get(key)
        if known is None:
            known = self._complete(cells, case)
            if not case.defects:
                if len(self._known) >= MOST_KEPT:
                    self._known.clear()
                self._known[key] = known
        line.update(known)
        return line

    def _complete(self, cells: Cells, case: Case) -> Amounts:
        amounts: Amounts = {**dict.fromkeys(_LINE_AMOUNTS), **self._amounts.read(cells, case)}
        if all(amounts[name] is None for name in PRICES):
            case.miss(self._price)
        elif amounts["tax_rate"] is not None and amounts["quantity"] is not None:
            complete_line(amounts, gross=self._gross, before_discount=self._before_discount)
            if any(abs(amounts[name]) >= LARGEST for name in _LINE_AMOUNTS):
                case.object_to(self._price, TOO_LARGE, "Correct the price or the quantity.")
        return amounts
