"""Tells a data sheet from papers that list things as well: invoices, orders, delivery notes."""

import re

from blocks.standards.pdf.layout import TextLayer
from blocks.standards.product_data.datasheets.vocabulary import vocabulary

_TITLES = {
    paper: re.compile(
        rf"^\W*(?:{'|'.join(words)})(?:\s*(?:nr|no|number|n°|num)?\.?\s*[:#]?\s*\S*\d\S*)?\W*$", re.IGNORECASE
    )
    for paper, words in vocabulary()["papers"].items()
    if paper != "signs"
}
_SIGNS = tuple(re.compile(sign, re.IGNORECASE) for sign in vocabulary()["papers"]["signs"])
_LEAST_SIGNS = 2


def other_paper(layer: TextLayer) -> str:
    """Return what else a document is than a data sheet, such as 'an invoice'; '' for none of them."""
    rows = [row.text for row in layer.pages[0].rows]
    text = "\n".join(rows)
    signs = sum(bool(sign.search(text)) for sign in _SIGNS)
    for paper, title in _TITLES.items():
        if signs >= _LEAST_SIGNS and any(title.match(row) for row in rows):
            return str(paper)
    return "an invoice" if signs > _LEAST_SIGNS + 1 else ""
