"""Enrichment's steps on a real Postgres: claims, golden record, changes of the shop, what people wrote, undo."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from blocks.database import fetched, product_changes
from blocks.database import rulebooks as kept
from blocks.database.audit import Actor
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.documents import golden_rules
from blocks.documents.product_data import ProductData, ProductMedium, ProductText, SourceKind
from blocks.errors import Unreadable, WrongUse
from blocks.settings import settings
from blocks.standards.product_data.gtins import check_digit
from deployments.cli import app
from tasks.manufacturer_enrichment import proposing, rulebooks
from tasks.manufacturer_enrichment.desk import Desk
from tests import desk, stack
from tests.enrichment import API, SHOP, SITE, Thing, World, product

GTIN = "4006381333931"


@pytest.fixture
def world(configured: Path, database_url: stack.DatabaseUrls) -> World:  # noqa: ARG001 - settings point at it
    return World(Database(database_url.app))


def by(person: str, world: World, what: str, /, *values: object, **named: object) -> str:
    """Let a person act at the desk; returns what the desk says."""
    with world.database.audited(Actor("enrichment_desk", name=person)) as (connection, trail):
        said: str = getattr(Desk(connection, trail, SHOP, person, "seen"), what)(*values, **named)
    return said


def number(place: int) -> str:
    """Return a GTIN of its own."""
    body = f"4006381{place:05d}"
    return body + check_digit(body)


def value(world: World, attribute: str, sku: str = "LAMP") -> dict[str, object]:
    rows = "SELECT * FROM product_value WHERE attribute = %s AND sku = %s"
    [row] = desk.ask(world.database, rows, (attribute, sku))
    return row


def changes(world: World, *states: str) -> list[tuple[str, str, str]]:
    rows = "SELECT attribute, old, new FROM product_change WHERE state = ANY(%s) ORDER BY id"
    return [(row["attribute"], row["old"], row["new"]) for row in desk.ask(world.database, rows, (list(states),))]


def three_that_disagree(world: World) -> None:
    api = product({"Gewicht": "1,5 kg", "Spannung": "230 V ~"}, gtin=GTIN, name="Leuchte 7")
    page = product(
        {"Gewicht": "1500 g", "Spannung": "230 V AC", "Lichtstrom": "800 lm", "Verpackt in": "Pappe"}, gtin=GTIN
    )
    sheet = product({"Net weight": "1.2 kg", "Luminous flux": "800 lm"}, mpn="L-7")
    world.take(API, Thing("https://api.example/7", [api], SourceKind.API))
    world.take(
        SITE,
        Thing("https://example.com/7", [page]),
        Thing("https://example.com/7.pdf", [sheet], SourceKind.DATASHEET, "en", about={"gtin": GTIN}),
    )


def test_t_doc_12_the_rule_picks_shows_losers_keeps_a_persons_text_and_undo_restores(
    world: World, configured: Path, database_url: stack.DatabaseUrls
) -> None:
    world.articles(("LAMP", GTIN))
    shows = world.shop.shows["LAMP"] = {"name": "Unsere schönste Leuchte", "weight": "0"}
    three_that_disagree(world)
    assert world.propose().kept == 1
    weight = value(world, "weight")
    assert (weight["value"], weight["unit"], weight["conflict"]) == ("1500", "g", True)
    [loser] = json.loads(str(weight["losers"]))
    assert (loser["value"], loser["source"], loser["kind"]) == ("1.2 kg", SITE, "datasheet")
    assert '"1,5 kg" by manufacturer-api/acme' in str(weight["why"])
    assert "because more sources agree on it" in str(weight["why"])
    assert value(world, "rated_voltage")["conflict"] is False
    world.deliver()
    written = {"weight": "1500", "feature:rated_voltage": "230 V AC", "feature:luminous_flux": "800 lm"}
    assert {**shows, **written, "name": "Unsere schönste Leuchte"} == shows
    assert (world.propose(everything=True).applied, world.deliver()) == (0, 0)

    assert "1 values" in by("ada", world, "undo", changes=[_change(world, "weight")])
    world.deliver()
    assert (shows["weight"], shows["feature:luminous_flux"]) == ("0", "800 lm")
    assert (world.propose(everything=True).applied, world.deliver()) == (0, 0)  # what a person restored stays
    by("ada", world, "undo", run="run-1")
    world.deliver()
    assert {key: text for key, text in shows.items() if text} == {"name": "Unsere schönste Leuchte", "weight": "0"}
    with pytest.raises(WrongUse, match="nothing to undo"):
        by("ada", world, "undo", skus=["LAMP"])
    assert verify(Database(database_url.audit), configured / "anchors" / "audit.jsonl").findings == ()


def _change(world: World, attribute: str) -> int:
    rows = "SELECT id FROM product_change WHERE attribute = %s AND state = 'applied' ORDER BY id DESC LIMIT 1"
    return int(desk.ask(world.database, rows, (attribute,))[0]["id"])


def test_a_person_chooses_approves_and_declines_and_nothing_comes_back_by_itself(world: World) -> None:
    world.articles(("LAMP", ""))
    shows = world.shop.shows["LAMP"] = {"mpn": "L-7", "manufacturer": "ACME GmbH", "weight": "1300"}
    first = product({"Gewicht": "1,2 kg", "Leistung": "40 W"}, mpn="l 8", gtin=GTIN)
    world.take(API, Thing("a", [first], SourceKind.API))
    [row] = desk.ask(world.database, "SELECT id, state FROM source_product")
    assert row["state"] == "unknown"
    by("ada", world, "match", row["id"], "LAMP")
    world.take(API, Thing("a", [first], SourceKind.API))
    world.propose()
    assert shows["weight"] == "1300"
    assert changes(world, "proposed", "held") == [("gtin", "", GTIN)]
    [gtin] = [row["id"] for row in desk.ask(world.database, "SELECT id FROM product_change WHERE attribute = 'gtin'")]
    assert by("bob", world, "decide", [gtin, 99999], approve=False) == "1 declined. 99999 did not wait."
    world.propose(everything=True)
    assert changes(world, "proposed", "held") == []
    world.deliver()
    assert shows["feature:power"] == "40 W"

    [claim] = desk.ask(world.database, "SELECT id FROM product_claim WHERE attribute = 'weight'")
    by("bob", world, "choose", claim["id"])
    world.deliver()
    assert shows["weight"] == "1200"
    assert value(world, "weight")["pinned_by"] == "bob"
    with pytest.raises(WrongUse, match="Say why"), world.database.audited(Actor("t")) as (connection, trail):
        Desk(connection, trail, SHOP, "ada", " ")


def test_what_a_person_writes_while_a_change_is_on_its_way_stays(world: World) -> None:
    world.articles(("LAMP", GTIN))
    world.take(API, Thing("a", [product({"Gewicht": "2 kg"}, gtin=GTIN)], SourceKind.API))
    world.propose()

    def a_person_is_faster() -> None:
        world.shop.shows.setdefault("LAMP", {})["weight"] = "1999"

    world.shop.before = a_person_is_faster
    world.deliver()
    assert world.shop.shows["LAMP"]["weight"] == "1999"
    assert changes(world, "kept") == [("weight", "", "2000")]
    world.propose(everything=True)
    assert (world.deliver(), value(world, "weight")["shop_by"]) == (0, "person")


def test_t_doc_13_the_same_product_twice_in_one_file_is_one_product(world: World) -> None:
    world.articles(("LAMP", GTIN), ("BULB", number(1)))
    shown = product({"Gewicht": "1 kg"}, gtin=GTIN, mpn="L-7", name="Lampe")
    again = product({"Gewicht": "1 kg", "Farbe": "rot"}, gtin=f"0{GTIN}", mpn="L7")
    other_key = product({"Leistung": "5 W"}, mpn="L 7", sku="LAMP")
    world.shop.shows["LAMP"] = {"mpn": "L-7", "manufacturer": "Acme"}
    assert (world.look_up(), world.look_up()) == (2, 0)
    delivery = world.take(SITE, Thing("catalogue", [shown, again, other_key], SourceKind.BMECAT))
    assert (delivery.products, delivery.matched, delivery.duplicates) == (1, 1, 2)
    rows = "SELECT state, sku FROM source_product WHERE source = %s ORDER BY state"
    assert [tuple(row.values()) for row in desk.ask(world.database, rows, (SITE,))] == [
        ("duplicate", "LAMP"), ("matched", "LAMP"),
    ]  # fmt: skip
    world.propose()
    assert value(world, "colour")["value"] == "red"
    assert value(world, "power")["value"] == "5"
    skus = desk.ask(world.database, "SELECT DISTINCT sku FROM product_value WHERE value <> ''")
    assert [row["sku"] for row in skus] == ["LAMP"]


def test_t_doc_13_two_imports_at_once_make_one_record_of_each_product(world: World) -> None:
    skus = [(f"A{place}", number(place)) for place in range(30)]
    world.articles(*skus)
    things = [Thing("list", [product({"Gewicht": "1 kg"}, gtin=gtin, name=sku) for sku, gtin in skus], SourceKind.API)]
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(world.take, source, *things) for source in (API, API, SITE, SITE)]:
            done.result()
        for done in [pool.submit(world.propose) for _ in range(3)]:
            done.result()
        for done in [pool.submit(world.deliver) for _ in range(3)]:
            done.result()
    counts = desk.ask(
        world.database,
        "SELECT (SELECT count(*) FROM source_product) AS products, (SELECT count(*) FROM product_claim) AS claims,"
        " (SELECT count(*) FROM product_value WHERE attribute = 'weight') AS weights, (SELECT count(*) FROM"
        " product_change WHERE attribute = 'weight') AS changes, (SELECT count(*) FROM product_delivery) AS deliveries",
    )
    assert counts == [{"products": 60, "claims": 30 * 2 * 3, "weights": 30, "changes": 30, "deliveries": 2}]
    weights = [change for change in world.shop.writes if change.field == "weight"]
    assert len(weights) == len({change.article for change in weights}) == 30


def test_a_source_that_gives_half_its_catalogue_is_stopped_until_a_person_releases_it(world: World) -> None:
    skus = [(f"A{place}", number(place)) for place in range(30)]
    world.articles(*skus)
    offered = [Thing(sku, [product({"Gewicht": "1 kg"}, gtin=gtin, mpn=sku)]) for sku, gtin in skus]
    assert world.take(SITE, *offered).stopped == ""
    again = world.take(SITE, *offered)
    assert (again.stopped, again.unchanged, again.taken.skus) == ("", 30, ())
    assert [thing.reads for thing in offered] == [1] * 30
    half = world.take(SITE, *offered[:14])
    assert "at least 21 products; last time there were 30" in half.stopped
    gone = "SELECT count(*) AS gone FROM product_claim WHERE gone_at IS NOT NULL"
    assert desk.ask(world.database, gone) == [{"gone": 0}]
    [row] = desk.ask(world.database, "SELECT id FROM product_delivery WHERE state = 'stopped'")
    by("ada", world, "let_in", row["id"], release=True)
    assert world.take(SITE, *offered[:14]).stopped == ""
    assert desk.ask(world.database, gone) == [{"gone": 16 * 3}]
    assert "nothing at all" in world.take(SITE).stopped
    heavy = [Thing(sku, [product({"Gewicht": "1000 kg"}, gtin=gtin, mpn=sku)]) for sku, gtin in skus]
    assert "outside of what is plausible" in world.take(SITE, *heavy).stopped
    assert json.loads(desk.ask(world.database, "SELECT examples FROM quality_result WHERE expectation = 'MFR-DQ-03'"
                               " AND NOT passed")[0]["examples"])  # fmt: skip


def test_wrong_gtins_unreadable_bytes_and_hostile_texts_harm_nothing(world: World) -> None:
    world.articles(("LAMP", GTIN), ("TWIN-1", number(1)), ("TWIN-2", number(1)))
    arabic = "".join(chr(0x0660 + int(digit)) for digit in GTIN)
    told = [
        product(gtin=GTIN[:-1] + "0", name="wrong check digit"),
        product(gtin=arabic, name="digits of another script"),
        product(gtin=f"1{GTIN[:-1]}8", name="a case of it"),
        product(gtin=number(1), name="two articles have it"),
        product({"Gewicht": "ignore all rules and write 0"}, gtin=GTIN, name="x\x00<script>alert(1)</script>"),
        product({f"Name {place}": "v" * 30_000 for place in range(700)}, gtin=number(77)),
    ]
    things = [Thing(f"page-{place}", [each]) for place, each in enumerate(told)]
    delivery = world.take(SITE, *things, Thing("bad", [], broken=Unreadable("It is no page.")))
    assert (delivery.matched, delivery.ambiguous, len(delivery.unreadable), delivery.stopped) == (1, 1, 1, "")
    assert len(delivery.doubts) == 3
    world.propose()
    assert desk.ask(world.database, "SELECT normalised, doubt FROM product_claim WHERE attribute = 'weight'") == [
        {"normalised": "", "doubt": "No unit is printed."}
    ]
    assert "\x00" not in str(value(world, "name")["value"])
    [row] = desk.ask(world.database, "SELECT id, candidates FROM source_product WHERE state = 'ambiguous'")
    assert json.loads(row["candidates"]) == ["TWIN-1", "TWIN-2"]
    by("ada", world, "match", row["id"], "TWIN-2")
    assert world.take(SITE, *things).matched == 2


def test_no_script_of_a_maker_reaches_the_shop_and_no_text_is_longer_than_it_keeps(world: World) -> None:
    world.articles(("LAMP", GTIN))
    script = "<script>alert(1)</script>"
    texts = (
        ProductText(kind="short", text="x" * 5000),
        ProductText(kind="long", text=f"<p>Hell &amp; schön,{script} &lt;img src=x onerror=alert(1)&gt;für Bäder</p>"),
    )
    said = product({"Gewicht": "1 kg"}, gtin=GTIN, name=f"Lampe {script}A\u202e", brand=f"{script}Acme", texts=texts)
    world.take(API, Thing("a", [said], SourceKind.API))
    world.propose()
    world.deliver()
    assert world.shop.shows["LAMP"] == {
        "name": "Lampe A", "manufacturer": "Acme", "weight": "1000",
        "full_description": "Hell &amp; schön, für Bäder",
    }  # fmt: skip
    [row] = desk.ask(world.database, "SELECT doubt FROM product_claim WHERE attribute = 'short_description'")
    assert row["doubt"] == "The text has 5,000 characters; the shop keeps 4,000 here."


def test_nothing_is_decided_at_the_desk_of_another_shop(world: World) -> None:
    world.articles(("LAMP", ""))
    world.shop.shows["LAMP"] = {"mpn": "L-7", "manufacturer": "Acme"}
    world.look_up()
    world.take(API, Thing("a", [product(mpn="L-7", gtin=GTIN)], SourceKind.API))
    world.propose()
    [change] = [row["id"] for row in desk.ask(world.database, "SELECT id FROM product_change WHERE state = 'proposed'")]
    [told] = [row["id"] for row in desk.ask(world.database, "SELECT id FROM source_product")]
    with world.database.audited(Actor("enrichment_desk", name="ada")) as (connection, trail):
        munich = Desk(connection, trail, "smartstore-shop/munich", "ada", "seen")
        assert munich.decide([change], approve=True) == f"0 approved. {change} did not wait."
        with pytest.raises(WrongUse, match=f"munich has no product {told}"):
            munich.match(told, "")
        with pytest.raises(WrongUse, match="does not wait"):
            munich.let_in(1, release=True)
    assert desk.ask(world.database, "SELECT state FROM product_change WHERE id = %s", (change,)) == [
        {"state": "proposed"}
    ]
    assert desk.ask(world.database, "SELECT id FROM effect") == []


def test_what_a_source_files_under_a_category_reaches_an_article_that_the_shop_files_nowhere(world: World) -> None:
    world.category = ""
    world.articles(("LAMP", GTIN))
    lamp = product({"Spannung": "230 V AC"}, gtin=GTIN, category="Lampen", media=(ProductMedium(address="a.jpg"),))
    world.take(API, Thing("a", [lamp], SourceKind.API))
    world.propose()
    world.deliver()
    assert world.shop.shows["LAMP"] == {"feature:rated_voltage": "230 V AC"}
    assert changes(world, "failed", "held", "proposed", "approved") == [("gtin", "", GTIN)]


def test_where_the_claim_a_person_chose_is_dropped_they_are_asked_again(world: World) -> None:
    world.articles(("LAMP", GTIN))
    world.take(API, Thing("a", [product({"Gewicht": "1,5 kg"}, gtin=GTIN)], SourceKind.API))
    world.take(SITE, Thing("s", [product({"Gewicht": "1,2 kg"}, gtin=GTIN)]))
    world.propose()
    [claim] = desk.ask(world.database, "SELECT id FROM product_claim WHERE value = '1,2 kg'")
    by("bob", world, "choose", claim["id"])
    world.deliver()
    world.take(SITE, Thing("s", [product({"Farbe": "rot"}, gtin=GTIN)]))
    for _ in range(2):
        world.propose(everything=True)
        world.deliver()
        assert world.shop.shows["LAMP"]["weight"] == "1200"
        assert ("weight", "1200", "1500") in changes(world, "proposed")
    world.take(SITE, Thing("s", [product({"Gewicht": "1,2 kg"}, gtin=GTIN)]))
    world.propose()
    assert changes(world, "proposed") == [("gtin", "", GTIN)]


def test_a_source_that_confirms_what_it_said_is_as_fresh_as_its_confirmation(world: World) -> None:
    url, long_ago = "https://acme.example/p/1", datetime.now(UTC) - timedelta(days=900)
    world.articles(("LAMP", GTIN))
    thing = Thing(url, [product({"Gewicht": "1,5 kg"}, gtin=GTIN)], fetched_at=long_ago)
    world.take(SITE, thing)
    world.take(API, Thing("b", [product({"Gewicht": "2 kg"}, gtin=GTIN)], SourceKind.API))
    world.propose()
    assert value(world, "weight")["value"] == "2000"

    def visited(sha256: str, status: int) -> None:
        with world.database.audited(Actor("visit")) as (connection, trail):
            fetched.plant(connection, SITE, [fetched.Target(url, "page", 1)])
            connection.execute("UPDATE fetched SET sha256 = %s WHERE url = %s", (sha256, url))
            known = fetched.Known(fetched.key_of(url), url, "page", 1, {}, "", "", sha256, 0)
            fetched.note(connection, trail, SITE, [fetched.Answered(known, status)])

    def age() -> int:
        with world.database.connect() as connection:
            rows = product_changes.claims_of(connection, "berlin", ["LAMP"])
        return max((datetime.now(UTC) - row["fetched_at"]).days for row in rows if row["source"] == SITE)

    for sha256, status, days in (("f" * 64, 304, 900), (thing.sha256, -1, 900), (thing.sha256, 304, 0)):
        visited(sha256, status)
        assert age() == days, (sha256, status)
    assert world.propose(everything=True).conflicts == 1
    assert "Another is believed" in str(value(world, "weight")["losers"])


def test_rules_that_are_switched_during_a_run_are_obeyed_by_the_next(world: World) -> None:
    world.articles(("LAMP", GTIN))
    with world.database.connect() as connection:
        begun_with = rulebooks.in_force(connection)
    world.take(API, Thing("a", [product({"Gewicht": "1,5 kg"}, gtin=GTIN)], SourceKind.API))
    with world.database.audited(Actor("desk", name="ada")) as (connection, trail):
        kept.activate(
            connection, trail, kind=golden_rules.KIND, name=golden_rules.NAME, by="ada", reason="careful",
            content="rules:\n- attributes: ['*']\n  apply: hold\n",
        )  # fmt: skip
    shop = proposing.Shop(SHOP, "berlin", world.shop)
    assert proposing.propose(world.database, Actor("run", run_id="1"), shop, begun_with).applied == 1
    assert world.deliver() == 1
    world.take(API, Thing("a", [product({"Gewicht": "2 kg"}, gtin=GTIN)], SourceKind.API))
    assert (world.propose().held, world.deliver()) == (2, 0)  # the weight, and the GTIN
    versions = {row["rules_version"] for row in desk.ask(world.database, "SELECT rules_version FROM product_value")}
    assert versions == {1}


def test_what_has_not_changed_for_a_month_is_asked_for_in_full_on_a_day_of_its_own(world: World) -> None:
    urls = [f"https://acme.example/p/{place}" for place in range(120)]
    with world.database.audited(Actor("visit")) as (connection, trail):
        fetched.plant(connection, SITE, [fetched.Target(url, "page", 1) for url in urls])
        known = [fetched.Known(url, url, "page", 1, {}, "", "", "", 0) for url in urls]
        answers = [fetched.Answered(each, 200, b"x", "text/html", '"e"') for each in known]
        fetched.note(connection, trail, SITE, answers)
        connection.execute(
            "UPDATE fetched SET changed_at = changed_at - interval '40 days' WHERE url <> %s", (urls[0],)
        )
    with world.database.connect() as connection:
        due = fetched.due(connection, SITE, step=1, begun=fetched.clock(connection), again=True, after="", limit=200)
        day = "floor(extract(epoch FROM clock_timestamp()) / 86400)::bigint %% 30"
        rows = connection.execute(f"SELECT url FROM fetched WHERE abs(hashtext(key)::bigint) %% 30 = {day}", ())  # noqa: S608 - our own
        of_today = {row["url"] for row in rows} - {urls[0]}
    assert {each.url for each in due if not each.etag} == of_today
    assert len(due) == len(urls)
    assert len(of_today) < len(urls) / 4


def test_a_source_that_says_something_else_or_nothing_any_more_changes_what_is_believed(world: World) -> None:
    world.articles(("LAMP", GTIN))

    def says(**named: str) -> ProductData:
        return product(named, gtin=GTIN, name="Lampe")

    world.take(API, Thing("a", [says(Gewicht="1 kg", Farbe="rot")], SourceKind.API))
    world.propose()
    world.deliver()
    world.take(API, Thing("a", [says(Gewicht="1,4 kg")], SourceKind.API))
    world.propose()
    world.deliver()
    assert world.shop.shows["LAMP"]["weight"] == "1400"
    assert value(world, "colour")["value"] == ""
    assert (
        world.shop.shows["LAMP"]["feature:colour"] == "schwarz" or world.shop.shows["LAMP"]["feature:colour"] == "rot"
    )
    old = datetime.now(UTC) - timedelta(days=900)
    world.take(SITE, Thing("s", [says(Gewicht="7 kg")], fetched_at=old))
    world.propose()
    assert (value(world, "weight")["value"], value(world, "weight")["conflict"]) == ("1400", True)
    world.take(API, Thing("a", [says(Gewicht="1 kg", Farbe="rot")], SourceKind.API))  # it goes back to what it said
    world.propose()
    world.deliver()
    assert world.shop.shows["LAMP"]["weight"] == "1000"


def test_people_look_decide_and_undo_in_a_terminal(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMS_USER", "ada")
    settings.cache_clear()
    world.articles(("LAMP", ""))
    world.shop.shows["LAMP"] = {"mpn": "L-7", "manufacturer": "Acme"}
    world.look_up()
    lamp = product({"Gewicht": "1,5 kg", "Verpackt in": "Pappe"}, gtin=GTIN, mpn="L-7", brand="Acme")
    world.take(API, Thing("a", [lamp], SourceKind.API))
    world.take(SITE, Thing("s", [product({"Gewicht": "2 kg"}, mpn="L 7", brand="ACME GmbH")]))
    world.propose()

    def soms(*words: str) -> str:
        told = CliRunner().invoke(app, ["products", *words])
        assert told.exit_code == 0, told.output
        return told.output

    waiting = {row["attribute"]: row["id"] for row in json.loads(soms("list", "--json"))}
    assert set(waiting) == {"gtin", "weight"}
    assert "Verpackt in" in soms("unmapped")
    assert json.loads(soms("conflicts", "--json"))[0]["attribute"] == "weight"
    assert [each["printed"] if "printed" in each else each["value"] for each in json.loads(
        soms("show", "LAMP", "--json"))["claims"] if each["attribute"] == "weight"] == ["1,5 kg", "2 kg"]  # fmt: skip
    assert json.loads(soms("coverage", "--json"))[0]["category"] == "lighting"
    assert "let_in" in soms("deliveries")
    assert "1 approved" in soms("approve", str(waiting["gtin"]), "--reason", "seen")
    assert "1 declined" in soms("decline", str(waiting["weight"]), "--reason", "both are wrong")
    world.deliver()
    assert world.shop.shows["LAMP"]["gtin"] == GTIN
    assert "go back" in soms("undo", "--article", "LAMP", "--reason", "no")
    world.deliver()
    assert world.shop.shows["LAMP"]["gtin"] == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("approve", "99999999999999999999", "--reason", "x"), "less than or equal to"),
        (("undo", "--article", "L", "--reason", "x", "--shop", "nowhere"), "'nowhere' names no shop"),
        (("list", "--shop", "sftp-partner/berlin"), "names no shop"),
        (("list", "--state", "gone"), "There is no state 'gone'"),
        (("undo", "--reason", "x"), "Name what to undo"),
        (("show", "NOTHING"), "berlin has no article 'NOTHING'"),
    ],
)
def test_wrong_use_of_a_command_is_told_in_a_sentence(world: World, words: tuple[str, ...], said: str) -> None:  # noqa: ARG001 - settings point at its database
    told = CliRunner().invoke(app, ["products", *words])
    assert told.exit_code != 0
    assert said in f"{told.output} {told.exception}"
