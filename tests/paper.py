"""Invoices as they may be printed: six languages, several layouts and number styles, as words with boxes."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from blocks.standards.pdf.layout import Page, Row, TextLayer, Word

CENT = Decimal("0.01")
WIDTH, HEIGHT = 595.0, 842.0

WORDS: dict[str, dict[str, Any]] = {
    "de": {
        "title": "Rechnung",
        "number": "Rechnungsnummer",
        "date": "Rechnungsdatum",
        "due": "Zahlbar bis",
        "order": "Ihre Bestellung",
        "seller": "Lieferant",
        "buyer": "Rechnungsempfänger",
        "vat_id": "USt-IdNr.",
        "lines": ("Pos.", "Bezeichnung", "Menge", "Einzelpreis", "MwSt.", "Betrag"),
        "net": "Summe netto",
        "vat": "MwSt.",
        "gross": "Gesamtbetrag brutto",
        "basis": ("Satz", "Nettobetrag", "Steuerbetrag"),
        "discount": "Rabatt",
        "sum": "Zwischensumme",
    },
    "en": {
        "title": "Invoice",
        "number": "Invoice No.",
        "date": "Invoice date",
        "due": "Due date",
        "order": "Purchase order",
        "seller": "Supplier",
        "buyer": "Bill to",
        "vat_id": "VAT ID",
        "lines": ("Item", "Description", "Quantity", "Unit price", "VAT", "Amount"),
        "net": "Net total",
        "vat": "VAT",
        "gross": "Total incl. VAT",
        "basis": ("Rate", "Net amount", "VAT amount"),
        "discount": "Discount",
        "sum": "Subtotal",
    },
    "fr": {
        "title": "Facture",
        "number": "Numéro de facture",
        "date": "Date de facture",
        "due": "Date d'échéance",
        "order": "Votre commande",
        "seller": "Vendeur",
        "buyer": "Facturé à",
        "vat_id": "N° TVA",
        "lines": ("Réf.", "Désignation", "Quantité", "Prix unitaire", "TVA", "Montant"),
        "net": "Total HT",
        "vat": "TVA",
        "gross": "Total TTC",
        "basis": ("Taux", "Base HT", "Montant TVA"),
        "discount": "Remise",
        "sum": "Sous-total",
    },
    "it": {
        "title": "Fattura",
        "number": "Numero fattura",
        "date": "Data fattura",
        "due": "Scadenza",
        "order": "Vostro ordine",
        "seller": "Fornitore",
        "buyer": "Cliente",
        "vat_id": "Partita IVA",
        "lines": ("Art.", "Descrizione", "Quantità", "Prezzo unitario", "IVA", "Importo"),
        "net": "Totale imponibile",
        "vat": "IVA",
        "gross": "Totale fattura",
        "basis": ("Aliquota", "Imponibile", "Imposta"),
        "discount": "Sconto",
        "sum": "Subtotale",
    },
    "es": {
        "title": "Factura",
        "number": "Número de factura",
        "date": "Fecha de factura",
        "due": "Fecha de vencimiento",
        "order": "Su pedido",
        "seller": "Proveedor",
        "buyer": "Facturar a",
        "vat_id": "NIF",
        "lines": ("Ref.", "Descripción", "Cantidad", "Precio", "IVA", "Importe"),
        "net": "Base imponible",
        "vat": "IVA",
        "gross": "Total factura",
        "basis": ("Tipo", "Base", "Cuota"),
        "discount": "Descuento",
        "sum": "Subtotal",
    },
    "nl": {
        "title": "Factuur",
        "number": "Factuurnummer",
        "date": "Factuurdatum",
        "due": "Vervaldatum",
        "order": "Uw bestelling",
        "seller": "Leverancier",
        "buyer": "Factuuradres",
        "vat_id": "BTW-nummer",
        "lines": ("Nr.", "Omschrijving", "Aantal", "Prijs", "BTW", "Bedrag"),
        "net": "Totaal excl. BTW",
        "vat": "BTW",
        "gross": "Totaal incl. BTW",
        "basis": ("Tarief", "Grondslag", "BTW bedrag"),
        "discount": "Korting",
        "sum": "Subtotaal",
    },
}
VAT_IDS = {
    "de": "DE136695976",
    "en": "GB980780684",
    "fr": "FR40303265045",
    "it": "IT00743110157",
    "es": "ESA13585625",
    "nl": "NL004495445B01",
}
IBANS = "DE02120300000000202051"
STYLES = {"1.234,50": (",", "."), "1,234.50": (".", ","), "1 234,50": (",", " "), "1'234.50": (".", "'")}


@dataclass(frozen=True)
class Article:
    """A line: what, how many, at what price, at what rate of VAT."""

    name: str
    quantity: Decimal
    price: Decimal
    rate: Decimal

    @property
    def net(self) -> Decimal:
        return (self.quantity * self.price).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Case:
    """An invoice to be printed."""

    language: str = "de"
    layout: str = "letter"
    style: str = "1.234,50"
    number: str = "RE-2024-00817"
    issued: date = date(2024, 3, 15)
    due: date = date(2024, 4, 14)
    order: str = "PO-99121"
    seller: str = "Nordlicht Werkzeuge GmbH"
    buyer: str = "Blumenhaus Süd AG"
    discount: Decimal = Decimal(0)
    articles: tuple[Article, ...] = field(
        default=(
            Article("Hammer", Decimal(3), Decimal("12.50"), Decimal(19)),
            Article("Bohrmaschine", Decimal(12), Decimal("149.90"), Decimal(19)),
            Article("Fachbuch", Decimal(2), Decimal("24.80"), Decimal(7)),
        )
    )

    @property
    def groups(self) -> dict[Decimal, tuple[Decimal, Decimal]]:
        found: dict[Decimal, Decimal] = {}
        for article in self.articles:
            found[article.rate] = found.get(article.rate, Decimal(0)) + article.net
        first = next(iter(found))
        found[first] -= self.discount
        return {rate: (basis, (basis * rate / 100).quantize(CENT, ROUND_HALF_UP)) for rate, basis in found.items()}

    @property
    def net(self) -> Decimal:
        return sum((basis for basis, _ in self.groups.values()), Decimal(0))

    @property
    def vat(self) -> Decimal:
        return sum((tax for _, tax in self.groups.values()), Decimal(0))

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat

    def amount(self, value: Decimal, places: int = 2) -> str:
        decimal, group = STYLES[self.style]
        whole, _, rest = f"{value:,.{places}f}".partition(".")
        return whole.replace(",", group) + (decimal + rest if places else "")

    def day(self, value: date) -> str:
        if self.language == "de":
            return f"{value:%d.%m.%Y}"
        if self.language == "nl":
            return f"{value:%d-%m-%Y}"
        return f"{value:%d/%m/%Y}"


class Sheet:
    """A page being written; rows are gathered by height as the extraction gathers them."""

    def __init__(self) -> None:
        """Begin with nothing on it."""
        self.words: list[Word] = []

    def text(self, x: float, y: float, text: str, size: float = 9.0) -> None:
        for part in text.split(" "):
            width = 0.5 * size * len(part)
            self.words.append(Word(part, x, y, x + width, y + size, size))
            x += width + 0.28 * size

    def right(self, x: float, y: float, text: str, size: float = 9.0) -> None:
        width = sum(0.5 * size * len(part) for part in text.split(" ")) + 0.28 * size * text.count(" ")
        self.text(x - width, y, text, size)

    def page(self, number: int = 1) -> Page:
        rows: dict[float, list[Word]] = {}
        for word in self.words:
            rows.setdefault(word.bottom, []).append(word)
        made = tuple(
            Row(number, tuple(sorted(words, key=lambda word: word.left)))
            for _, words in sorted(rows.items(), key=lambda item: -item[0])
        )
        return Page(number, WIDTH, HEIGHT, made)


def printed(case: Case) -> TextLayer:
    """Print an invoice."""
    sheet = Sheet()
    words = WORDS[case.language]
    facts = [
        (words["number"], case.number),
        (words["date"], case.day(case.issued)),
        (words["due"], case.day(case.due)),
        (words["order"], case.order),
    ]
    own = f"{words['vat_id']} {VAT_IDS[case.language]}"
    if case.layout == "letter":
        sheet.text(60, 720, f"{case.seller} · Hafenstraße 7 · 20457 Hamburg", 6)
        for index, text in enumerate((case.buyer, "Gartenweg 12", "80331 München")):
            sheet.text(60, 704 - 12 * index, text)
        for index, (label, value) in enumerate(facts):
            sheet.text(350, 704 - 12 * index, f"{label}:")
            sheet.text(460, 704 - 12 * index, value)
        sheet.text(60, 600, words["title"], 14)
        for index, text in enumerate((case.seller, "Hafenstraße 7", "20457 Hamburg")):
            sheet.text(60, 70 - 10 * index, text, 7)
        sheet.text(230, 70, own, 7)
        sheet.text(400, 70, f"IBAN {IBANS}", 7)
    else:
        heads = case.layout == "heads"
        sheet.text(60, 790, words["title"], 16)
        for x, name, lines in (
            (60, f"{words['seller']}:", (case.seller, "Hafenstraße 7", "20457 Hamburg", own)),
            (320, f"{words['buyer']}:", (case.buyer, "Gartenweg 12", "80331 München")),
        ):
            sheet.text(x, 750, name)
            for index, text in enumerate(lines):
                sheet.text(x, 738 - 12 * index, text)
        for index, (label, value) in enumerate(facts):
            if heads:
                sheet.text(60 + 125 * index, 650, label)
                sheet.text(60 + 125 * index, 638, value)
            else:
                sheet.text(60, 660 - 12 * index, f"{label}: {value}")
        sheet.text(
            60, 60, f"IBAN: {IBANS[:4]} {IBANS[4:8]} {IBANS[8:12]} {IBANS[12:16]} {IBANS[16:20]} {IBANS[20:]}", 8
        )
    _lines(sheet, case, words["lines"])
    _totals(sheet, case, words)
    return TextLayer((sheet.page(),))


def _lines(sheet: Sheet, case: Case, heads: tuple[str, ...]) -> None:
    y = 560.0
    for x, head, right in zip((60, 95, 330, 410, 455, 540), heads, (0, 0, 1, 1, 1, 1), strict=True):
        (sheet.right if right else sheet.text)(x, y, head)
    for index, article in enumerate(case.articles, 1):
        y -= 14
        sheet.text(60, y, str(index))
        sheet.text(95, y, article.name)
        sheet.right(330, y, case.amount(article.quantity, 0))
        sheet.right(410, y, case.amount(article.price))
        sheet.right(455, y, f"{article.rate} %")
        sheet.right(540, y, case.amount(article.net))


def _totals(sheet: Sheet, case: Case, words: dict[str, Any]) -> None:
    y = 560.0 - 14 * (len(case.articles) + 2)

    def total(label: str, value: Decimal) -> None:
        nonlocal y
        sheet.text(330, y, label)
        sheet.right(540, y, case.amount(value) + (" €" if case.layout != "heads" else ""))
        y -= 13

    if case.discount:
        total(words["sum"], case.net + case.discount)
        total(words["discount"], -case.discount)
    total(words["net"], case.net)
    if case.layout == "heads":
        for x, head in zip((330, 440, 540), words["basis"], strict=True):
            sheet.right(x, y, head)
        for rate, (basis, tax) in case.groups.items():
            y -= 13
            sheet.right(330, y, f"{rate} %")
            sheet.right(440, y, case.amount(basis))
            sheet.right(540, y, case.amount(tax))
        y -= 16
    else:
        for rate, (basis, tax) in case.groups.items():
            between = {"de": "auf", "en": "on", "fr": "sur", "it": "su", "es": "sobre", "nl": "over"}[case.language]
            total(f"{words['vat']} {rate} % {between} {case.amount(basis)}", tax)
    total(words["gross"], case.gross)
    sheet.text(60, y, "EUR")


def german_letter(
    facts: list[tuple[str, str]],
    line: tuple[str, ...],
    totals: list[tuple[str, str]],
    *,
    title: str = "Rechnung",
    foot: str = "USt-IdNr. DE136695976",
    sentence: str = "",
) -> TextLayer:
    """Print a German letter with one line, its columns Pos., article, quantity, price, VAT and amount."""
    sheet = Sheet()
    sheet.text(60, 720, "Nordlicht Werkzeuge GmbH · Hafenstraße 7 · 20457 Hamburg", 6)
    for index, text in enumerate(("Blumenhaus Süd AG", "Frau Petra Muster", "Gartenweg 12", "80331 München")):
        sheet.text(60, 704 - 12 * index, text)
    for index, (label, value) in enumerate(facts):
        sheet.text(350, 704 - 12 * index, label)
        sheet.text(460, 704 - 12 * index, value)
    sheet.text(60, 600, title, 14)
    for x, head, text in zip(
        (60, 95, 330, 410, 470, 540), ("Pos", "Artikel", "Menge", "Einzelpreis", "MwSt", "Gesamt"), line, strict=True
    ):
        for y, words in ((560, head), (546, text)):
            if words:
                (sheet.right if x > 200 else sheet.text)(x, y, words)
    for index, (label, value) in enumerate(totals):
        sheet.text(330, 520 - 13 * index, label)
        sheet.right(540, 520 - 13 * index, value)
    if sentence:
        sheet.text(60, 400, sentence)
    sheet.text(60, 70, "Nordlicht Werkzeuge GmbH", 7)
    sheet.text(230, 70, foot, 7)
    sheet.text(400, 70, f"IBAN {IBANS}", 7)
    return TextLayer((sheet.page(),))


def corrupted(layer: TextLayer, page: int, row: int, word: int, text: str) -> TextLayer:
    """Return the layer with one word printed otherwise."""
    rows = list(layer.pages[page].rows)
    words = list(rows[row].words)
    words[word] = words[word]._replace(text=text)
    rows[row] = Row(rows[row].page, tuple(words))
    return replace(
        layer, pages=(*layer.pages[:page], replace(layer.pages[page], rows=tuple(rows)), *layer.pages[page + 1 :])
    )
