"""What it costs to convert printed invoices, writing and checking included, beside bare character extraction.

The yardstick is measured in the same run, on the processor's clock: pypdfium2 opens each file and returns the text of
each page; as a second figure, it returns the box of each character as well. The best of three rounds counts, since
other work on the machine only ever adds. Run: ``make bench``.
"""

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

from blocks.standards.pdf.reading import read_text_layer  # noqa: E402 - run as a script, the checkout must be found first
from blocks.worker_process import GARBAGE  # noqa: E402
from tasks.edi_conversion.converting import convert  # noqa: E402
from tasks.edi_conversion.writing import write  # noqa: E402

FORMS = ("json", "ubl", "edifact")
ROUNDS = 3
RESULT = HOUSE / "benchmarks" / "results" / "conversion.json"
CORPUS = Path(os.environ.get("SOMS_INVOICE_PDFS", HOUSE.parent / "shared" / "corpora" / "invoices-pdf" / "pdf"))
"""A folder of PDF invoices."""


def bare(files: list[bytes], *, boxes: bool = False) -> None:
    """Extract characters with pypdfium2 and nothing else."""
    for data in files:
        document = pdfium.PdfDocument(data)
        for page in document:
            text = page.get_textpage()
            text.get_text_range()
            if boxes:
                for index in range(text.count_chars()):
                    text.get_charbox(index)
            text.close()
            page.close()
        document.close()


def layers(files: list[bytes]) -> None:
    """Read the text layers alone."""
    for data in files:
        read_text_layer(data)


def whole(files: list[bytes], form: str) -> None:
    """Convert each file, write it, read it back and compare."""
    for number, data in enumerate(files):
        write(convert(f"{number}.pdf", data), form, original=data)


def cost(work: Callable[[], None]) -> float:
    """Return the seconds of processor time of one go."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def main() -> None:
    """Measure and print one table; the figures also go to ``benchmarks/results/conversion.json``."""
    if not CORPUS.is_dir():
        print(f"There are no invoices in {CORPUS}: name a folder of PDFs in SOMS_INVOICE_PDFS.")
        return
    gc.set_threshold(GARBAGE)  # as the workers do that convert
    files = [path.read_bytes() for path in sorted(CORPUS.glob("*.pdf"))]
    works: dict[str, Callable[[], None]] = {
        "bare characters": lambda: bare(files),
        "bare characters with boxes": lambda: bare(files, boxes=True),
        "text layer": lambda: layers(files),
        **{f"whole, to {form}": lambda form=form: whole(files, form) for form in FORMS},  # type: ignore[misc]  # bound early
    }
    for work in works.values():
        work()  # imports and caches do not count
    seconds = {name: min(cost(work) for _ in range(ROUNDS)) for name, work in works.items()}
    figures: dict[str, float] = {"documents": len(files)}
    for name, spent in seconds.items():
        figures[f"{name}: documents per CPU second"] = round(len(files) / spent, 1)
        figures[f"{name}: times bare characters"] = round(spent / seconds["bare characters"], 2)
        figures[f"{name}: times bare with boxes"] = round(spent / seconds["bare characters with boxes"], 2)
    figures["peak memory in MB"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n")
    for name, value in figures.items():
        print(f"{name:56} {value:>12,}")


if __name__ == "__main__":
    main()
