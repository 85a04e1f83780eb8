"""Invoices as text layers, with tables of many shapes in six languages: what a printing program would put on paper."""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import NamedTuple

from blocks.standards.pdf.layout import Page, Row, TextLayer, Word

HEADINGS = {
    "de": {
        "pos": ("Pos.", "Pos", "Nr."),
        "article": ("Art.-Nr.", "Artikelnummer", "Artikel-Nr."),
        "name": ("Bezeichnung", "Beschreibung", "Artikelbezeichnung", "Leistung"),
        "quantity": ("Menge", "Anzahl"),
        "unit": ("Einheit", "ME"),
        "price": ("Einzelpreis", "E-Preis", "Preis/Einheit", "EP", "Einzel- preis", "Preis €"),
        "discount": ("Rabatt", "Rabatt %"),
        "vat": ("MwSt.", "USt. %", "Steuersatz", "MwSt-Satz"),
        "amount": ("Gesamtpreis", "Betrag", "Gesamt", "Nettobetrag", "Gesamt- preis", "Summe EUR"),
    },
    "en": {
        "pos": ("No.", "#", "Line"),
        "article": ("Item no.", "SKU", "Article no."),
        "name": ("Description", "Item", "Product"),
        "quantity": ("Qty", "Quantity"),
        "unit": ("Unit", "UoM"),
        "price": ("Unit price", "Price", "Rate", "Unit Price Excl. VAT"),
        "discount": ("Discount", "Disc. %"),
        "vat": ("VAT", "VAT %", "Tax rate"),
        "amount": ("Amount", "Total", "Line total", "Net amount", "Line Amount Excl. VAT"),
    },
    "fr": {
        "pos": ("N°", "Pos.", "Ligne"),
        "article": ("Réf.", "Référence", "Code article"),
        "name": ("Désignation", "Description", "Libellé"),
        "quantity": ("Qté", "Quantité"),
        "unit": ("Unité", "U."),
        "price": ("P.U. HT", "Prix unitaire", "Prix unitaire HT"),
        "discount": ("Remise", "Remise %"),
        "vat": ("TVA", "Taux TVA"),
        "amount": ("Montant HT", "Total HT", "Montant"),
    },
    "it": {
        "pos": ("Pos.", "N.", "Riga"),
        "article": ("Codice", "Cod. articolo"),
        "name": ("Descrizione", "Articolo"),
        "quantity": ("Quantità", "Q.tà"),
        "unit": ("U.M.", "UM"),
        "price": ("Prezzo unitario", "Prezzo"),
        "discount": ("Sconto", "Sconto %"),
        "vat": ("IVA", "Aliquota IVA"),
        "amount": ("Importo", "Totale", "Importo netto"),
    },
    "es": {
        "pos": ("Pos.", "Línea", "N.º"),
        "article": ("Ref.", "Código", "Referencia"),
        "name": ("Descripción", "Concepto", "Artículo"),
        "quantity": ("Cantidad", "Cant.", "Uds."),
        "unit": ("Unidad", "Ud."),
        "price": ("Precio", "Precio unitario", "Precio ud."),
        "discount": ("Dto.", "Descuento"),
        "vat": ("IVA", "% IVA"),
        "amount": ("Importe", "Total", "Importe neto"),
    },
    "nl": {
        "pos": ("Pos.", "Regel", "Nr."),
        "article": ("Artikelnr.", "Artikelcode"),
        "name": ("Omschrijving", "Beschrijving", "Product"),
        "quantity": ("Aantal", "Hoeveelheid"),
        "unit": ("Eenheid", "Eenh."),
        "price": ("Prijs", "Stukprijs", "Prijs per stuk", "Eenheidsprijs"),
        "discount": ("Korting", "Korting %"),
        "vat": ("BTW", "BTW %"),
        "amount": ("Bedrag", "Totaal", "Totaalbedrag"),
    },
}
WORDS = {
    "de": "Schraube verzinkt Montage Winkel Beratung Kabel Stahlrohr Set für Gehäuse Wartung Lieferung grau Typ",
    "en": "Bolt steel mounting bracket consulting cable pipe set for housing maintenance delivery grey type",
    "fr": "Vis zinguée montage équerre conseil câble tube acier lot pour boîtier entretien gris modèle",
    "it": "Vite zincata montaggio staffa consulenza cavo tubo acciaio kit per custodia manutenzione grigio tipo",
    "es": "Tornillo cincado montaje soporte consultoría cable tubo acero juego para caja gris modelo",
    "nl": "Schroef verzinkt montage beugel advies kabel buis staal set voor behuizing onderhoud grijs type",
}
UNITS = {
    "de": ("Stk", "Stück", "Std", "kg", "m"),
    "en": ("pcs", "h", "kg", "m", "each"),
    "fr": ("pce", "h", "kg", "m", "unité"),
    "it": ("pz", "ore", "kg", "m", "nr"),
    "es": ("ud", "h", "kg", "m", "uds"),
    "nl": ("st", "uur", "kg", "m", "stuks"),
}
TOTALS = {
    "de": ("Nettosumme", "zzgl. 19 % MwSt.", "Rechnungsbetrag", "Übertrag"),
    "en": ("Subtotal", "VAT 19 %", "Total due", "Carried forward"),
    "fr": ("Total HT", "TVA 19 %", "Total TTC", "À reporter"),
    "it": ("Totale imponibile", "IVA 19 %", "Totale fattura", "Riporto"),
    "es": ("Base imponible", "IVA 19 %", "Total factura", "Suma y sigue"),
    "nl": ("Totaal excl. btw", "BTW 19 %", "Te betalen", "Transport"),
}
STYLES = {
    "de": (".", ","),
    "en": (",", "."),
    "fr": (" ", ","),
    "ch": ("'", "."),
    "plain": ("", ","),
    "plain_en": ("", "."),
}
CENT = Decimal("0.01")


