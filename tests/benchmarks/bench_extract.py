"""How fast product pages are read, beside plain extruct and beside taking nothing but the text out of a page.

Measured is what ``soms extract`` does with a saved page in memory: unpacking, parsing, and everything that is told of
its product. Beside it, over the same pages in the same run: extruct with the syntaxes it would need (JSON-LD,
microdata, Open Graph; without RDFa, which is slower still), and lxml's text of the page, the least that a reading by
any other means begins with. The pages are the real ones of the shared corpus where it is there, else those of the
tests. CPU seconds of this process, the best of some rounds after one that warms up.

Run: ``make bench``, or ``python tests/benchmarks/bench_extract.py [ROUNDS]``.
"""

import gc
import gzip
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

import extruct  # noqa: E402 - run as a script, the checkout must be found first
import lxml.html  # noqa: E402

from blocks.standards.product_data.reading import read_product_file  # noqa: E402
from tests.shop_pages import PAGES  # noqa: E402

CORPUS = HOUSE.parent / "shared" / "corpora" / "products" / "pages"
RESULT = HOUSE / "benchmarks" / "results" / "extract.json"
GOAL = 60
RARELY = 100_000
SYNTAXES = ["json-ld", "microdata", "opengraph"]


def pages() -> list[tuple[str, bytes]]:
    """Return the pages as they are saved."""
    saved = sorted(CORPUS.glob("*.html*")) if CORPUS.is_dir() else []
    return [(each.name, each.read_bytes()) for each in saved] or [
        (name, each.html.encode()) for name, each in PAGES.items()
    ]


def plain(data: bytes) -> bytes:
    """Return a page unpacked."""
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def ours(name: str, data: bytes) -> Any:
    """Read a page as the command does."""
    return read_product_file(name, data)


def with_extruct(_: str, data: bytes) -> Any:
    """Read a page's structured data with extruct."""
    return extruct.extract(plain(data), syntaxes=SYNTAXES, errors="ignore")


def text_only(_: str, data: bytes) -> Any:
    """Take the text out of a page."""
    return lxml.html.fromstring(plain(data)).text_content()


def rate(work: Callable[[str, bytes], Any], given: list[tuple[str, bytes]], rounds: int) -> float:
    """Return pages per CPU-second, the best of some rounds after one that warms up."""
    best = 0.0
    for turn in range(rounds + 1):
        begun = time.process_time()
        for name, data in given:
            work(name, data)
        best = max(best, len(given) / (time.process_time() - begun)) if turn else best
    return best


def main(rounds: int) -> None:
    """Measure and print."""
    gc.set_threshold(RARELY)  # as the workers of the command do
    given = pages()
    ways = (("soms", ours), ("plain extruct", with_extruct), ("text only", text_only))
    figures = {name: rate(work, given, rounds) for name, work in ways}
    size = sum(len(plain(data)) for _, data in given) / len(given) / 1000
    print(f"{len(given)} pages of {size:,.0f} kB on average")
    for name, pages_per_second in figures.items():
        print(
            f"{name:14} {pages_per_second:8.1f} pages/CPU s   "
            f"soms is {figures['soms'] / pages_per_second:5.2f} x as fast"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    reached = figures["soms"] >= GOAL
    print(f"goal {GOAL} pages/CPU s: {'reached' if reached else 'NOT REACHED'}; peak memory {peak:.0f} MB")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(
        json.dumps(
            {"pages_per_cpu_second": figures, "goal": GOAL, "reached": reached, "peak_megabytes": peak}, indent=2
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
