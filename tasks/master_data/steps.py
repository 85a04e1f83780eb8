"""The Prefect tasks of master data: ask the ERP for its article codes, take articles in, count stock, report."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.database.stock_hearing import hear
from blocks.documents.products import Article
from blocks.errors import Unreadable
from blocks.markdown import plain
from blocks.systems.registry import load_system
from tasks.master_data import records
from tasks.master_data.documents import ArticleIntake, MasterDataSummary, StockCount
from tasks.retrying import RETRYING

PROCESS = "master_data"
_SHOWN = 50


def actor() -> Actor:
    """Return who acts: this flow run."""
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""))


def channel_of(shop: str) -> str:
    """Return the channel name of a connected shop: what stands behind the slash."""
    return shop.partition("/")[2]


@task(name="take articles in", task_run_name="take articles in", **RETRYING)
def take_articles(shop: str, erp: str) -> ArticleIntake:
    """Bring the article list up to date with the shop, page by page, and note which ones the ERP knows."""
    codes = load_system(erp).article_codes()
    channel = channel_of(shop)
    return update_articles(Database.current(), load_system(shop).articles(channel), channel=channel, in_erp=codes)


@task(name="count stock", task_run_name="count stock", **RETRYING)
def count_stock(erp: str) -> StockCount:
    """Bring the stock up to date with the ERP's whole picture of it, in one transaction.

    What moves while it is read is heard right before and right after, where the ERP tells it.
    """
    database, system = Database.current(), load_system(erp)

    def catch_up() -> None:
        if system.capabilities.movements:
            hear(database, actor(), source=erp, system=system)

    catch_up()
    as_of = datetime.now(UTC)
    with database.audited(actor()) as (connection, trail):
        return records.save_stock(connection, trail, system.stock(), source=erp, as_of=as_of, catch_up=catch_up)


@dataclass(slots=True)
class _Sieve:
    """Lets each SKU through once; the first one wins, and every other is named."""

    seen: set[str] = field(default_factory=set)
    duplicates: list[str] = field(default_factory=list)
    without_sku: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def pages(self, pages: Iterable[tuple[Article, ...]]) -> Iterator[list[Article]]:
        """Yield the articles to be kept; products the shop's connector could not read are named, not fatal."""
        try:
            for page in pages:
                yield [article for article in page if self._passes(article)]
        except Unreadable as error:
            self.unreadable = [reason.text for reason in error.reasons] or [str(error)]

    def _passes(self, article: Article) -> bool:
        if not article.sku:
            self.without_sku.append(f"product {article.product_id} {article.variant_id}".strip())
        elif article.sku in self.seen:
            self.duplicates.append(article.sku)
        else:
            self.seen.add(article.sku)
            return True
        return False


def update_articles(
    database: Database, pages: Iterable[tuple[Article, ...]], *, channel: str, in_erp: frozenset[str]
) -> ArticleIntake:
    """Write articles page by page, then withdraw what the shop no longer has, unless part of it was unreadable."""
    sieve, counts = _Sieve(), [0, 0, 0, 0]
    not_in_erp: list[str] = []
    for page in sieve.pages(pages):
        with database.audited(actor()) as (connection, trail):
            saved = records.save_articles(connection, trail, channel, page, in_erp)
        page_counts = (saved.read, saved.new, saved.changed, saved.unchanged)
        counts = [total + each for total, each in zip(counts, page_counts, strict=True)]
        not_in_erp += saved.not_in_erp
    withdrawn: tuple[str, ...] = ()
    if not sieve.unreadable:
        with database.audited(actor()) as (connection, trail):
            withdrawn = records.withdraw_missing(connection, trail, channel, sieve.seen)
    return ArticleIntake(
        read=counts[0],
        new=counts[1],
        changed=counts[2],
        unchanged=counts[3],
        withdrawn=withdrawn,
        not_in_erp=tuple(not_in_erp),
        duplicates=tuple(sieve.duplicates),
        without_sku=tuple(sieve.without_sku),
        unreadable=tuple(sieve.unreadable),
    )


def publish(summary: MasterDataSummary, channel: str) -> None:
    """Leave the report as an artifact of the run."""
    create_markdown_artifact(
        report(summary, channel), key=f"master-data-{channel}".lower(), description=summary.sentence()
    )


def report(summary: MasterDataSummary, channel: str) -> str:
    """Return the run's report in Markdown: what came, what became of it, and what needs a person."""
    articles, stock = summary.articles, summary.stock
    rows = (
        ("Articles read", articles.read),
        ("… new", articles.new),
        ("… changed", articles.changed),
        ("… unchanged", articles.unchanged),
        ("… gone from the shop, now unpublished", len(articles.withdrawn)),
        ("Stock levels read", stock.levels),
        ("… articles / warehouses", f"{stock.articles} / {stock.warehouses}"),
        ("… counts changed", stock.changed),
    )
    findings = (
        ("Not in the ERP: orders for these wait until the ERP knows them", articles.not_in_erp),
        ("SKU used more than once in the shop: only the first article counts", articles.duplicates),
        ("Without SKU in the shop: cannot be sold through SOMS", articles.without_sku),
        ("Not readable: nothing was withdrawn in this run", articles.unreadable),
    )
    stopped = f"> {plain(stock.stopped)}\n\n" if stock.stopped else ""
    text = f"## Master data of {channel}\n\n{stopped}| what | how many |\n|---|---:|\n"
    text += "".join(f"| {what} | {number} |\n" for what, number in rows)
    return text + "".join(_finding(title, names) for title, names in findings if names)


def _finding(title: str, names: tuple[str, ...]) -> str:
    shown = "".join(f"- `{name.replace('`', '')}`\n" for name in names[:_SHOWN])
    rest = f"- … and {len(names) - _SHOWN} more\n" if len(names) > _SHOWN else ""
    return f"\n### {title} ({len(names)})\n\n{shown}{rest}"