@dataclass(slots=True)
class Sold:
    """A line as it was sold."""

    name: str
    quantity: Decimal
    unit: str
    price: Decimal
    discount: Decimal
    net: Decimal
    article: str = ""


@dataclass(slots=True)
class Sheet:
    """Words placed on pages; rows come from base lines."""

    size: float = 9.0
    pages: list[dict[float, list[Word]]] = field(default_factory=lambda: [{}])
    space: float = 0.28

    def width(self, text: str) -> float:
        """Return how wide a text is, about as in Helvetica."""
        narrow = sum(letter in "il.,:;'|! " for letter in text)
        return self.size * (0.28 * narrow + 0.55 * (len(text) - narrow))

    def write(self, x: float, y: float, text: str, align: str = "left") -> None:
        """Write a text at a place, its words apart by a space."""
        total = self.width(text)
        at = x - total if align == "right" else x - total / 2 if align == "centre" else x
        for word in text.split(" "):
            wide = self.width(word)
            if word:
                self.pages[-1].setdefault(y, []).append(
                    Word(word, at, y - 0.22 * self.size, at + wide, y + 0.78 * self.size, self.size)
                )
            at += wide + self.space * self.size

    def layer(self) -> TextLayer:
        """Return what was written as a text layer."""
        return TextLayer(
            tuple(
                Page(
                    number,
                    595,
                    842,
                    tuple(
                        Row(number, tuple(sorted(words, key=lambda word: word.left)))
                        for _, words in sorted(page.items(), reverse=True)
                    ),
                )
                for number, page in enumerate(self.pages, 1)
            )
        )


def printed(value: Decimal, places: int, style: str) -> str:
    """Return a number as the style writes it."""
    thousands, mark = STYLES[style]
    whole, _, rest = f"{abs(value):.{places}f}".partition(".")
    groups = []
    while len(whole) > 3 and thousands:
        groups.insert(0, whole[-3:])
        whole = whole[:-3]
    text = thousands.join([whole, *groups]) + (mark + rest if rest else "")
    return f"-{text}" if value < 0 else text


@dataclass(slots=True)
class Invoice:
    """A random invoice: what was sold and how it is printed."""

    seed: int
    sold: list[Sold] = field(default_factory=list)
    layer: TextLayer = field(default_factory=lambda: TextLayer(()))
    how: dict[str, object] = field(default_factory=dict)


