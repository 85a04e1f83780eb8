"""A till of the sandbox: rings up sales, returns, voids, deliveries and counts, and exports them in three dialects."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
_GERMAN = {"sale": "VK", "return": "RT", "void": "ST", "delivery": "WE", "count": "INV"}
_ENGLISH = {"sale": "sale", "return": "refund", "void": "voided", "delivery": "receipt", "count": "stocktake"}
_XML = {"sale": "SALE", "return": "REFUND", "void": "VOID", "delivery": "DELIVERY", "count": "count"}
_GERMAN_HEAD = (
    "Art", "Kasse", "Bon", "Pos", "Datum", "Uhrzeit", "Filiale", "Artikelnummer", "Menge", "Einheit", "Storno zu",
)  # fmt: skip
_ENGLISH_HEAD = ("receipt_no", "type", "timestamp", "store", "original_receipt", "line", "sku", "qty_change")


@dataclass(frozen=True, slots=True)
class Slip:
    """What was rung up at once; ``lines`` are (SKU, pieces), ``voids`` the number of a slip that is taken back."""

    kind: str
    number: str
    at: datetime
    lines: tuple[tuple[str, Decimal], ...] = ()
    voids: str = ""


@dataclass(slots=True)
class Till:
    """One till of one store, exporting what was rung up since its last export.

    Attributes:
        folder: The folder that its connection names; files go to ``incoming`` below it.
        store: What the till calls its store.
        dialect: 'semicolon', 'signed' or 'xml', as the profiles till-semicolon, till-signed and till-xml read them.
        number: The number of the till.
        now: The till's clock.
    """

    folder: Path
    store: str = "Köln"
    dialect: str = "semicolon"
    number: int = 1
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    journal: list[Slip] = field(default_factory=list)
    _last: int = 1000
    _files: int = 0

    def sell(self, **pieces: int) -> str:
        """Ring up a sale, e.g. ``sell(LAMP=2)``; returns the slip's number."""
        return self._ring("sale", pieces)

    def take_back(self, **pieces: int) -> str:
        """Ring up a return."""
        return self._ring("return", pieces)

    def deliver(self, **pieces: int) -> str:
        """Note a delivery."""
        return self._ring("delivery", pieces)

    def count(self, **pieces: int) -> str:
        """Note a count of some articles."""
        return self._ring("count", pieces)

    def void(self, slip: str, **pieces: int) -> str:
        """Take a slip back: as a whole, or pieces of it."""
        return self._ring("void", pieces, voids=slip)

    def _ring(self, kind: str, pieces: Mapping[str, int], voids: str = "") -> str:
        self._last += 1
        number = str(self._last) if self.dialect != "semicolon" else f"{self.number}-{self._last}"
        lines = tuple((sku, Decimal(count)) for sku, count in pieces.items())
        self.journal.append(Slip(kind, number, self.now(), lines, voids))
        return number

    def export(self, name: str = "") -> Path:
        """Write what was rung up since the last export into one file; returns it."""
        self._files += 1
        ending = "xml" if self.dialect == "xml" else "csv"
        place = self._put(name or f"till-{self.number}-{self._files:04d}.{ending}", self.content())
        self.journal.clear()
        return place

    def export_whole_count(self, levels: Mapping[str, int], name: str = "count.csv") -> Path:
        """Write a count of everything that the store has, as the profile stock-count reads it."""
        stamp = f"{self.now().astimezone(ZONE):%d.%m.%Y %H:%M}"
        rows = [(self.store, stamp, sku, str(pieces)) for sku, pieces in levels.items()]
        return self._put(name, _csv(("Filiale", "Datum", "Artikelnummer", "Bestand"), rows, ";"))

    def content(self) -> bytes:
        """Return what an export would write."""
        if self.dialect == "xml":
            slips = "".join(_xml_slip(slip, self.store) for slip in self.journal)
            return f'<?xml version="1.0" encoding="UTF-8"?>\n<Journal>\n{slips}</Journal>\n'.encode()
        if self.dialect == "signed":
            return _csv(_ENGLISH_HEAD, (row for slip in self.journal for row in _signed(slip, self.store)), ",")
        return _csv(_GERMAN_HEAD, (row for slip in self.journal for row in self._german(slip)), ";")

    def _german(self, slip: Slip) -> Iterator[tuple[str, ...]]:
        local = slip.at.astimezone(ZONE)
        till, _, bon = slip.number.partition("-")
        for place, (sku, pieces) in enumerate(slip.lines or (("", Decimal(0)),), 1):
            yield (
                _GERMAN[slip.kind], till, bon, str(place), f"{local:%d.%m.%Y}", f"{local:%H:%M:%S}", self.store, sku,
                f"{pieces:f}" if sku else "", "Stk" if sku else "", slip.voids,
            )  # fmt: skip

    def _put(self, name: str, content: bytes) -> Path:
        """Write a file as a careful sender does: under a name nobody takes, then by one rename."""
        incoming = self.folder / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        unfinished = incoming / f".{name}.part"
        unfinished.write_bytes(content)
        return unfinished.rename(incoming / name)


def _signed(slip: Slip, store: str) -> Iterator[tuple[str, ...]]:
    for place, (sku, pieces) in enumerate(slip.lines or (("", Decimal(0)),), 1):
        change = -pieces if slip.kind == "sale" else pieces
        yield (
            slip.number, _ENGLISH[slip.kind], slip.at.astimezone(UTC).isoformat(), store, slip.voids, str(place), sku,
            f"{change:f}" if sku else "",
        )  # fmt: skip


def _xml_slip(slip: Slip, store: str) -> str:
    lines = "".join(
        f'<Line no="{place}"><Article>{escape(sku)}</Article><Quantity>{pieces:f}</Quantity></Line>'
        for place, (sku, pieces) in enumerate(slip.lines, 1)
    )
    cancels = f"<Cancels>{escape(slip.voids)}</Cancels>" if slip.voids else ""
    return (
        f"<Slip type={quoteattr(_XML[slip.kind])}><Number>{escape(slip.number)}</Number>{cancels}"
        f"<Time>{slip.at.astimezone(ZONE).replace(tzinfo=None).isoformat()}</Time><Store>{escape(store)}</Store>"
        f"{f'<Lines>{lines}</Lines>' if lines else ''}</Slip>\n"
    )


def _csv(head: Iterable[str], rows: Iterable[Iterable[str]], delimiter: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode()
