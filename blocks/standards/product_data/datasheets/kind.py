"""Tells a data sheet from papers that list things as well: invoices, orders, delivery notes."""

import re

from blocks.standards.pdf.layout import TextLayer

_PAPERS = {
    "an invoice": r"invoice|tax invoice|rechnung|facture|fattura|factura|factuur|faktura|credit note|gutschrift",
    "an order": r"purchase order|bestellung|auftragsbestätigung|order confirmation|bon de commande|ordine",
    "a delivery note": r"delivery note|packing list|lieferschein|bon de livraison",
}
_TITLES = {
    paper: re.compile(rf"^\W*(?:{words})(?:\s*(?:nr|no|number|n°|num)?\.?\s*[:#]?\s*\S*\d\S*)?\W*$", re.IGNORECASE)
    for paper, words in _PAPERS.items()
}
_SIGNS = (
    re.compile(r"\b(?:invoice|rechnungs?|facture|fattura|factura|factuur|order|bestell|auftrags|liefer\w*)[- ]?(?:number|no\.?|nr\.?|nummer|datum|date)\b", re.IGNORECASE),
    re.compile(r"\bIBAN\b|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b"),
    re.compile(r"\b(?:VAT|USt|MwSt|TVA|IVA|BTW)\b", re.IGNORECASE),
    re.compile(r"\b(?:total|summe|gesamtbetrag|montant|totale|zahlbar|amount due|net à payer)\b", re.IGNORECASE),
    re.compile(r"\b(?:bill to|ship to|kundennummer|customer (?:no|number)|lieferanschrift|rechnungsadresse)\b", re.IGNORECASE),
)
_LEAST_SIGNS = 2


def other_paper(layer: TextLayer) -> str:
    """Return what else a document is than a data sheet, such as 'an invoice'; '' for none of them."""
    rows = [row.text for row in layer.pages[0].rows]
    text = "\n".join(rows)
    signs = sum(bool(sign.search(text)) for sign in _SIGNS)
    for paper, title in _TITLES.items():
        if signs >= _LEAST_SIGNS and any(title.match(row) for row in rows):
            return paper
    return "an invoice" if signs > _LEAST_SIGNS + 1 else ""
