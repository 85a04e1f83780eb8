"""`soms products`: what sources say of articles, what is believed, what waits; chosen, approved, recognised, undone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from blocks.database import product_changes, product_coverage, product_deliveries, product_sources
from blocks.database.engine import Database
from blocks.documents import golden_rules, product_matching, product_schemas
from blocks.errors import WrongUse
from blocks.people import at_this_terminal, desk_actor
from deployments.rulebook_commands import Rules, add_commands
from deployments.terminal import AsJson, Limit, counted, plain, print_json, show, table
from tasks.manufacturer_enrichment import rulebooks
from tasks.manufacturer_enrichment.coverage import coverage as coverage_of
from tasks.manufacturer_enrichment.desk import Desk

app = typer.Typer()
products = typer.Typer(help="Product data: what sources say, what is believed, what waits.", no_args_is_help=True)
app.add_typer(products, name="products")

BERLIN = "smartstore-shop/berlin"
STATES = ("proposed", "held", "approved", "applied", "kept", "failed", "declined", "superseded")
Shop = Annotated[str, typer.Option(help="The shop: type and name of its block.")]
Reason = Annotated[str, typer.Option(help="Why; goes into the audit trail.")]
HIGHEST = 2**53 - 1
Numbers = Annotated[
    list[int], typer.Argument(help="Numbers of changes, as `soms products list` shows them.", min=1, max=HIGHEST)
]
NEXT = "The next enrichment, or the desk in the UI, tells the shop."


@products.callback()
def about() -> None:
    """Product data: what sources say, what is believed, what waits."""


@products.command("list", epilog="Example: soms products list --state applied --article LAMP")
def products_list(
    state: Annotated[
        list[str] | None, typer.Option(help=f"{', '.join(STATES)}; repeatable. Without it: what waits for a person.")
    ] = None,
    article: Annotated[str | None, typer.Option(help="Only of this article.")] = None,
    shop: Shop = BERLIN,
    limit: Limit = 200,
    as_json: AsJson = False,
) -> None:
    """List changes of the shop, newest first, with the reason of each."""
    states = state or list(product_changes.WAITING)
    unknown = sorted(set(states) - set(STATES))
    if unknown:
        raise WrongUse(f"There is no state '{unknown[0]}': {', '.join(STATES)}.")
    with Database.current().connect() as connection:
        rows = product_changes.listing(connection, channel=_channel(shop), states=states, sku=article, limit=limit)
    if as_json:
        print_json(rows)
        return
    lines = table("no.", "state", "article", "attribute", "old", "new", "why")
    for row in rows:
        words = (row["state"], row["sku"], row["attribute"], row["old"][:60], row["new"][:60], row["why"])
        lines.add_row(str(row["id"]), *(plain(word) for word in words))
    show(lines, f"{counted(rows, limit, 'change')}.")


@products.command("show", epilog="Example: soms products show LAMP")
def products_show(
    article: Annotated[str, typer.Argument(help="SKU of the article.")], shop: Shop = BERLIN, as_json: AsJson = False
) -> None:
    """Show what the shop shows of an article, what is believed, and every claim with its place."""
    with Database.current().connect() as connection:
        look = product_coverage.page_of(connection, _channel(shop), article)
    if as_json:
        print_json(look)
        return
    lines = table("attribute", "in the shop", "by", "believed", "why")
    for row in look["values"]:
        believed = f"{row['value']} {row['unit']}".strip()
        words = (row["attribute"], row["shop_value"][:60], row["shop_by"], believed[:60], row["why"])
        lines.add_row(*(plain(word) for word in words))
    show(lines, f"{len(look['values'])} values.")
    claims = table("claim", "attribute", "printed", "means", "source", "sure", "place", "doubt")
    for row in look["claims"]:
        means = f"{row['normalised']} {row['unit']}".strip()[:60]
        place = " ".join(str(part) for part in row["place"].values())
        said = (row["attribute"], row["value"][:60], means, row["source"], f"{row['confidence']:.2f}", place[:80])
        claims.add_row(str(row["id"]), *(plain(word) for word in (*said, row["doubt"])))
    show(claims, f"{len(look['claims'])} claims.")


@products.command("conflicts", epilog="Example: soms products conflicts")
def conflicts(shop: Shop = BERLIN, limit: Limit = 200, as_json: AsJson = False) -> None:
    """List the values of which sources say different things, with what is believed and why."""
    with Database.current().connect() as connection:
        rows = product_changes.conflicts(connection, channel=_channel(shop), limit=limit)
    if as_json:
        print_json(rows)
        return
    lines = table("article", "attribute", "believed", "others", "why")
    for row in rows:
        others = "; ".join(f"{each['value']} ({each['source']})" for each in row["losers"])
        words = (row["sku"], row["attribute"], f"{row['value']} {row['unit']}".strip()[:60], others[:120], row["why"])
        lines.add_row(*(plain(word) for word in words))
    show(lines, f"{counted(rows, limit, 'conflict')}.")


@products.command("matches", epilog="Example: soms products matches")
def matches(shop: Shop = BERLIN, limit: Limit = 200, as_json: AsJson = False) -> None:
    """List the products of sources that could be several articles, or whose article nobody can tell."""
    with Database.current().connect() as connection:
        rows = product_sources.ambiguous(connection, channel=_channel(shop), limit=limit)
    if as_json:
        print_json(rows)
        return
    lines = table("no.", "source", "product", "could be")
    for row in rows:
        said = " ".join(str(word) for word in row["identity"].values())
        words = (row["source"], said[:200], ", ".join(row["candidates"]))
        lines.add_row(str(row["id"]), *(plain(word) for word in words))
    show(lines, f"{counted(rows, limit, 'product')}.")


@products.command("deliveries", epilog="Example: soms products deliveries")
def deliveries(shop: Shop = BERLIN, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List what sources gave, newest first, and what the gate said to it."""
    with Database.current().connect() as connection:
        rows = product_deliveries.deliveries(connection, channel=_channel(shop), limit=limit)
    if as_json:
        print_json(rows)
        return
    lines = table("no.", "source", "products", "ours", "state", "why")
    for row in rows:
        words = (row["source"], str(row["products"]), str(row["matched"]), row["state"], row["why"])
        lines.add_row(str(row["id"]), *(plain(word) for word in words))
    show(lines, f"{len(rows)} deliveries.")


