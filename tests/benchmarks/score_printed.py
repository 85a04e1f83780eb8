"""Reads a labelled corpus of invoice PDFs, writes the canonical form of each for a scorer, and counts the reasons.

Run: ``python tests/benchmarks/score_printed.py CORPUS OUT``, then the corpus' own scorer over both.
Skips, saying so, where the corpus is absent.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path

from blocks.documents.conversions import Conversion, Outcome
from blocks.errors import Unreadable
from blocks.standards.pdf.reading import read_text_layer
from blocks.standards.printed_invoices.reader import read_printed


def converted(file: str, data: bytes, spent: Counter[str]) -> Conversion:
    """Return what is read of one PDF; adds the CPU seconds of extraction and of reading to ``spent``."""
    start = time.process_time()
    try:
        layer = read_text_layer(data)
    except Unreadable as error:
        return Conversion(file=file, outcome=Outcome.UNREADABLE, reasons=(str(error),))
    middle = time.process_time()
    printed = read_printed(layer)
    spent["extraction"] += middle - start  # type: ignore[assignment]  # Counter adds any number
    spent["reading"] += time.process_time() - middle  # type: ignore[assignment]  # as above
    return Conversion(
        file=file,
        outcome=printed.outcome,
        reasons=printed.reasons,
        invoice=printed.invoice,
        provenance=dict(printed.provenance),
    )


def main(corpus: Path, out: Path) -> None:
    """Read every PDF of the corpus and print the outcomes, the reasons by frequency and the CPU time."""
    manifest = corpus / "manifest.json"
    if not manifest.exists():
        print(f"skipped: no corpus at {corpus}")
        return
    out.mkdir(parents=True, exist_ok=True)
    spent: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    items = json.loads(manifest.read_text(encoding="utf-8"))["items"]
    for item in items:
        result = converted(Path(item["file"]).name, (corpus / item["file"]).read_bytes(), spent)
        outcomes[str(result.outcome)] += 1
        reasons.update(" ".join(reason.split()[:5]) for reason in result.reasons)
        text = json.dumps(result.as_json(), ensure_ascii=False)
        (out / f"{result.file}.json").write_text(text, encoding="utf-8")
    print(dict(outcomes), {name: f"{1000 * seconds / len(items):.1f} ms CPU each" for name, seconds in spent.items()})
    for reason, count in reasons.most_common(30):
        print(f"{count:5} {reason} ...")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
