"""Pictures and documents in a Smartstore shop over its Web API: each file once, assigned once, people's left alone."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from blocks.documents.product_content import MediumChange
from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Done
from blocks.systems.shops import smartstore_media
from blocks.systems.shops.smartstore_web_api import WebApi
from tests.contract.test_smartstore import SandboxWorld
from tests.faults.steps import killed_at
from tests.media import pdf, picture
from tests.sandbox import RunningShop, running_shop


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    with running_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def world(sandbox: RunningShop) -> Iterator[SandboxWorld]:
    sandbox.forget_requests()
    yield SandboxWorld(sandbox)
    sandbox.no_faults()
    sandbox.admin.patch("/admin/settings", json={"denied": []}).raise_for_status()


def change(product: str, body: bytes, *, shown: bool = True, **named: Any) -> MediumChange:
    document = body.startswith(b"%PDF")
    return MediumChange(
        key=f"product_change/{product}/{hashlib.sha256(body).hexdigest()[:8]}", article="LAMP", product_id=product,
        sha256=hashlib.sha256(body).hexdigest(), shown=shown, kind="document" if document else "picture",
        extension="pdf" if document else "png", content_type="application/pdf" if document else "image/png",
        body=body if shown else b"", **named,
    )  # fmt: skip


def files(world: SandboxWorld) -> list[dict[str, Any]]:
    with world.shop.client() as client:
        found: list[dict[str, Any]] = client.get("MediaFiles").raise_for_status().json()["value"]
    return found


def links(world: SandboxWorld, product: str) -> list[dict[str, Any]]:
    return world.rows("ProductMediaFiles", f"ProductId eq {product}")


def put_by_hand(world: SandboxWorld, product: str, body: bytes, name: str = "by-hand.png") -> int:
    """Have a person put a file there, as the shop's own pages would."""
    disposition = f'form-data; name="file"; filename="{name}"; path="catalog/{name}"; isTransient="false"'
    sent = b"--x\r\nContent-Disposition: " + disposition.encode() + b"\r\n\r\n" + body + b"\r\n--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    with world.shop.client() as client:
        saved = client.post("MediaFiles/SaveFile", content=sent, headers=headers).raise_for_status().json()
        link = {"ProductId": int(product), "MediaFileId": saved["Id"], "DisplayOrder": 1}
        client.post("ProductMediaFiles", json=link).raise_for_status()
    return int(saved["Id"])


def writes(world: SandboxWorld) -> list[str]:
    return [each["path"].rpartition("/v1/")[2] for each in world.shop.requests()
            if each["method"] != "GET" and not each["path"].endswith("GetFileByPath")]  # fmt: skip


def test_a_picture_is_sent_once_shown_by_two_products_and_told_again_changes_nothing(world: SandboxWorld) -> None:
    body = picture(colour=1)
    shop = world.connector()
    told = [change("7", body), change("8", body)]
    assert [type(each) for each in shop.write_media(told)] == [Done, Done]
    (file,) = [each for each in files(world) if told[0].sha256 in each["Name"]]
    assert (file["Path"], file["Length"], file["IsTransient"]) == (
        f"catalog/soms-{told[0].sha256}.png", len(body), False,
    )  # fmt: skip
    assert [[link["MediaFileId"] for link in links(world, product)] for product in ("7", "8")] == [[file["Id"]]] * 2
    assert world.rows("Products", "Id eq 7")[0]["MainPictureId"] == file["Id"]
    assert shop.content(["7"])["7"].values[f"medium:{told[0].sha256}"] == told[0].sha256
    world.shop.forget_requests()
    again = shop.write_media(told)
    assert all(isinstance(each, Done) and each.adopted for each in again)
    assert writes(world) == []


def test_taken_back_the_product_shows_what_it_showed_and_what_people_put_there_stays(world: SandboxWorld) -> None:
    mine, ours = picture(colour=2), picture(colour=3)
    by_hand = put_by_hand(world, "9", mine)
    shop = world.connector()
    same, new = shop.write_media([change("9", mine), change("9", ours)])
    assert isinstance(same, Done)
    assert same.facts["kept"].startswith("the same file, put there as by-hand")
    assert isinstance(new, Done)
    assert world.rows("Products", "Id eq 9")[0]["MainPictureId"] == by_hand
    for body in (ours, mine):
        shop.write_media([change("9", body, shown=False)])
    assert [link["MediaFileId"] for link in links(world, "9")] == [by_hand]
    assert isinstance(shop.write_media([change("9", ours, shown=False)])[0], Done)