@products.command("unmapped", epilog="Example: soms products unmapped")
def unmapped(shop: Shop = BERLIN, limit: Limit = 100, as_json: AsJson = False) -> None:
    """List the names of attributes that no schema knows, the most frequent first."""
    with Database.current().connect() as connection:
        rows = product_sources.unmapped_names(connection, channel=_channel(shop), limit=limit)
    if as_json:
        print_json(rows)
        return
    lines = table("name", "articles", "for example")
    for row in rows:
        lines.add_row(plain(row["name"]), str(row["articles"]), plain(row["example"]))
    show(lines, f"{counted(rows, limit, 'name')}.")


@products.command("coverage", epilog="Example: soms products coverage --json")
def coverage(shop: Shop = BERLIN, as_json: AsJson = False) -> None:
    """Say by category how much of what is required the shop shows, and how much sources know."""
    with Database.current().connect() as connection:
        rows = product_coverage.known_attributes(connection, _channel(shop))
        found = coverage_of(rows, rulebooks.in_force(connection).schemas)
    if as_json:
        told = [{"category": each.category, "articles": each.articles, "required": each.required, "shown": each.shown,
                 "known": each.known} for each in found.values()]  # fmt: skip
        print_json(told)
        return
    lines = table("category", "articles", "in the shop", "known")
    for each in found.values():
        shares = (f"{each.share * 100:.0f} %", f"{each.possible * 100:.0f} %")
        lines.add_row(each.category or "(no schema)", str(each.articles), *shares)
    show(lines, f"{len(found)} categories.")


@products.command("approve", epilog='Example: soms products approve 17 18 --reason "seen on the packaging"')
def approve(numbers: Numbers, reason: Reason, shop: Shop = BERLIN) -> None:
    """Approve changes that wait."""
    with _desk(shop, reason) as desk:
        typer.echo(f"{desk.decide(numbers, approve=True)} {NEXT}")


