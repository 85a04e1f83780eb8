"""What printed values mean, which article a product is, and which claim is believed: by example and by property."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.documents import golden_rules, product_matching, product_schemas
from blocks.documents.golden_rules import Apply, Criterion, GoldenRule
from blocks.documents.product_content import ShownContent
from blocks.documents.product_data import ProductAttribute, ProductData
from blocks.documents.product_schemas import FeatureKind, defaults
from blocks.errors import WrongUse
from tasks.manufacturer_enrichment.choosing import Kept, choose
from tasks.manufacturer_enrichment.coverage import coverage
from tasks.manufacturer_enrichment.deciding import Bench, decide
from tasks.manufacturer_enrichment.matching import Articles, Known, State, trade_number
from tasks.manufacturer_enrichment.normalising import Manner, dimensions, meaning, name_and_unit, printed, same, shown
from tasks.manufacturer_enrichment.numbers import NUMBER, Mark, evidence, plain_signs, read
from tasks.manufacturer_enrichment.quantities import Wanted, quantity
from tasks.manufacturer_enrichment.units import converted, unit_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GTIN = "4006381333931"


@pytest.mark.parametrize(
    ("feature", "value", "means"),
    [
        ("weight", "1,5 kg", "1500"),
        ("weight", "1500 g", "1500"),
        ("weight", "ca. 1,5 kg ± 5 %", "1500"),
        ("weight", "1,5 kg (3.3 lbs)", "1500"),
        ("weight", "12 mm", ""),
        ("weight", "1500", ""),
        ("rated_voltage", "230 V ~", "230 AC"),
        ("rated_voltage", "230 V AC", "230 AC"),
        ("rated_voltage", "230VAC", "230 AC"),
        ("rated_voltage", "100~240V", "100..240"),
        ("rated_voltage", "24V⎓", "24 DC"),
        ("rated_voltage", "100-240 V~, 50/60 Hz", "100..240 AC"),
        ("rated_voltage", "3 x 1,5 V", ""),
        ("frequency", "50/60 Hz", "50/60"),
        ("operating_temperature", "-10 … +35 °C", "-10..35"),
        ("operating_temperature", "14 to 95 °F", "-10..35"),
        ("operating_temperature", "-20 bis -5 °C", "-20..-5"),
        ("thread_size", '1 1/4"', "1.25"),
        ("thread_size", "1½ Zoll", "1.5"),
        ("display_size", "68,6 cm (27 Zoll)", "27"),
        ("width", "120 mm ± 0,5 mm", "120"),
        ("width", "4.7 in", "119.38"),
        ("warranty", "2 Jahre", "24"),
        ("idle_speed", "3000 1/min", "3000"),
        ("flow_rate", "3 m³/h", "50"),
        ("colour", "schwarz matt", "black"),
        ("colour", "weiß/schwarz", ""),
        ("protection_class", "IP 44", "IP44"),
        ("energy_class", "Klasse E", "E"),
        ("dimmable", "nicht dimmbar", "false"),
        ("dimmable", "Ja, stufenlos", "true"),
        ("dimmable", "vielleicht", ""),
        ("gtin", "4006381333930", ""),
        ("name", "  Eine \n Lampe ", "Eine Lampe"),
        ("power", "k.A.", ""),
    ],
)
def test_a_printed_value_means_what_a_reader_would_take_it_for(feature: str, value: str, means: str) -> None:
    found = meaning(feature, defaults().features[feature], value, Manner())
    assert (found.value, bool(found.doubt)) == (means, not means)


@pytest.mark.parametrize(
    ("value", "language", "mark", "means", "sure"),
    [
        ("1.500 g", "", Mark.COMMA, "1500", True),
        ("1.500 g", "", Mark.POINT, "1.5", True),
        ("1.500 g", "de", Mark.UNKNOWN, "1500", False),
        ("1,500 g", "en", Mark.UNKNOWN, "1500", False),
        ("1.234,5 g", "", Mark.UNKNOWN, "1234.5", True),
        ("0.500 kg", "", Mark.UNKNOWN, "500", True),
    ],
)
def test_a_thousand_is_told_from_a_decimal_by_evidence_and_else_it_is_not_sure(
    value: str, language: str, mark: Mark, means: str, *, sure: bool
) -> None:
    found = meaning("weight", defaults().features["weight"], value, Manner(mark, language))
    assert (found.value, found.confidence >= Decimal("0.8")) == (means, sure)
    assert evidence(["12,5", "1.234,56", "7", "1.000"]).mark is Mark.COMMA
    assert evidence(["12,5", "12.5"]).mark is Mark.UNKNOWN


@given(st.decimals(0, 10**6, places=2), st.sampled_from([Mark.COMMA, Mark.POINT]), st.booleans())
def test_every_number_is_read_as_it_was_printed(value: Decimal, mark: Mark, grouped: bool) -> None:
    text = f"{value:,.2f}" if grouped else f"{value:.2f}"
    if mark is Mark.COMMA:
        text = text.translate({ord(","): ".", ord("."): ","})
    [digits] = NUMBER.findall(plain_signs(text))
    found = read(digits, mark)
    assert found is not None
    assert found.value == value


@given(st.text(max_size=60))
def test_no_text_breaks_what_reads_quantities_names_and_dimensions(text: str) -> None:
    quantity(text, Wanted("g", current=True))
    name_and_unit(text)
    dimensions(f"Maße {text}", text)
    for feature in ("weight", "colour", "dimmable", "gtin"):
        meaning(feature, defaults().features[feature], text, Manner())


@given(st.decimals(1, 10**6, places=3), st.sampled_from([("kg", "lb"), ("mm", "in"), ("°C", "°F"), ("l/min", "m³/h")]))
def test_a_value_turned_into_another_unit_and_back_is_the_same(value: Decimal, units: tuple[str, str]) -> None:
    there = converted(value, *units)
    assert there is not None
    back = converted(there, units[1], units[0])
    assert back is not None
    assert abs(back - value) <= max(Decimal("0.001"), value / 10**4)
    assert converted(value, "kg", "mm") is None
    assert (unit_of("Newtonmeter"), unit_of("U/min"), unit_of("KGM"), unit_of("Bananen")) == ("N*m", "rpm", "kg", "")


def test_names_units_columns_and_dimensions_are_taken_apart() -> None:
    assert name_and_unit("Gewicht (kg)") == ("Gewicht", "kg")
    assert name_and_unit("Schutzart (IP)") == ("Schutzart (IP)", "")
    assert dict(dimensions("Maße B x H x T", "12 \u00d7 8 \u00d7 4,5 cm")) == {
        "width": "12 cm", "height": "8 cm", "length": "4,5 cm",
    }  # fmt: skip
    assert dict(dimensions("Dimensions", "120 x 80 x 45 mm")) == {}
    assert printed(ProductAttribute(name="I", minimum="1", maximum="3", unit="A")) == "1 … 3 A"
    assert printed(ProductAttribute(name="I", minimum="1", typical="2", maximum="3", unit="A")) == "2 A"
    weight, name = defaults().features["rated_voltage"], FeatureKind.NUMBER
    assert shown(weight, "1.5..12 DC", "de") == "1,5\u201312 V DC"
    assert same(name, "230", "230 AC", Decimal(0))
    assert not same(name, "12 DC", "12 AC", Decimal(0))
    assert not same(name, "100..240", "100", Decimal("0.5"))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (GTIN, GTIN), (f"0{GTIN}", GTIN), ("4006381333930", ""), ("\uff12006381333931", ""), ("2000000000008", ""),
        ("14006381333938", ""), ("", ""),
    ],
)  # fmt: skip
def test_t_doc_13_look_alike_gtins_are_refused(text: str, number: str) -> None:
    assert trade_number(text)[0] == number


OURS = Articles.of(
    (
        Known("LAMP", gtins=(GTIN,), maker="ACME GmbH", part_numbers=("L-007",)),
        Known("BULB", maker="Acme", part_numbers=("00815",)),
        Known("TWIN-A", gtins=("4006381333948",)), Known("TWIN-B", gtins=("4006381333948",)), Known("4711"),
    ),
    product_matching.load("makers: {Acme: [Die Acme Werke]}\nsku_maps: {folder/x: {'99': BULB}}"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("product", "state", "sku"),
    [
        ({"gtin": GTIN}, State.MATCHED, "LAMP"),
        ({"gtin": f"0{GTIN}", "mpn": "l 007", "brand": "acme"}, State.MATCHED, "LAMP"),
        ({"mpn": "L.007", "brand": "Die ACME Werke"}, State.MATCHED, "LAMP"),
        ({"mpn": "815", "brand": "Acme AG"}, State.MATCHED, "BULB"),
        ({"mpn": "815", "brand": "Bosch"}, State.UNKNOWN, ""),
        ({"mpn": "815"}, State.AMBIGUOUS, ""),
        ({"gtin": GTIN, "mpn": "0815", "brand": "Acme"}, State.AMBIGUOUS, ""),
        ({"gtin": GTIN, "brand": "Bosch"}, State.AMBIGUOUS, ""),
        ({"gtin": "4006381333948"}, State.AMBIGUOUS, ""),
        ({"gtin": "4006381333955", "mpn": "L-007", "brand": "Acme"}, State.AMBIGUOUS, ""),
        ({"sku": "99"}, State.MATCHED, "BULB"),
        ({"mpn": "4711", "brand": "Acme"}, State.AMBIGUOUS, ""),
        ({"name": "Lampe"}, State.UNKNOWN, ""),
    ],
)
def test_a_product_is_matched_only_where_nothing_speaks_against_it(
    product: dict[str, str], state: State, sku: str
) -> None:
    match = OURS.match(ProductData(**product), "folder/x")
    assert (match.state, match.sku) == (state, sku)


def claim(number: int, value: str, source: str = "a", kind: str = "api", *, sure: str = "0.9", days: int = 0) -> Kept:
    return Kept(number, source, kind, value, value, "g", Decimal(sure), NOW - timedelta(days=days))


WEIGHT = defaults().features["weight"]
RULE = GoldenRule(attributes=("weight",))


def test_the_declared_order_decides_between_claims_and_says_why() -> None:
    claims = [claim(1, "1000", "shop", "page"), claim(2, "1005", "b", "page"), claim(3, "1500", "maker", "api", days=9)]
    by_agreement = choose(claims, RULE, WEIGHT, now=NOW)
    assert by_agreement is not None
    assert (by_agreement.chosen.id, by_agreement.apply, by_agreement.conflict) == (2, Apply.AUTO, True)
    assert by_agreement.why.endswith("because more sources agree on it.")
    ranked = RULE.model_copy(update={"by": (Criterion.RANK,)})
    by_rank = choose(claims, ranked, WEIGHT, now=NOW)
    assert by_rank is not None
    assert (by_rank.chosen.id, by_rank.apply) == (3, Apply.PROPOSE)
    fresh = choose(claims[1:], RULE.model_copy(update={"by": (Criterion.FRESHNESS,)}), WEIGHT, now=NOW)
    assert fresh is not None
    assert (fresh.chosen.id, fresh.losers[0][1]) == (2, "Another is believed because it is newer.")
    pinned = choose(claims, RULE, WEIGHT, now=NOW, pinned=3)
    assert pinned is not None
    assert (pinned.chosen.id, pinned.apply) == (3, Apply.AUTO)
    assert "a person chose it" in pinned.why


def test_what_is_implausible_old_or_not_sure_is_not_written_by_itself() -> None:
    odd = choose([claim(1, "1500000", sure="0.18"), claim(2, "1500", "b", sure="0.7")], RULE, WEIGHT, now=NOW)
    assert odd is not None
    assert (odd.chosen.id, odd.apply, odd.conflict) == (2, Apply.PROPOSE, False)
    old = choose([claim(1, "1", days=900), claim(2, "2", "b", "page")], RULE, WEIGHT, now=NOW)
    assert old is not None
    assert (old.chosen.id, old.losers[0][1]) == (2, "It is older than 730 days.")
    assert choose([claim(1, "")], RULE, WEIGHT, now=NOW) is None


@given(st.lists(st.sampled_from(["1000", "1010", "1500", "1400"]), min_size=1, max_size=6), st.randoms())
def test_the_order_in_which_claims_come_never_matters(values: list[str], dice: object) -> None:
    claims = [claim(place, value, f"source-{place}") for place, value in enumerate(values)]
    mixed = list(claims)
    dice.shuffle(mixed)  # type: ignore[attr-defined] - hypothesis' random
    first, second = (choose(each, RULE, WEIGHT, now=NOW) for each in (claims, mixed))
    assert first is not None
    assert second is not None
    assert (first.chosen, first.apply, first.why) == (second.chosen, second.apply, second.why)


def decided(shows: dict[str, str], last: dict[str, object], value: str = "1500") -> object:
    content = ShownContent(product_id="1", values=shows)
    bench = Bench("LAMP", defaults().schema_of("lighting"), golden_rules.DEFAULTS, content, "de", NOW)
    found = decide(bench, "weight", "", [claim(1, value), claim(2, value, "b", "page")], known={}, last=last)
    assert found is not None
    return found.wanted and (found.wanted.old, found.wanted.new, found.wanted.state)


def test_t_doc_12_only_what_nobody_wrote_or_what_soms_wrote_itself_is_changed() -> None:
    ours = {"new": "1400", "undoes": None, "state": "applied"}
    assert decided({}, {}) == ("", "1500", "approved")
    assert decided({"weight": "0"}, {}) == ("0", "1500", "approved")
    assert decided({"weight": "1400"}, {}) is None
    assert decided({"weight": "1400.0000"}, {"settled": ours}) == ("1400.0000", "1500", "approved")
    assert decided({"weight": "1401"}, {"settled": ours}) is None
    assert decided({"weight": "1400"}, {"settled": {**ours, "undoes": 7}}) is None
    assert decided({}, {"declined": {"1500"}}) is None
    assert decided({"weight": "1500.00"}, {"settled": {**ours, "new": "1500"}}) is None


def test_rules_and_schemas_are_data_and_mistakes_in_them_are_named() -> None:
    for load, text, place in (
        (golden_rules.load, "rules: [{attributes: [weight], apply: perhaps}]", "rules.0.apply"),
        (product_schemas.load, "features: {a: {names: {en: A}, kind: enumeration}}", "allowed values"),
        (product_schemas.load, "features: {}\ncommon: [weight]", "there is no feature 'weight'"),
        (product_matching.load, "makers: [a]", "makers"),
        (product_schemas.load, "- 1", "mapping"),
    ):
        with pytest.raises(WrongUse, match=place):
            load(text)
    both = "features: {a: {names: {en: Size}}, b: {names: {en: size}}}\ncommon: [a, b]"
    with pytest.raises(WrongUse, match="names both a and b"):
        product_schemas.load(both)


def test_coverage_counts_what_is_required_by_category() -> None:
    known = [{"category": "Wohnen > Lampen", "shown": ["name", "weight"], "known": ["power", "gtin"]}]
    found = coverage(known, defaults())["lighting"]
    assert (found.articles, found.required, found.shown, found.known) == (1, 9, 2, 4)


@pytest.mark.parametrize("printed_value", ["0 g", "-5 kg", "1/0 kg", "-2 kg bis 3 kg"])
def test_a_weight_of_nought_or_less_is_no_weight(printed_value: str) -> None:
    found = meaning("weight", WEIGHT, printed_value, Manner())
    assert not found.value
    assert found.doubt


def test_an_id_too_long_for_the_shop_is_named_in_a_sentence() -> None:
    with pytest.raises(WrongUse, match="up to 29 small letters, digits and _: shops keep no longer ones"):
        product_schemas.load(f"features: {{{'a' * 31}: {{names: {{de: A}}}}}}")
