"""One product page → the product it is about, with the place of each value."""

from blocks.documents.product_data import ProductData, ProductMedium, ProductText, Spot
from blocks.errors import Unreadable
from blocks.standards.product_data.findings import Findings
from blocks.standards.product_data.pages import words
from blocks.standards.product_data.pages.attributes import attributes_of
from blocks.standards.product_data.pages.choosing import brand_chosen, name_of, stock_chosen
from blocks.standards.product_data.pages.evidence import Evidence, country_of
from blocks.standards.product_data.pages.lines import lines_of
from blocks.standards.product_data.pages.markup import products_of
from blocks.standards.product_data.pages.markup_products import plain_text
from blocks.standards.product_data.pages.numbers import gtin_chosen, mpn_chosen, sku_chosen
from blocks.standards.product_data.pages.pairs import pairs_of
from blocks.standards.product_data.pages.parsing import Page, parsed
from blocks.standards.product_data.pages.paying import price_chosen
from blocks.standards.product_data.pages.subject import Subject, subject_of
from blocks.standards.product_data.pages.votes import Candidate
from blocks.standards.product_data.pages.zones import CRUMBS, DEAD

words.load()  # once, with the module: no page waits for it
_MOST_MEDIA = 40
_LONGEST_TEXT = 20_000


def read_page(data: bytes, findings: Findings, *, url: str = "", charset: str = "") -> ProductData:
    """Return the product a page is about.

    Args:
        data: The page as served, not compressed.
        findings: Contradictions and what could not be read are noted here, in whole sentences.
        url: Address it came from, '' where unknown; decides between shared currency signs.
        charset: The one the server named.

    Raises:
        Unreadable: There is no element and no text in it.
    """
    page = parsed(data, findings, charset=charset)
    subject = subject_of(page, products_of(page, findings))
    if page.left_out and not subject.is_clear():  # what is called a list or a card may hold the product itself
        page = parsed(data, findings, charset=charset, whole=True)
        subject = subject_of(page, products_of(page, findings))
    if not page.tags or not (any(not piece.isspace() for piece in page.pieces) or page.scripts):
        raise Unreadable("The page is empty: there is no text in it.")
    lines = lines_of(page)
    evidence = Evidence(page, subject, lines, pairs_of(page, lines), findings, country_of(page, url))
    return _product(evidence)


def _product(evidence: Evidence) -> ProductData:
    page, subject = evidence.page, evidence.subject
    name = name_of(evidence)
    gtin = gtin_chosen(evidence)
    sku = sku_chosen(evidence)
    mpn = mpn_chosen(evidence, sku.value if sku else "")
    brand = brand_chosen(evidence, name.value if name else "")
    price = price_chosen(evidence)
    stock = stock_chosen(evidence)
    if not (name or gtin or sku or price.amount is not None):
        evidence.findings.lost("No product was found on the page: it has no heading, number or price of one.")
    chosen = {"name": name, "gtin": gtin, "sku": sku, "mpn": mpn, "brand": brand, "availability": stock}
    spots = {field: Spot(selector=each.place[-500:]) for field, each in chosen.items() if each and each.place}
    if price.place:
        spots["price"] = Spot(selector=price.place[-500:])
    return ProductData(
        **{field: each.value if each else None for field, each in chosen.items()},
        price=price.amount,
        currency=price.currency,
        attributes=attributes_of(page, subject, evidence.pairs),
        texts=_texts(subject),
        media=_media(subject),
        category=_category(page, subject, name),
        spots=spots,
    )


def _texts(subject: Subject) -> tuple[ProductText, ...]:
    texts = dict.fromkeys(
        plain_text(text)[:_LONGEST_TEXT] for product in subject.products for text in product.descriptions
    )
    return tuple(ProductText(kind="description", text=text) for text in texts if text.strip())


def _media(subject: Subject) -> tuple[ProductMedium, ...]:
    images = dict.fromkeys(image for product in subject.products for image in product.images)
    return tuple(ProductMedium(address=image[:2000]) for image in list(images)[:_MOST_MEDIA] if image.strip())


def _category(page: Page, subject: Subject, name: Candidate | None) -> str | None:
    """Return the path of the bread crumbs, else the markup's category."""
    for node, zone in enumerate(page.zones):
        if zone & CRUMBS and not zone & DEAD and page.last[node] - page.first[node] < 120:
            steps = [
                " ".join(line.split()).strip(" /›»>|") for line in page.text(node, without=DEAD, lines=True).split("\n")
            ]
            kept = [step for step in steps if step and (not name or step != name.value)]
            if len(kept) > 1:
                return " > ".join(kept)[:500]
    return next((category for product in subject.products for category in product.categories), None)
