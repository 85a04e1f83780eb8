"""Says per seller which invoice lines are read wrong, and why: a tool for whoever works on the reading of tables.

Run it from the project's root: ``python -m tests.benchmarks.score_lines [CORPUS] [--show FILE]``.
"""

import argparse
import json
import time
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from blocks.errors import Unreadable
from blocks.standards.pdf.reading import read_text_layer
from blocks.standards.printed_invoices.lines import find_lines
from blocks.standards.printed_invoices.lines_found import LineTable

CORPUS = Path(__file__).parents[3] / "shared" / "corpora" / "invoices-pdf"


def _number(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _right(truth: dict[str, Any], found: dict[str, Decimal | None]) -> bool:
    """Compare as the corpus' own scorer does: a number the truth lacks is not compared."""
    for name in ("qty", "net"):
        if truth.get(name) is not None and _number(truth[name]) != found[name]:
            return False
    price = _number(truth.get("unit_price"))
    if price is None:
        return True
    base = _number(truth.get("price_base_qty")) or Decimal(1)
    value = found["unit_price"]
    return value is not None and any(abs(each - value) <= Decimal("0.005") for each in (price, price / base))


def _found(table: LineTable | None) -> list[dict[str, Decimal | None]]:
    lines = table.lines if table else ()
    return [{"qty": each.line.quantity, "unit_price": each.line.price.net, "net": each.line.net} for each in lines]


def _plain(values: dict[str, Any]) -> str:
    return " ".join(f"{name}={values.get(name)}" for name in ("qty", "unit_price", "net"))


def main() -> None:
    """Print the lines that are wrong, the figures per seller and overall, and the CPU time of the search alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, nargs="?", default=CORPUS)
    parser.add_argument("--show", default="", help="print every line found in this file")
    options = parser.parse_args()
    per_seller: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    spent, count, silent = 0.0, 0, 0
    items = json.loads((options.corpus / "manifest.json").read_text(encoding="utf-8"))["items"]
    for item in items:
        truth = item["truth"]
        if truth.get("syntax") == "order-x" or (options.show and options.show not in item["file"]):
            continue
        try:
            layer = read_text_layer((options.corpus / item["file"]).read_bytes())
        except Unreadable as error:
            print(item["file"], error)
            continue
        begun = time.process_time()
        tables = find_lines(layer)
        spent += time.process_time() - begun
        count += 1
        table = tables[0] if tables else None
        if options.show:
            _show(tables)
        silent += _judge(item, table, per_seller[item["seller_group"]])
    _summary(per_seller, silent, spent, count)


def _judge(item: dict[str, Any], table: LineTable | None, score: list[int]) -> int:
    """Print what is wrong in one document and count it; returns 1 where it is wrong without a doubt named."""
    truth = item["truth"]
    expected = truth.get("lines") or []
    seen = item["visible"].get("lines") or []
    total = _number(truth.get("line_net_total"))
    nets = [_number(line.get("net")) or Decimal(0) for line in expected]
    if not expected or (total is not None and abs(sum(nets, Decimal(0)) - total) > Decimal("0.05")):
        return 0
    found = _found(table)
    free = list(range(len(found)))
    wrong: list[str] = []
    for line, visible in zip(expected, seen, strict=False):
        hit = next((index for index in free if _right(line, found[index])), None)
        judged = bool(visible) and all(visible.values())
        if hit is not None:
            free.remove(hit)
        score[0] += judged
        score[1] += judged and hit is not None
        if judged and hit is None:
            wrong.append(f"expected {_plain(line)} base={line.get('price_base_qty')}")
    extra = max(0, len(found) - len(expected)) if truth.get("syntax") != "invoice2data-json" else 0
    score[2] += extra
    score[3] += 1
    if not (wrong or extra):
        return 0
    sure = table is not None and table.sure and table.summed
    print(f"{item['file']} {item['seller_group']} {'SILENT' if sure else ''} extra={extra}")
    for each in wrong:
        print("   ", each)
    for index in free:
        print("    left over", _plain(found[index]))
    return int(sure)


def _show(tables: tuple[LineTable, ...]) -> None:
    for table in tables:
        print(table.kind, table.net, "multiplied", table.multiplied, "summed", table.summed, table.gross_amounts)
        for each in table.lines:
            line = each.line
            print("  ", line.id, "|", line.item.name, "|", line.quantity, line.unit, "x", line.price.net, end=" ")
            print("/", line.price.base_quantity, "=", line.net, "|", line.vat_rate, each.tax_code, "|", end=" ")
            print(line.item.seller_id, line.item.buyer_id, line.item.standard_id, "|", each.doubts)
        for charge in table.charges:
            print("  charge", charge.charge)


def _summary(per_seller: dict[str, list[int]], silent: int, spent: float, count: int) -> None:
    for seller, (judged, right, extra, documents) in sorted(per_seller.items()):
        print(f"{seller:35} {right}/{judged} right, {extra} too many, {documents} documents")
    judged = sum(score[0] for score in per_seller.values())
    right = sum(score[1] for score in per_seller.values())
    shares = [score[1] / score[0] for score in per_seller.values() if score[0]]
    macro = sum(shares) / max(len(shares), 1)
    print(f"lines right {right}/{judged} = {right / max(judged, 1):.3f}, per seller {macro:.3f}")
    print(f"silently wrong documents {silent}; CPU {1000 * spent / max(count, 1):.2f} ms per document")


if __name__ == "__main__":
    main()
