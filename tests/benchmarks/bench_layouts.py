"""Thousands of printed invoices of dozens of layouts (T-DOC-4): exact, put before a person, or silently wrong.

Six languages, three layouts and four number styles make 72 suppliers; every tenth invoice has one figure printed
wrongly. Truth is what was to be printed. Run: ``make bench``, or ``python tests/benchmarks/bench_layouts.py [NUMBER]``.
"""

import itertools
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

from blocks.documents.conversions import Conversion, Outcome  # noqa: E402 - run as a script, the checkout must be found first
from tasks.edi_conversion.converting import convert_many  # noqa: E402
from tests.paper import STYLES, WORDS, Article, Case, printed  # noqa: E402
from tests.pdfs import PaperPage, pdf  # noqa: E402

LAYOUTS = ("letter", "heads", "form")
COURIER = 0.6
"""Width of a character in parts of its size; printed() reckons with half of it."""
RESULT = HOUSE / "benchmarks" / "results" / "layouts.json"


def cases(invoices: int) -> Iterator[tuple[Case, bool]]:
    """Yield invoices of all layouts in turn, and whether one of their figures is to be printed wrongly."""
    dice = Random(4)
    kinds = itertools.cycle(itertools.product(WORDS, LAYOUTS, STYLES))
    for number, (language, layout, style) in zip(range(invoices), kinds, strict=False):
        issued = date(2024, 1, 1) + timedelta(days=dice.randrange(700))
        articles = tuple(
            Article(
                dice.choice(("Hammer", "Lampe", "Schraube M8", "Service", "Tisch")) + f" {place + 1}",
                Decimal(dice.randint(1, 40)),
                Decimal(dice.randint(100, 250_000)) / 100,
                Decimal(dice.choice((19, 19, 7))),
            )
            for place in range(dice.randint(1, 10))
        )
        yield (
            Case(
                language=language, layout=layout, style=style, number=f"RE-{issued.year}-{number:05d}", issued=issued,
                due=issued + timedelta(days=30), order=f"PO-{dice.randint(10_000, 99_999)}", articles=articles,
            ),
            number % 10 == 9,
        )  # fmt: skip


def on_paper(case: Case, *, wrong: bool) -> bytes:
    """Return the PDF; where it is to be wrong, the gross total is printed one cent off."""
    (page,) = printed(case).pages
    gross = case.amount(case.gross)
    paper = PaperPage()
    for row in page.rows:
        text = row.text
        for word in row.words:
            said = word.text
            if wrong and gross in text and said and said in gross and said[-1].isdigit():
                said = said[:-1] + str((int(said[-1]) + 1) % 10)
            paper.text(word.left, word.bottom, said, size=word.size * 0.5 / COURIER, font="F3")
    return pdf([paper])


def judged(case: Case, found: Conversion, *, wrong: bool) -> str:
    """Return what a conversion came to: exact, review, or silently wrong."""
    if found.outcome is not Outcome.PROVEN:
        return "wrong figure, put before a person" if wrong else "right, put before a person"
    invoice = found.invoice
    lines = [] if invoice is None else [(line.quantity, line.price.net, line.net) for line in invoice.lines]
    told = invoice and (
        invoice.number,
        invoice.issue_date,
        invoice.totals.net,
        invoice.totals.vat,
        invoice.totals.gross,
    )
    truth = (case.number, case.issued, case.net, case.vat, case.gross)
    right = told == truth and lines == [(each.quantity, each.price, each.net) for each in case.articles]
    return "exact" if right and not wrong else "SILENTLY WRONG"


def main() -> None:
    """Measure and print one table; the figures also go to ``benchmarks/results/layouts.json``."""
    invoices = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    counts: Counter[str] = Counter()
    begun = time.perf_counter()
    files = ((f"{case.number}.pdf", on_paper(case, wrong=wrong)) for case, wrong in cases(invoices))
    for (case, wrong), found in zip(cases(invoices), convert_many(files, jobs=2), strict=True):
        counts[judged(case, found, wrong=wrong)] += 1
    seconds = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = {
        "invoices": invoices,
        "layouts": len(WORDS) * len(LAYOUTS) * len(STYLES),
        **dict(counts),
        "SILENTLY WRONG": counts["SILENTLY WRONG"],
        "seconds with two workers": round(seconds, 1),
        "invoices per second of the workers' processors": round(invoices / (used.ru_utime + used.ru_stime), 1),
        "peak memory of a worker in MB": round(used.ru_maxrss / 1024),
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n")
    for name, value in figures.items():
        print(f"{name:48} {value:>10,}")


if __name__ == "__main__":
    main()