def test_a_document_stands_behind_the_pictures_and_is_never_the_main_one(world: SandboxWorld) -> None:
    sheet, shop = pdf(b"<< /Sheet 1 >>"), world.connector()
    (alone,) = shop.write_media([change("11", sheet)])
    assert isinstance(alone, Refused)
    assert "no picture yet" in str(alone)
    assert [type(each) for each in shop.write_media([change("11", sheet), change("11", picture())])] == [Done, Done]
    first, second = sorted(links(world, "11"), key=lambda link: link["DisplayOrder"])
    assert world.rows("Products", "Id eq 11")[0]["MainPictureId"] == first["MediaFileId"]
    assert second["DisplayOrder"] >= 1000


def test_a_file_whose_answer_was_lost_is_found_and_not_sent_again(world: SandboxWorld) -> None:
    told = change("13", picture(colour=4))
    world.shop.faults({"kind": "cut_after", "path": "SaveFile", "every": 1})
    (lost,) = world.connector().write_media([told])
    assert isinstance(lost, TryAgainLater)
    world.shop.no_faults()
    world.shop.forget_requests()
    assert isinstance(world.connector().write_media([told])[0], Done)
    assert [path for path in writes(world) if "SaveFile" in path] == []
    assert len([each for each in files(world) if told.sha256 in each["Name"]]) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["_find", "_save", "create", "remove"])
def test_killed_at_each_call_and_told_again_it_ends_as_if_nothing_had_happened(
    world: SandboxWorld, step: str, when: str
) -> None:
    place = ["_find", "_save", "create", "remove"].index(step)
    product, body = str(21 + 2 * place + (when == "after")), picture(colour=100 + 2 * place + (when == "after"))
    steps = ((smartstore_media, "_find"), (smartstore_media, "_save"), (WebApi, "create"), (WebApi, "remove"))
    told = change(product, body)
    if step == "remove":
        world.connector().write_media([told])
        told = change(product, body, shown=False)
    assert killed_at(lambda: _told(world, told), (step, 1, when), steps)
    assert [type(each) for each in world.connector().write_media([told])] == [Done]
    assert len([each for each in files(world) if told.sha256 in each["Name"]]) == 1
    assert len(links(world, product)) == (0 if step == "remove" else 1)


def _told(world: SandboxWorld, change: MediumChange) -> None:
    world.connector().write_media([change])


def test_what_a_person_put_in_a_files_place_stays_and_half_a_file_is_sent_again(world: SandboxWorld) -> None:
    replaced, half = picture(colour=5), picture(colour=6)
    digests = [hashlib.sha256(body).hexdigest() for body in (replaced, half)]
    put_by_hand(world, "15", picture(colour=7), f"soms-{digests[0]}.png")
    put_by_hand(world, "17", b"", f"soms-{digests[1]}.png")
    (kept,) = world.connector().write_media([change("14", replaced)])
    assert isinstance(kept, Refused)
    assert "a person has replaced it" in str(kept)
    assert isinstance(world.connector().write_media([change("16", half)])[0], Done)
    (file,) = [each for each in files(world) if digests[1] in each["Name"]]
    assert file["Length"] == len(half)


def test_what_cannot_be_is_refused_in_a_sentence_and_keeps_nothing_else_waiting(world: SandboxWorld) -> None:
    shop = world.connector()
    other = change("19", picture(colour=8)).model_copy(update={"body": picture(colour=9), "key": "other"})
    answers = shop.write_media([
        change("99999", picture(colour=8)), change("18", picture(colour=8), variant_id="3"), other,
        change("19", picture(colour=8)),
    ])  # fmt: skip
    assert [type(each) for each in answers] == [Refused, Refused, Refused, Done]
    world.shop.admin.patch("/admin/settings", json={"denied": ["media.upload"]}).raise_for_status()
    (denied,) = shop.write_media([change("20", picture(colour=10))])
    assert isinstance(denied, Refused)
    assert "permission" in str(denied)


def test_a_shop_that_stops_answering_is_told_the_rest_later(world: SandboxWorld) -> None:
    world.shop.faults({"kind": "status", "status": 503, "path": "SaveFile", "every": 1})
    answers = world.connector().write_media([change("20", picture(colour=11)), change("19", picture(colour=12))])
    assert all(isinstance(each, TryAgainLater) for each in answers)
