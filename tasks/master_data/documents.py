"""What a master-data run reports. Pure."""

from blocks.documents.base import Document


class ArticleIntake(Document):
    """What became of a shop's articles. The lists name SKUs."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: tuple[str, ...] = ()
    not_in_erp: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    without_sku: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


class StockCount(Document):
    """What became of the ERP's stock."""

    levels: int = 0
    articles: int = 0
    warehouses: int = 0
    changed: int = 0
    stopped: str = ""
    """Why the gate for whole pictures of stock stopped it, and what to do; empty when it was let in."""


class MasterDataSummary(Document):
    """What one run did; both counts at zero changes mean that everything stood as it was."""

    articles: ArticleIntake
    stock: StockCount

    def sentence(self) -> str:
        """Return the run's result for the log."""
        articles, stock = self.articles, self.stock
        findings = (articles.not_in_erp, articles.duplicates, articles.without_sku, articles.unreadable)
        waiting = sum(len(names) for names in findings)
        stopped = " The ERP's stock was stopped: see the report." if stock.stopped else ""
        return (
            f"{articles.read} articles: {articles.new} new, {articles.changed} changed, {len(articles.withdrawn)} gone,"
            f" {waiting} need a person. {stock.levels} stock levels: {stock.changed} counts changed.{stopped}"
        )
