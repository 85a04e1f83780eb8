"""A labelled set of 360 articles in six categories, told by an API, pages, sheets and a catalogue: what comes out."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from blocks.documents.claims import Claim, Origin
from blocks.documents.golden_rules import DEFAULTS
from blocks.documents.product_content import ShownContent
from blocks.documents.product_data import ProductData, SourceKind
from blocks.documents.product_matching import MatchingRules
from blocks.documents.product_schemas import defaults
from blocks.standards.product_data.reading import read_product_file
from blocks.systems.manufacturers.api_description import AttributeShape, ItemShape
from blocks.systems.manufacturers.api_reading import to_product
from tasks.manufacturer_enrichment.choosing import Kept
from tasks.manufacturer_enrichment.deciding import Bench, decide
from tasks.manufacturer_enrichment.matching import Articles, Known, Match, State
from tasks.manufacturer_enrichment.normalising import same
from tasks.manufacturer_enrichment.understanding import claims, manner_of
from tests.labelled_products import SHOP_CATEGORY, Labelled, Told4, articles, told_by_all

COUNT = 360
SHAPE = ItemShape(gtin="ean", mpn="no", brand="brand", name="title", attributes=(AttributeShape(at="tech"),))
NOW = datetime.now(UTC)
RULES = MatchingRules(makers={"Werkstahl": ("Werkstahl Tools",)})


def deliveries(told: Told4) -> Iterator[tuple[str, SourceKind, str, list[ProductData], str]]:
    """Yield source, kind, language, products, and the article whose page links to them."""
    entries = [to_product(json.loads(entry), SHAPE, brand="", language="en") for entry in told.entries]
    yield "manufacturer-api/maker", SourceKind.API, "en", entries, ""
    for page in told.pages:
        yield "manufacturer-site/maker", SourceKind.PAGE, "de", list(read_product_file("page.html", page).products), ""
    for sku, body in told.sheets.items():
        sheet = list(read_product_file("sheet.pdf", body).products)
        yield "manufacturer-site/maker", SourceKind.DATASHEET, "de", sheet, sku
    catalogue = read_product_file("catalogue.xml", told.catalogue)
    yield "manufacturer-folder/maker", SourceKind.BMECAT, "de", list(catalogue.products), ""


def known(all_articles: Iterable[Labelled]) -> Iterator[Known]:
    """Of every fourth article the shop knows maker and part number alone."""
    for number, each in enumerate(all_articles):
        gtins = () if number % 4 == 0 else (each.gtin,)
        yield Known(each.sku, each.name, gtins, each.maker, (each.mpn,), SHOP_CATEGORY[each.category])


@pytest.fixture(scope="module")
def outcome() -> dict[str, object]:
    """Return what becomes of everything that the three sources say."""
    schemas, ours = defaults(), {each.sku: each for each in articles(COUNT)}
    told = told_by_all(list(ours.values()))
    index = Articles.of(known(ours.values()), RULES)
    by_value: dict[tuple[str, str, str], list[tuple[Claim, str]]] = defaultdict(list)
    states: Counter[str] = Counter()
    kinds: Counter[SourceKind] = Counter()
    wrong_articles = []
    for source, kind, language, products, page in deliveries(told):
        manner = manner_of(products[:200], language)
        origin = Origin(source=source, kind=kind, fetched_at=NOW, language=language, address="a")
        for product in products:
            match = index.match(product, source, maker=ours[page].maker if page else "")
            if page and match.state is State.UNKNOWN:
                match = Match(State.MATCHED, page, "its page")
            states[str(match.state)] += 1
            if match.state is not State.MATCHED:
                continue
            kinds[kind] += 1
            article = ours[match.sku]
            if article.name not in (product.name or ""):
                wrong_articles.append((product.name, match.sku))
            for claim in claims(product, origin, schemas.schema_of(article.category), manner, match.sku):
                if claim.is_mapped:
                    by_value[claim.article, claim.attribute, ""].append((claim, source))
    return {"ours": ours, "told": told, "values": by_value, "states": states, "wrong_articles": wrong_articles,
            "kinds": kinds}  # fmt: skip


def kept(said: list[tuple[Claim, str]]) -> list[Kept]:
    return [
        Kept(number, source, str(claim.origin.kind), claim.value, claim.normalised, claim.unit, claim.confidence, NOW)
        for number, (claim, source) in enumerate(said)
    ]


def test_of_a_labelled_set_97_of_100_values_applied_are_right_90_are_covered_and_no_human_text_is_overwritten(
    outcome: dict[str, object],
) -> None:
    schemas, ours, told = defaults(), outcome["ours"], outcome["told"]
    right, wrong, overwritten = 0, [], []
    for (sku, attribute, language), said in outcome["values"].items():
        article = ours[sku]
        schema = schemas.schema_of(article.category)
        bench = Bench(sku, schema, DEFAULTS, ShownContent(product_id="1", values=article.human), "de", NOW)
        decided = decide(bench, attribute, language, kept(said), known={}, last={})
        if decided is None or decided.wanted is None or decided.wanted.state != "approved":
            continue
        overwritten += [(sku, attribute)] if attribute in article.human else []
        if attribute in article.truth:
            kind = schema.features[attribute].kind
            if same(kind, decided.believed.value, article.truth[attribute], Decimal("0.02")):
                right += 1
            else:
                wrong.append((sku, attribute, decided.believed.value, article.truth[attribute], decided.believed.why))
    wanted = sum(
        name in told.stated[sku] and name not in article.human
        for sku, article in ours.items()
        for name in article.truth
    )
    assert len({article.category for article in ours.values()}) == 6
    assert wanted > 3500
    assert min(outcome["kinds"][kind] for kind in (SourceKind.API, SourceKind.PAGE, SourceKind.BMECAT)) > 300
    assert outcome["kinds"][SourceKind.DATASHEET] > 100
    assert overwritten == []
    assert right / (right + len(wrong)) >= 0.97, wrong[:20]
    assert right / wanted >= 0.90, (right, wanted)


def test_t_doc_13_mistyped_gtins_and_second_entries_never_make_a_twin_nor_a_wrong_match(
    outcome: dict[str, object],
) -> None:
    assert outcome["wrong_articles"] == []
    states = outcome["states"]
    assert states["matched"] / sum(states.values()) >= 0.97, states
