"""What a Smartstore shop shows of its products, read and changed over its Web API: compared first, changed once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from blocks.documents.product_content import ContentChange, shown_key
from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Done
from blocks.systems.shops.smartstore_content import name_id
from blocks.systems.shops.smartstore_web_api import WebApi
from tests.contract.test_smartstore import SandboxWorld
from tests.faults.steps import killed_at
from tests.sandbox import RunningShop, running_shop

PRODUCT = "7"
TOLD = {
    "name": "Lamp 100", "short_description": "A lamp.", "gtin": "4012345000016", "mpn": "L-100", "weight": "1500",
    "length": "250", "manufacturer": "Nordlicht", "feature:rated_voltage": "230 V", "feature:colour": "Schwarz",
}  # fmt: skip


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    with running_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def world(sandbox: RunningShop) -> Iterator[SandboxWorld]:
    yield SandboxWorld(sandbox)
    sandbox.no_faults()


def changes(product: str, told: dict[str, str], shown: dict[str, str]) -> list[ContentChange]:
    return [
        ContentChange(
            key=f"product_change/{place}", article="LAMP", product_id=product, field=field.partition("@")[0],
            old=shown.get(field, ""), new=value, language=field.partition("@")[2], label="Nennspannung"
            if "voltage" in field else "",
            number=Decimal(230) if "voltage" in field else None, unit="V" if "voltage" in field else "",
        )
        for place, (field, value) in enumerate(told.items())
    ]  # fmt: skip


def shows(world: SandboxWorld, product: str) -> dict[str, str]:
    return dict(world.connector().content([product])[product].values)


def rows(world: SandboxWorld, entity_set: str) -> list[dict[str, Any]]:
    answer = world.shop.client().get(f"{entity_set}?$orderby=Id")
    found: list[dict[str, Any]] = answer.raise_for_status().json()["value"]
    return found


def test_each_value_is_shown_as_told_and_told_again_changes_nothing(world: SandboxWorld) -> None:
    shop, before = world.connector(), shows(world, PRODUCT)
    told = changes(PRODUCT, {**TOLD, "name@en": "Lamp 100 (EN)"}, before)
    assert [type(answer) for answer in shop.write_content(told)] == [Done] * len(told)
    now = shows(world, PRODUCT)
    assert {field: now[field] for field in TOLD} == TOLD
    assert now["name@en"] == "Lamp 100 (EN)"
    made = {name: len(rows(world, name)) for name in ("SpecificationAttributes", "Manufacturers")}
    world.shop.forget_requests()
    again = shop.write_content(told)
    assert all(isinstance(answer, Done) and answer.adopted for answer in again)
    assert [each for each in world.shop.requests() if each["method"] != "GET"] == []
    assert {name: len(rows(world, name)) for name in made} == made


def test_a_products_own_fields_go_out_in_one_patch_of_what_differs(world: SandboxWorld) -> None:
    before = shows(world, "9")
    told = changes("9", {"mpn": "X-9", "width": "120", "name": before["name"]}, before)
    world.shop.forget_requests()
    world.connector().write_content(told)
    (patch,) = [each for each in world.shop.requests() if each["method"] != "GET"]
    assert (patch["method"], patch["path"].rpartition("/")[2]) == ("PATCH", "Products(9)")
    assert (shows(world, "9")["mpn"], shows(world, "9")["width"]) == ("X-9", "120")


def test_what_a_person_wrote_meanwhile_stays_and_is_told(world: SandboxWorld) -> None:
    before = shows(world, "11")
    world.shop.client().patch("Products(11)", json={"ShortDescription": "Words of a person."}).raise_for_status()
    told = changes("11", {"short_description": "Words of a source."}, before)
    (answer,) = world.connector().write_content(told)
    assert isinstance(answer, Done)
    assert answer.facts == {"kept": "Words of a person."}
    assert shows(world, "11")["short_description"] == "Words of a person."


def test_taken_back_the_product_is_as_it_was(world: SandboxWorld) -> None:
    before = shows(world, "13")
    shop = world.connector()
    shop.write_content(changes("13", TOLD, before))
    now = shows(world, "13")
    back = changes("13", {field: before.get(field, "") for field in TOLD}, now)
    assert all(isinstance(answer, Done) for answer in shop.write_content(back))
    after = shows(world, "13")
    assert {field: after.get(field, "") for field in TOLD} == {field: before.get(field, "") for field in TOLD}


def test_several_options_and_makers_that_gave_way_come_back_each_for_itself(world: SandboxWorld) -> None:
    shop = world.connector()
    several = {"feature:colour": "Rot | Blau", "manufacturer": "Ada & Co | Bob"}
    shop.write_content(changes("17", several, shows(world, "17")))
    assert {field: shows(world, "17")[field] for field in several} == several
    shop.write_content(changes("17", {"feature:colour": "Schwarz", "manufacturer": "Nordlicht"}, several))
    assert shows(world, "17")["manufacturer"] == "Nordlicht"
    now = shows(world, "17")
    assert all(isinstance(each, Done) for each in shop.write_content(changes("17", several, now)))
    assert {field: shows(world, "17")[field] for field in several} == several
    assert not [row["Name"] for name in ("Manufacturers", "SpecificationAttributeOptions")
                for row in rows(world, name) if "|" in row["Name"]]  # fmt: skip


def test_what_the_shop_cannot_keep_is_refused_by_itself_and_keeps_nothing_else_waiting(world: SandboxWorld) -> None:
    told = {"short_description": "x" * 5000, "weight": "1" + "0" * 30, "length": "250", "feature:colour": "x" * 401}
    answers = dict(zip(told, world.connector().write_content(changes("19", told, shows(world, "19"))), strict=True))
    refused = {field: str(answer) for field, answer in answers.items() if isinstance(answer, Refused)}
    assert set(refused) == set(told) - {"length"}
    assert "keeps 4,000 characters of short_description; the text has 5,000." in refused["short_description"]
    assert "keeps no number like 1000" in refused["weight"]
    assert shows(world, "19")["length"] == "250"


def test_a_product_that_the_shop_refuses_to_change_leaves_the_others_to_be_changed(
    world: SandboxWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = WebApi.change

    def refuse(api: WebApi, entity_set: str, number: int, body: dict[str, Any]) -> None:
        if number == 21 and "ManufacturerPartNumber" in body:
            raise Refused("The shop says no.")
        change(api, entity_set, number, body)

    monkeypatch.setattr(WebApi, "change", refuse)
    told = [each.model_copy(update={"key": f"{product}{each.key}"}) for product in ("21", "23")
            for each in changes(product, {"mpn": "NEW", "width": "77"}, shows(world, product))]  # fmt: skip
    assert [type(answer) for answer in world.connector().write_content(told)] == [Refused, Done, Done, Done]
    assert (shows(world, "21")["width"], shows(world, "23")["mpn"]) == ("77", "NEW")


def test_an_attribute_that_a_person_made_is_used_and_none_is_made_twice(world: SandboxWorld) -> None:
    http = world.shop.client()
    made = http.post("SpecificationAttributes", json={"Name": "Schutzart"}).raise_for_status().json()["Id"]
    told = [each.model_copy(update={"label": "Schutzart"}) for each in changes("15", {"feature:schutzart": "IP44"}, {})]
    assert name_id("Schutzart") == "schutzart"
    world.connector().write_content(told)
    assert [row["Id"] for row in rows(world, "SpecificationAttributes") if row["Name"] == "Schutzart"] == [made]
    assert shows(world, "15")["feature:schutzart"] == "IP44"


def test_what_cannot_be_told_is_refused_in_a_sentence_and_the_rest_is_done(world: SandboxWorld) -> None:
    told = changes("17", {"medium:normal": "https://x/1.jpg", "name@fr": "Lampe", "mpn": "M-17", "name": ""}, {})
    answers = world.connector().write_content(
        [told[0], told[1], told[2].model_copy(update={"old": shows(world, "17")["mpn"]}), told[3],
         told[2].model_copy(update={"product_id": "99999", "key": "x"})]
    )  # fmt: skip
    assert [type(answer) for answer in answers] == [Refused, Refused, Done, Refused, Refused]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_every_write_and_told_again_it_ends_as_if_nothing_had_happened(
    world: SandboxWorld, moment: str
) -> None:
    from blocks.systems.shops.smartstore_web_api import WebApi  # noqa: PLC0415 - beside its steps

    steps = ((WebApi, "create"), (WebApi, "change"))
    first = 21 if moment == "before" else 41
    told = {**TOLD, "manufacturer": f"Maker {moment}", "feature:made": f"by {moment}", "name@en": "Lamp"}
    for place, (_, name) in enumerate(step for step in steps for _ in range(5)):
        product = str(first + place)
        if product not in world.connector().content([product]):
            continue
        wanted = changes(product, told, shows(world, product))
        killed_at(
            lambda wanted=wanted: world.connector().write_content(wanted),  # type: ignore[misc]  # bound early
            (name, place % 5 + 1, moment), steps,
        )  # fmt: skip
        assert all(isinstance(answer, Done) for answer in world.connector().write_content(wanted))
        now = shows(world, product)
        assert {field: now[field] for field in told} == told
    for entity_set in ("SpecificationAttributes", "Manufacturers"):
        names = [row["Name"] for row in rows(world, entity_set)]
        assert len(names) == len(set(names)), entity_set


def test_a_shop_that_stops_answering_is_told_the_rest_later(world: SandboxWorld) -> None:
    before = shows(world, "19")
    world.shop.faults({"kind": "status", "status": 503, "method": "PATCH", "every": 1})
    told = [*changes("19", {"mpn": "L-19"}, before), *changes("20", {"mpn": "L-20"}, {})]
    answers = world.connector().write_content(told)
    assert all(isinstance(answer, TryAgainLater) for answer in answers)


def variant_of(world: SandboxWorld) -> tuple[str, str]:
    row = rows(world, "ProductVariantAttributeCombinations")[3]
    return str(row["ProductId"]), str(row["Id"])


def test_a_variant_is_told_of_itself_in_one_patch_once_and_goes_back_to_nothing_of_its_own(world: SandboxWorld) -> None:
    shop, (product, variant) = world.connector(), variant_of(world)
    key, of_product = shown_key(product, variant), shows(world, product)

    def own() -> dict[str, str]:
        return dict(shop.content([product], [variant])[key].values)

    before, told = own(), {"mpn": "V-4", "weight": "310", "gtin": "4012345000016"}
    assert (before["weight"], shop.content([product], [variant])[key].partial) == ("", True)
    wanted = [each.model_copy(update={"variant_id": variant}) for each in changes(product, told, before)]
    world.shop.forget_requests()
    assert [type(each) for each in shop.write_content(wanted)] == [Done] * 3
    (patch,) = [each for each in world.shop.requests() if each["method"] != "GET"]
    assert patch["path"].endswith(f"ProductVariantAttributeCombinations({variant})")
    assert {field: own()[field] for field in told} == told
    assert shows(world, product) == of_product
    world.shop.forget_requests()
    assert all(isinstance(each, Done) and each.adopted for each in shop.write_content(wanted))
    assert {each["method"] for each in world.shop.requests()} == {"GET"}
    back = [each.model_copy(update={"variant_id": variant}) for each in changes(product, before, own())]
    assert all(isinstance(each, Done) for each in shop.write_content(back))
    assert own() == before
    assert rows(world, "ProductVariantAttributeCombinations")[3]["Weight"] is None


def test_what_is_its_products_and_what_a_person_wrote_a_variant_is_not_told(world: SandboxWorld) -> None:
    shop, (product, variant) = world.connector(), variant_of(world)
    path = f"ProductVariantAttributeCombinations({variant})"
    world.shop.client().patch(path, json={"ManufacturerPartNumber": "BY-HAND"}).raise_for_status()
    told = [each.model_copy(update={"variant_id": variant, "key": each.field}) for each in
            changes(product, {"name": "X", "mpn": "V-5", "length": "1" + "0" * 30, "width": "77"}, {})]  # fmt: skip
    gone = told[1].model_copy(update={"variant_id": "99999", "key": "gone"})
    name, mpn, length, width, missing = shop.write_content([*told, gone])
    assert [type(each) for each in (name, length, missing)] == [Refused] * 3
    assert isinstance(mpn, Done)
    assert mpn.facts == {"kept": "BY-HAND"}
    assert isinstance(width, Done)
    assert shop.content([], [variant])[shown_key(product, variant)].values["width"] == "77"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_while_a_variant_is_told_and_told_again_it_is_told_once(world: SandboxWorld, moment: str) -> None:
    product, variant = variant_of(world)
    key = shown_key(product, variant)
    before = dict(world.connector().content([product], [variant])[key].values)
    number = f"K-{moment}"
    (told,) = [each.model_copy(update={"variant_id": variant}) for each in changes(product, {"mpn": number}, before)]

    def tell() -> None:
        world.connector().write_content([told])

    assert killed_at(tell, ("change", 1, moment), ((WebApi, "change"),))
    (answer,) = world.connector().write_content([told])
    assert isinstance(answer, Done)
    assert answer.adopted == (moment == "after")
    assert world.connector().content([product], [variant])[key].values["mpn"] == number


def test_two_workers_who_need_the_same_new_attribute_leave_one(world: SandboxWorld) -> None:
    def told(product: str) -> list[str]:
        wanted = changes(product, {"feature:made_twice": "Ja", "manufacturer": "Maker of two"}, shows(world, product))
        return [type(answer).__name__ for answer in world.connector().write_content(wanted)]

    world.shop.faults(
        {"kind": "latency", "method": "POST", "every": 1, "seconds": 0.2}
    )  # both look before either makes
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(told, ("51", "52", "53", "54")))
    world.shop.no_faults()
    assert answers == [["Done", "Done"]] * 4
    assert [row["Alias"] for row in rows(world, "SpecificationAttributes")].count("made_twice") == 1
    assert [row["Name"] for row in rows(world, "Manufacturers")].count("Maker of two") == 1
    assert {shows(world, product)["feature:made_twice"] for product in ("51", "52", "53", "54")} == {"Ja"}
