"""The stock rules say what they mean: what is wrong in them is refused with its place, what is right comes back."""

from contextlib import suppress
from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from blocks.documents.stock_rules import DEFAULTS, AtZero, StockRules, load
from blocks.errors import WrongUse
from deployments.rulebook_commands import explained

EXAMPLE = """
channels: {berlin: {warehouses: [EAST, WEST], at_zero: never}}
safety: [{pieces: 1}, {sku: LAMP, warehouse: EAST, pieces: 2.5}]
packs: {SIX: {of: BOOK, pieces: 6}}
feeds: {marketplace: {channel: berlin, target: feed-folder/marketplace, format: xml, every_minutes: 15}}
replenishment:
  {general: {lead_days: 5}, suppliers: {acme: {lead_days: 9, pack: 10}}, articles: {LAMP: {supplier: acme}}}
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("safty: []", "safty: there is no such setting"),
        ("safety: [{pieces: -1}]", "safety.0.pieces"),
        ("safety: [{pieces: .nan}]", "safety.0.pieces"),
        ("safety: [{pieces: 1}, {pieces: 2}]", "all articles in each warehouse stands twice"),
        ("packs: {SIX: {of: BOOK, pieces: 0}}", "packs.SIX.pieces"),
        ("packs: {BOX: {of: SIX, pieces: 4}, SIX: {of: BOOK, pieces: 6}}", "BOX is made of SIX, which is a pack"),
        ("packs: {SIX: {of: SIX, pieces: 6}}", "SIX is made of SIX"),
        ("packs:\n  SIX: {of: A, pieces: 6}\n  SIX: {of: B, pieces: 6}", "'SIX' stands twice"),
        ("feeds: {m: {channel: berlin, target: nowhere}}", "feeds.m.target"),
        ("feeds: {m: {channel: berlin, target: a/b, every_minutes: 0}}", "feeds.m.every_minutes"),
        ("feeds: {m: {channel: berlin, target: a/b, file: ../up}}", "feeds.m.file"),
        ("guard: {most_changed: 2}", "guard.most_changed"),
        ("version: 3", "without 'version'"),
        ("- a list", "must be a YAML mapping"),
        ("channels: {berlin", "no readable YAML"),
    ],
)
def test_rules_that_cannot_be_used_are_refused_with_their_place(text: str, said: str) -> None:
    with pytest.raises(WrongUse, match=r".") as refused:
        load(text)
    assert said in str(refused.value)


@given(st.text(max_size=60))
def test_any_text_is_rules_or_a_sentence(text: str) -> None:
    with suppress(WrongUse):
        assert isinstance(load(text), StockRules)


def test_what_is_shown_can_be_activated_again() -> None:
    for rules in (DEFAULTS, load(EXAMPLE)):
        shown = yaml.safe_dump(rules.model_dump(mode="json", exclude={"version"}))
        assert load(shown) == rules


def test_what_is_not_said_stands_as_the_defaults() -> None:
    assert load("") == DEFAULTS
    rules = load(EXAMPLE, 7)
    assert (rules.version, rules.channel("berlin").at_zero, rules.channel("other").at_zero) == (
        7, AtZero.NEVER, AtZero.FLAGGED,
    )  # fmt: skip


def test_packs_are_counted_in_pieces_of_the_single_article() -> None:
    rules = load(EXAMPLE)
    assert rules.in_pieces("SIX", Decimal(-2)) == ("BOOK", Decimal(-12))
    assert rules.in_pieces("BOOK", Decimal(5)) == ("BOOK", Decimal(5))


def test_an_articles_own_figures_overrule_its_suppliers_and_those_the_general_ones() -> None:
    figures = load(EXAMPLE).replenishment.of("LAMP")
    assert (figures.supplier, figures.lead_days, figures.pack) == ("acme", 9, Decimal(10))
    assert load(EXAMPLE).replenishment.of("BOOK").lead_days == 5


def test_every_setting_is_explained_down_to_the_last_one() -> None:
    lines = {line.partition(":")[0].partition(" ")[0]: line for line in explained(StockRules)}
    assert {"safety.<n>.pieces", "packs.<name>.of", "feeds.<name>.every_minutes", "guard.oldest_hours"} <= lines.keys()
    assert "(csv|xml) [csv]" in lines["feeds.<name>.format"]
    assert [line for line in lines.values() if ": " not in line] == [], "each says what it means"