@products.command("decline", epilog='Example: soms products decline 17 --reason "that is the gross weight"')
def decline(numbers: Numbers, reason: Reason, shop: Shop = BERLIN) -> None:
    """Decline changes that wait; the same value is not proposed again."""
    with _desk(shop, reason) as desk:
        typer.echo(desk.decide(numbers, approve=False))


@products.command("choose", epilog='Example: soms products choose 412 --reason "measured"')
def choose(
    claim: Annotated[
        int, typer.Argument(help="Number of the claim, as `soms products show` names it.", min=1, max=HIGHEST)
    ],
    reason: Reason,
    shop: Shop = BERLIN,
) -> None:
    """Believe a claim from now on and have the shop show it, also over what a person wrote there."""
    with _desk(shop, reason) as desk:
        typer.echo(f"{desk.choose(claim)} {NEXT}")


@products.command("match", epilog='Example: soms products match 9 --article LAMP --reason "same box"')
def match(
    product: Annotated[
        int, typer.Argument(help="Number of the product, as `soms products matches` shows it.", min=1, max=HIGHEST)
    ],
    reason: Reason,
    article: Annotated[str, typer.Option(help="SKU of the article it is; without it, it is none of ours.")] = "",
    shop: Shop = BERLIN,
) -> None:
    """Say which article a source's product is."""
    with _desk(shop, reason) as desk:
        typer.echo(desk.match(product, article))


@products.command("release", epilog='Example: soms products release 3 --reason "they dropped the old series"')
def release(
    delivery: Annotated[
        int, typer.Argument(help="Number of the delivery, as `soms products deliveries` shows it.", min=1, max=HIGHEST)
    ],
    reason: Reason,
    discard: Annotated[bool, typer.Option("--discard", help="Never let it in instead.")] = False,
    shop: Shop = BERLIN,
) -> None:
    """Let in what the gate stopped: the next run takes in what the source gives then."""
    with _desk(shop, reason) as desk:
        typer.echo(desk.let_in(delivery, release=not discard))


@products.command("undo", epilog='Example: soms products undo --article LAMP --reason "wrong model"')
def undo(
    reason: Reason,
    change: Annotated[
        list[int] | None, typer.Option(help="Number of a change; repeatable.", min=1, max=HIGHEST)
    ] = None,
    article: Annotated[list[str] | None, typer.Option(help="All of an article; repeatable.")] = None,
    run: Annotated[str, typer.Option(help="All that a flow run wrote, by its id.")] = "",
    shop: Shop = BERLIN,
) -> None:
    """Have the shop show again what it showed before; what was restored is left alone from then on."""
    with _desk(shop, reason) as desk:
        typer.echo(f"{desk.undo(changes=change or (), skus=article or (), run=run)} {NEXT}")


@contextmanager
def _desk(shop: str, reason: str) -> Iterator[Desk]:
    _channel(shop)
    with Database.current().audited(desk_actor()) as (connection, trail):
        yield Desk(connection, trail, shop, at_this_terminal(), reason)


def _channel(shop: str) -> str:
    """Return the channel of a shop, named as people name it: with the type of its connection."""
    from blocks.forms import connection  # noqa: PLC0415 - help must be quick

    if not re.fullmatch(connection("shops"), shop):
        raise WrongUse(f"'{shop[:80]}' names no shop: say the type and name of its block, e.g. {BERLIN}.")
    return shop.partition("/")[2]


def _group(name: str, text: str) -> typer.Typer:
    group = typer.Typer(help=text, no_args_is_help=True)
    products.add_typer(group, name=name)
    return group


add_commands(
    _group("schemas", "Which features the articles of a category have, as data."),
    Rules(
        product_schemas.KIND, product_schemas.NAME, "product schemas", "soms products schemas",
        product_schemas.defaults, product_schemas.load,
    ),
)  # fmt: skip
add_commands(
    _group("rules", "Which claim is believed and what follows, as data."),
    Rules(
        golden_rules.KIND, golden_rules.NAME, "golden rules", "soms products rules", golden_rules.DEFAULTS,
        golden_rules.load,
    ),
)  # fmt: skip
add_commands(
    _group("matching", "Makers' other names and maps of numbers, as data."),
    Rules(
        product_matching.KIND, product_matching.NAME, "matching rules", "soms products matching",
        product_matching.DEFAULTS, product_matching.load,
    ),
)  # fmt: skip