def invoice(seed: int, **fixed: object) -> Invoice:
    """Return the invoice of a seed; ``fixed`` sets parts of its look."""
    dice = Random(seed)
    language = dice.choice(sorted(HEADINGS))
    how: dict[str, object] = {
        "language": language,
        "style": dice.choice(["de", "de", "en", "fr", "ch", "plain", "plain_en"]),
        "size": dice.choice([7.0, 8.0, 9.0, 10.0]),
        "align": dice.choice(["right", "right", "right", "centre", "left"]),
        "heading": dice.choice(["as", "as", "left", "centre"]),
        "lines": dice.choice([1, 2, 3, 5, 8, 14]),
        "pos": dice.random() < 0.6,
        "article": dice.random() < 0.4,
        "unit": dice.choice(["column", "beside", "glued", "none", "none"]),
        "discount": dice.random() < 0.2,
        "vat": dice.random() < 0.4,
        "first": dice.choice(["name", "name", "quantity"]),
        "currency": dice.choice(["", "", "", " €", "€"]),
        "wraps": dice.choice([0, 0, 1, 2]),
        "amounts_on": dice.choice(["first", "first", "first", "last"]),
        "repeat": dice.random() < 0.7,
        "carried": dice.random() < 0.4,
        "per_page": dice.choice([4, 6, 20]),
        "groups": dice.random() < 0.15,
        "places": dice.choice([0, 0, 0, 1, 2, 3]),
        "price_places": dice.choice([2, 2, 2, 3, 4]),
        "headed": dice.random() < 0.92,
        "gap": dice.choice([0.0, 0.0, 0.5, 1.0]),
    } | fixed
    made = Invoice(seed, [_sold(dice, how) for _ in range(int(str(how["lines"])))], how=how)
    made.layer = _laid_out(dice, made)
    return made


def _sold(dice: Random, how: dict[str, object]) -> Sold:
    places, price_places = int(str(how["places"])), int(str(how["price_places"]))
    quantity = Decimal(dice.choice([1, 1, 2, 3, 5, 10, 12, 25, 100, 1500])) + (
        Decimal(dice.randrange(10**places)).scaleb(-places) if places else 0
    )
    price = Decimal(dice.randrange(1, 10 ** dice.choice([3, 4, 5, 6]))).scaleb(-2)
    price += Decimal(dice.randrange(10 ** (price_places - 2))).scaleb(-price_places) if price_places > 2 else 0
    discount = Decimal(dice.choice([0, 0, 5, 10, 15])) if how["discount"] else Decimal(0)
    whole = quantity * price
    net = (whole - (whole * discount / 100).quantize(CENT, ROUND_HALF_UP)).quantize(CENT, ROUND_HALF_UP)
    words = WORDS[str(how["language"])].split()
    name = " ".join(dice.sample(words, dice.choice([1, 2, 3])))
    if dice.random() < 0.3:
        name += f" {dice.choice(['10', '2,5', 'M8', '40x20', '316'])}"
    article = f"{dice.choice(['A', 'XZ-', ''])}{dice.randrange(1000, 999999)}"
    return Sold(name, quantity, dice.choice(UNITS[str(how["language"])]), price, discount, net, article)


def _columns(how: dict[str, object]) -> list[tuple[str, float, float]]:
    """Return the columns with their left and right edges."""
    names = [*(["pos"] if how["pos"] else [])]
    body = [*(["article"] if how["article"] else []), "name"]
    counted = ["quantity", *(["unit"] if how["unit"] == "column" else [])]
    names += [*counted, *body] if how["first"] == "quantity" else [*body, *counted]
    names += ["price", *(["discount"] if how["discount"] else []), *(["vat"] if how["vat"] else []), "amount"]
    wide = {"pos": 28, "article": 62, "quantity": 62, "unit": 44, "price": 78, "discount": 48, "vat": 52, "amount": 82}
    name = 515 - sum(wide[each] for each in names if each != "name")
    edges, left = [], 40.0
    for each in names:
        right = left + (name if each == "name" else wide[each])
        edges.append((each, left, right))
        left = right
    return edges


class Paper(NamedTuple):
    """What a table is written on and how: sheet, columns with their edges, look, distance of rows."""

    sheet: Sheet
    columns: list[tuple[str, float, float]]
    how: dict[str, object]
    step: float


