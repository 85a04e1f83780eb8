"""What a whole picture of stock must look like to be believed: an empty, cut off, old or wild one must empty no shop.

Pure: the figures of a picture and the merchant's thresholds in, expectations and findings out.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from blocks.documents.stock_rules import Guard
from blocks.documents.verdicts import QualityFinding
from blocks.quality import FATAL, Expect, Suite, judge

SUITE = "stock.picture"


@dataclass(frozen=True, slots=True)
class PictureFigures:
    """What was counted of a picture and of what it would change.

    An *article* here is one SKU in one warehouse.

    Attributes:
        rows: Rows as they came.
        duplicates: Rows beyond the first of one article at one storage location.
        articles: Articles named.
        negative: Articles below zero.
        zeroes: Articles of which nothing is on hand.
        known: Articles known before, in the warehouses the picture is of.
        known_zeroes: Known articles of which nothing was on hand before.
        stocked: Known articles that had stock before.
        turned_zero: Of those, how many are at zero now or no longer named.
        both: Known articles that the picture names too.
        changed: Of those, how many differ.
        unknown: Articles of the picture whose SKU neither a shop nor an earlier picture has named.
        age_hours: How old the picture is by its own word; negative when it is from the future.
    """

    rows: int
    duplicates: int
    articles: int
    negative: int
    zeroes: int
    known: int
    known_zeroes: int
    stocked: int
    turned_zero: int
    both: int
    changed: int
    unknown: int
    age_hours: float

    def row(self, name: str) -> dict[str, Any]:
        """Return the one row that the suite judges: counts and the shares made of them."""
        return {
            "picture": name,
            **asdict(self),
            "share_of_known": _share(self.articles, self.known),
            "share_negative": _share(self.negative, self.articles),
            "share_of_zeroes": _share(self.zeroes, self.articles),
            "share_turned_zero": _share(self.turned_zero, self.stocked),
            "share_changed": _share(self.changed, self.both),
            "share_unknown": _share(self.unknown, self.articles),
        }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def judge_picture(figures: PictureFigures, guard: Guard, *, name: str) -> tuple[QualityFinding, ...]:
    """Return one finding per expectation that applies to a picture of this size; a fatal one that failed stops it."""
    return judge(Suite(SUITE, "picture", _expectations(figures, guard)), [figures.row(name)])


def _expectations(figures: PictureFigures, guard: Guard) -> tuple[Expect, ...]:
    """Return what applies: shares say nothing over a handful, nor about the first picture of all."""
    wanted = [_duplicates(figures), _age(figures, guard)]
    if figures.known >= guard.from_rows:
        wanted += [_rows(figures, guard), _turned_zero(figures, guard), _changed(figures, guard)]
    if figures.articles >= guard.from_rows and figures.known:
        wanted += [_zeroes(figures, guard), _unknown(figures, guard)]
    if figures.articles >= guard.from_rows:
        wanted.append(_negative(figures, guard))
    return tuple(wanted)


def _at_most(number: str, text: str, column: str, most: float) -> Expect:
    arguments: Mapping[str, Any] = {"column": column, "max_value": most}
    return Expect(number, text, "ExpectColumnValuesToBeBetween", arguments, FATAL, "inventory")


def _duplicates(figures: PictureFigures) -> Expect:
    text = f"No article stands twice at one storage location; {figures.duplicates:,} rows do."
    return _at_most("INV-DQ-01", text, "duplicates", 0)


def _age(figures: PictureFigures, guard: Guard) -> Expect:
    text = (
        f"The picture is at most {guard.oldest_hours:g} hours old and not from the future;"
        f" it is {figures.age_hours:.1f} hours old."
    )
    limits = {"column": "age_hours", "min_value": -1.0, "max_value": guard.oldest_hours}
    return Expect("INV-DQ-02", text, "ExpectColumnValuesToBeBetween", limits, FATAL, "inventory")


def _rows(figures: PictureFigures, guard: Guard) -> Expect:
    text = (
        f"It names at least {guard.fewest_rows:.0%} of the {figures.known:,} articles known before;"
        f" it names {figures.articles:,}."
    )
    limits = {"column": "share_of_known", "min_value": guard.fewest_rows}
    return Expect("INV-DQ-03", text, "ExpectColumnValuesToBeBetween", limits, FATAL, "inventory")


def _turned_zero(figures: PictureFigures, guard: Guard) -> Expect:
    text = (
        f"At most {guard.most_turned_zero:.0%} of the {figures.stocked:,} articles with stock go to zero;"
        f" {figures.turned_zero:,} do."
    )
    return _at_most("INV-DQ-04", text, "share_turned_zero", guard.most_turned_zero)


def _zeroes(figures: PictureFigures, guard: Guard) -> Expect:
    allowed = max(guard.most_zeroes, _share(figures.known_zeroes, figures.known))
    text = (
        f"At most {allowed:.0%} of its articles stand at zero (as the rules say, or as it was before);"
        f" {figures.zeroes:,} of {figures.articles:,} do."
    )
    return _at_most("INV-DQ-05", text, "share_of_zeroes", allowed)


def _changed(figures: PictureFigures, guard: Guard) -> Expect:
    text = (
        f"At most {guard.most_changed:.0%} of the articles differ from what is known;"
        f" {figures.changed:,} of {figures.both:,} do."
    )
    return _at_most("INV-DQ-06", text, "share_changed", guard.most_changed)


def _negative(figures: PictureFigures, guard: Guard) -> Expect:
    text = (
        f"At most {guard.most_negative:.0%} of its articles are below zero;"
        f" {figures.negative:,} of {figures.articles:,} are."
    )
    return _at_most("INV-DQ-07", text, "share_negative", guard.most_negative)


def _unknown(figures: PictureFigures, guard: Guard) -> Expect:
    text = (
        f"At most {guard.most_unknown:.0%} of its articles are known neither to a shop nor from before;"
        f" {figures.unknown:,} of {figures.articles:,} are not."
    )
    return _at_most("INV-DQ-08", text, "share_unknown", guard.most_unknown)
