"""How near three sources are visited to the rate they allow, in what memory, and what a second visit costs.

Each source is a host of its own with its own limit: an API asked for each product, a site with a page for each, data
sheets by part number. Each visit is a process of its own, all three at once over one database. The yardstick is the
rate allowed; a tenth as many articles show whether memory grows. Run: ``make bench``.
"""

import json
import resource
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

from blocks.database.audit import Actor  # noqa: E402 - run as a script, the checkout must be found first
from blocks.database.engine import Database  # noqa: E402
from blocks.systems.manufacturers.contract import ManufacturerSource, Wanted  # noqa: E402
from blocks.systems.manufacturers.rest_api import ManufacturerApi  # noqa: E402
from blocks.systems.manufacturers.website import ManufacturerSite  # noqa: E402
from deployments.sandbox.manufacturer import connections  # noqa: E402
from deployments.sandbox.manufacturer.products import products  # noqa: E402
from tests import stack  # noqa: E402
from tests.manufacturer import running_manufacturer  # noqa: E402

ARTICLES, RATE, RATE_AGAIN = 10_000, 80, 200
SOURCES = ("api", "site", "sheets")
RESULT = HOUSE / "benchmarks" / "results" / "sources.json"


def connected(kind: str, url: str, rate: int) -> ManufacturerSource:
    """Return one connection."""
    common: dict[str, Any] = {"calls_per_second": rate, "fresh_hours": 0, "max_in_flight": 16}
    if kind == "api":
        return ManufacturerApi(**connections.api(url, **common))
    if kind == "site":
        return ManufacturerSite(**connections.site(url, document_pattern="", **common))
    settings = connections.site(url, sitemap="", article_address=f"{url}/datenblatt/{{mpn}}.pdf", **common)
    return ManufacturerSite(**settings)


def visit(kind: str, url: str, articles: int, rate: int, database_url: str) -> dict[str, Any]:
    """Visit one source, in this process."""
    source = f"bench/{kind}-{articles}"
    system = connected(kind, url, rate)
    wanted = [Wanted(mpn=each.mpn) for each in products(articles)] if kind == "sheets" else []
    begun, worked = time.perf_counter(), time.process_time()
    found = system.collect(
        Database(database_url), Actor("bench"), source=source, wanted=wanted, again=True, log=lambda _: None
    )
    return {
        **asdict(found),
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - worked,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def visits(urls: dict[str, str], articles: int, rate: int, database_url: str) -> dict[str, dict[str, Any]]:
    """Visit all sources at once, each in a process of its own."""
    running = {
        kind: subprocess.Popen(
            [sys.executable, __file__, kind, url, str(articles), str(rate), database_url],
            stdout=subprocess.PIPE,
        )
        for kind, url in urls.items()
    }
    return {kind: json.loads(process.communicate()[0]) for kind, process in running.items()}


def hosts(stacked: ExitStack, articles: int) -> dict[str, str]:
    """Start one host for each source."""
    return {kind: stacked.enter_context(running_manufacturer(articles)).url for kind in SOURCES}


def main() -> None:
    """Measure and print one table; the figures also go to ``benchmarks/results/sources.json``."""
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    with ExitStack() as stacked:
        folder = stacked.enter_context(stack.open_folder())
        cluster = stacked.enter_context(stack.cluster(folder))
        database = stacked.enter_context(stack.copy_of(cluster, stack.migrated_template(cluster))).app
        few = visits(hosts(stacked, articles // 10), articles // 10, RATE_AGAIN, database)
        urls = hosts(stacked, articles)
        assert len({urlsplit(url).netloc for url in urls.values()}) == len(SOURCES)
        first = visits(urls, articles, RATE, database)
        again = visits(urls, articles, RATE_AGAIN, database)
    figures: dict[str, float] = {"articles": articles, "requests a second allowed to each source": RATE}
    for kind in SOURCES:
        assert first[kind]["new"] >= articles
        assert again[kind]["new"] == first[kind]["failed"] == 0
        figures[f"{kind}: requests"] = first[kind]["asked"]
        figures[f"{kind}: share of the rate allowed"] = round(first[kind]["asked"] / first[kind]["seconds"] / RATE, 3)
        figures[f"{kind}: CPU ms for each request"] = round(1000 * first[kind]["cpu"] / first[kind]["asked"], 2)
        figures[f"{kind}: MB fetched"] = round(first[kind]["bytes"] / 1e6, 1)
        figures[f"{kind}: share of the bytes at a second visit"] = round(again[kind]["bytes"] / first[kind]["bytes"], 4)
        figures[f"{kind}: peak memory in MB"] = round(first[kind]["peak"])
        figures[f"{kind}: peak memory in MB, a tenth of the articles"] = round(few[kind]["peak"])
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    if articles == ARTICLES:
        RESULT.write_text(json.dumps(figures, indent=2) + "\n")
    for name, value in figures.items():
        print(f"{name:56} {value:>12,}")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        kind, url, count, rate, database_url = sys.argv[1:]
        print(json.dumps(visit(kind, url, int(count), int(rate), database_url)))
    else:
        main()