def _laid_out(dice: Random, made: Invoice) -> TextLayer:
    how = made.how
    sheet = Sheet(size=float(str(how["size"])))
    language, style = str(how["language"]), str(how["style"])
    step = 1.25 * sheet.size
    sheet.write(40, 790, "Muster Handel GmbH")
    sheet.write(40, 778, "Hauptstraße 12")
    sheet.write(400, 778, "2024-118 / 15.03.2024")
    columns = _columns(how)
    wording = {each: dice.choice(HEADINGS[language][each]) for each, _, _ in columns}
    paper = Paper(sheet, columns, how, step)
    y = 700.0
    if how["headed"]:
        y = _heading(paper, wording, y)
    running = Decimal(0)
    for number, sold in enumerate(made.sold, 1):
        if number > 1 and (number - 1) % int(str(how["per_page"])) == 0:
            if how["carried"]:
                sheet.write(columns[-1][2] - 90, y, TOTALS[language][3], "right")
                _figure(sheet, columns[-1], y, _money(running, how), how)
            sheet.pages.append({})
            y = 760.0
            if how["repeat"] and how["headed"]:
                y = _heading(paper, wording, y)
            if how["carried"]:
                sheet.write(columns[-1][2] - 90, y, TOTALS[language][3], "right")
                _figure(sheet, columns[-1], y, _money(running, how), how)
                y -= 1.6 * step
        if how["groups"] and number % 3 == 1:
            sheet.write(
                next(left for each, left, _ in columns if each == "name"),
                y,
                dice.choice(["Los 1", "Titel A", "Projekt Nord"]),
            )
            y -= 1.5 * step
        running += sold.net
        y = _line(paper, dice, number, sold, y)
    y -= step
    total = running
    tax = (total * 19 / 100).quantize(CENT, ROUND_HALF_UP)
    for label, amount in zip(TOTALS[language][:3], (total, tax, total + tax), strict=True):
        sheet.write(columns[-1][2] - 90, y, label, "right")
        _figure(sheet, columns[-1], y, printed(amount, 2, style) + (" €" if how["currency"] else ""), how)
        y -= 1.3 * step
    sheet.write(40, 60, "IBAN DE02 1203 0000 0000 2020 51 Seite 1")
    return sheet.layer()


def _money(value: Decimal, how: dict[str, object]) -> str:
    text = printed(value, 2, str(how["style"]))
    return f"€{text}" if how["currency"] == "€" else text + str(how["currency"])


def _heading(paper: Paper, wording: dict[str, str], y: float) -> float:
    sheet, columns, how, step = paper
    rows = max(2 if "- " in text or len(text.split()) > 2 else 1 for text in wording.values())
    for each, left, right in columns:
        text = wording[each]
        parts = text.split("- ") if "- " in text else text.rsplit(" ", 2) if len(text.split()) > 2 else [text]
        parts = (
            [f"{parts[0]}-", parts[1]] if "- " in text else [parts[0], " ".join(parts[1:])] if len(parts) > 1 else parts
        )
        align = (
            "left"
            if each in {"pos", "article", "name", "unit"}
            else str(how["align"] if how["heading"] == "as" else how["heading"])
        )
        for row, part in enumerate(parts):
            sheet.write(_edge(left, right, align), y - row * step, part, align)
    return y - (rows + 0.6) * step


def _edge(left: float, right: float, align: str) -> float:
    return right - 6 if align == "right" else (left + right) / 2 if align == "centre" else left + 1


def _figure(sheet: Sheet, column: tuple[str, float, float], y: float, text: str, how: dict[str, object]) -> None:
    align = str(how["align"])
    sheet.write(_edge(column[1], column[2], align), y, text, align)


def _line(paper: Paper, dice: Random, number: int, sold: Sold, y: float) -> float:
    sheet, columns, how, step = paper
    style = str(how["style"])
    more = [" ".join(dice.sample(WORDS[str(how["language"])].split(), 3)) for _ in range(int(str(how["wraps"])))]
    names = [sold.name, *more]
    at = y - (len(names) - 1) * step if how["amounts_on"] == "last" else y
    quantity = printed(sold.quantity, int(str(how["places"])), style)
    quantity += {"beside": f" {sold.unit}", "glued": sold.unit}.get(str(how["unit"]), "")
    texts = {
        "quantity": quantity,
        "price": printed(sold.price, int(str(how["price_places"])), style),
        "discount": f"{sold.discount} %" if sold.discount else "",
        "vat": "19 %",
        "amount": _money(sold.net, how),
    }
    for column in columns:
        each, left, _ = column
        if each == "name":
            for row, text in enumerate(names):
                sheet.write(left + 1, y - row * step, text)
        elif each in {"pos", "article", "unit"}:
            sheet.write(left + 1, at, {"pos": str(number), "article": sold.article, "unit": sold.unit}[each])
        elif texts[each]:
            _figure(sheet, column, at, texts[each], how)
    return y - (len(names) + float(str(how["gap"]))) * step
