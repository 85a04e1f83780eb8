"""How fast EDIFACT is read and judged, beside the barest thing that could be called reading, in the same run.

Measured is what ``soms edifact`` does with a file in memory: cutting, envelope, structure, check digits, dates and
sums, and the report as JSON. The yardstick splits the same octets at the terminators and each piece at the separators,
and does nothing else. Three mixtures: invoices, the densest type; all seven types; small files of one message each.
Every invoice differs, so that little comes out of a table. CPU seconds of this process, best of three.

Remark: pydifact 0.1.6 cut 15,300 segments per CPU-second when it was measured for this project; it judges nothing.

Run: ``make bench``, or ``python tests/benchmarks/bench_edifact.py [SEGMENTS]``.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

import orjson  # noqa: E402 - run as a script, the checkout must be found first

from blocks.standards.edifact.report import report  # noqa: E402 - run as a script, the checkout must be found first
from deployments.cli_edifact import collect_rarely  # noqa: E402
from tests.interchanges import GUIDES, body, gs1, interchange, message, octets  # noqa: E402

RESULT = HOUSE / "benchmarks" / "results" / "edifact.json"
GOAL = 100_000
ROUNDS = 3


def varied_invoice(number: int) -> list[str]:
    """Return an invoice of 12 lines whose figures, articles and names no other has."""
    lines, net = [], Decimal(0)
    for line in range(1, 13):
        serial = number * 13 + line
        quantity, price = serial % 97 + 1, Decimal(serial * 7919 % 99_991 + 1) / 100
        net += quantity * price
        lines += [
            f"LIN+{line}++{gs1(f'{serial:012}')}:EN", f"IMD+F++:::Artikel {serial} mit Namen", f"QTY+47:{quantity}",
            f"MOA+203:{quantity * price}", f"PRI+AAA:{price}", "TAX+7+VAT+++:::19+S",
        ]  # fmt: skip
    tax = (net * Decimal("0.19")).quantize(Decimal("0.01"), ROUND_HALF_UP)
    head = [each for each in body("INVOIC", 1) if not each.startswith(("ALC", "MOA+8:"))]
    head = head[: next(place for place, each in enumerate(head) if each.startswith("LIN"))]
    head = [each for each in head if not each.startswith("TAX")]
    head[0] = f"BGM+380+R-{number}+9"
    totals = ["UNS+S", "CNT+2:12", f"MOA+77:{net + tax}", f"MOA+79:{net}", f"MOA+125:{net}", f"MOA+124:{tax}"]
    return message("INVOIC", [*head, *lines, *totals], str(number))


def invoices(segments: int) -> list[bytes]:
    """Return one interchange of invoices."""
    return [octets(interchange(*(varied_invoice(number) for number in range(1, segments // 90 + 1))))]


def mixed(segments: int) -> list[bytes]:
    """Return one interchange for each type, a fifth of the messages invoices."""
    files = invoices(segments // 5)
    for kind in GUIDES:
        one = body(kind, 20)
        messages = [message(kind, one, str(number)) for number in range(1, segments // 7 // len(one) + 1)]
        files.append(octets(interchange(*messages)))
    return files


def small(segments: int) -> list[bytes]:
    """Return a file for each invoice."""
    return [octets(interchange(varied_invoice(number))) for number in range(1, segments // 90 + 1)]


def judge(files: list[bytes]) -> int:
    """Read and judge; return how many segments there were."""
    total = 0
    for each in files:
        made = report(each)
        if made.verdict != "valid":
            raise SystemExit(f"The benchmark's own interchange is {made.verdict}: {made.findings[:3]}")
        orjson.dumps(made.as_json("file"))
        total += made.segments
    return total


def bare(files: list[bytes]) -> int:
    """Split at the terminators and the separators."""
    return sum(len([piece.split(b"+") for piece in each.split(b"'")]) - 1 for each in files)


def rate(work: Callable[[list[bytes]], int], files: list[bytes]) -> float:
    """Return segments per CPU-second, the best of some rounds."""
    best = 0.0
    for _ in range(ROUNDS):
        begun = time.process_time()
        segments = work(files)
        best = max(best, segments / (time.process_time() - begun))
    return best


def main(segments: int) -> None:
    """Measure and print."""
    collect_rarely()  # as the command does
    figures: dict[str, dict[str, float]] = {}
    for name, make in (("invoices", invoices), ("all types", mixed), ("small files", small)):
        files = make(segments)
        judged, split = rate(judge, files), rate(bare, files)
        figures[name] = {"segments": judge(files), "segments_per_cpu_second": judged, "ratio_to_bare": split / judged}
        print(f"{name:12} {judged:10,.0f} segments/CPU s   {split / judged:5.1f} x bare splitting ({split:,.0f}/s)")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    reached = min(each["segments_per_cpu_second"] for each in figures.values()) >= GOAL
    print(f"goal {GOAL:,} segments/CPU s: {'reached' if reached else 'NOT REACHED'}; peak memory {peak:.0f} MB")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(
        json.dumps({"figures": figures, "goal": GOAL, "reached": reached, "peak_megabytes": peak}, indent=2)
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
