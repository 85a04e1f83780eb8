"""Which name, brand and availability a page gives: markup, labels, words and scripts vote; what is seen wins."""

from blocks.standards.product_data.pages.evidence import WEIGHTS, Evidence
from blocks.standards.product_data.pages.markup_products import plain_text
from blocks.standards.product_data.pages.stock import is_gone, seen_stock, state_named
from blocks.standards.product_data.pages.subject import likeness, without_shop
from blocks.standards.product_data.pages.votes import Ballot, Candidate
from blocks.standards.product_data.pages.words import field_of, folded, is_no_brand
from blocks.standards.product_data.pages.zones import ASIDE, BRAND, CRUMBS, DEAD, HIDDEN, OPTIONS

_LONGEST_BRAND = 60
_LEAST_TO_CONTRADICT = 2.5
"""What must speak for words on the page, so that they count against the markup."""


def name_of(evidence: Evidence) -> Candidate | None:
    """Return the product's name: the heading where title or markup speak of it too, else what they say."""
    subject, page = evidence.subject, evidence.page
    ballot = Ballot(folded)
    title = without_shop(subject.title, subject.heading)
    if subject.heading:
        echo = max((likeness(subject.heading, name) for each in subject.products for name in each.names), default=0.5)
        ballot.add(
            subject.heading,
            1.0 + 2.0 * likeness(subject.heading, title) + echo,
            "heading",
            page.selector(subject.node),
            seen=True,
        )
    for product in subject.products:
        weight = WEIGHTS[product.syntax] * (0.7 if product.syntax == "opengraph" else 1.0)
        for name in product.names[:1]:
            cut = without_shop(name, subject.heading) if product.syntax == "opengraph" else plain_text(name)
            ballot.add(cut, weight, product.syntax, product.place)
    ballot.add(title, 0.8, "title", "title")
    return ballot.winner()


def brand_chosen(evidence: Evidence, name: str) -> Candidate | None:
    """Return the brand by label, markup, link or logo of the product's box, scripts; the name's own counts more."""
    ballot = Ballot(folded)
    page, subject = evidence.page, evidence.subject
    for pair in evidence.pairs:
        if pair.field == "brand" and not page.zones[pair.node] & (ASIDE | OPTIONS):
            weight = 2.6 if folded(pair.label) not in _MAKERS else 2.2
            _offer_brand(ballot, pair.value, weight, "label", name, place=page.selector(pair.node), seen=True)
    for product in subject.products:
        for text in product.brands[:1]:
            _offer_brand(ballot, text, WEIGHTS[product.syntax] + 0.5, product.syntax, name, place=product.place)
        for text in product.makers[:1]:
            _offer_brand(ballot, text, WEIGHTS[product.syntax] - 0.5, product.syntax, name, place=product.place)
    _brand_nodes(evidence, ballot, name)
    if not ballot.candidates and (text := evidence.script_state().get("brand", "")):
        _offer_brand(ballot, text, 1.0, "script", name, place="script")
    return ballot.winner(least=0.9)


_MAKERS = frozenset(
    folded(word)
    for word in (
        "Hersteller",
        "Manufacturer",
        "Fabricant",
        "Fabricante",
        "Produttore",
        "Fabrikant",
        "Producent",
        "Výrobce",
        "Výrobca",
        "Vendor",
        "by",
    )
)


def _offer_brand(
    ballot: Ballot, text: str, weight: float, source: str, name: str, *, place: str = "", seen: bool = False
) -> None:
    text = " ".join(plain_text(text).split()).strip(" :>|-")
    if (
        not text
        or len(text) > _LONGEST_BRAND
        or is_no_brand(text)
        or "://" in text
        or text.startswith("/")
        or field_of(text) == "brand"
    ):
        return
    if not any(map(str.isalpha, text)) or len(text.split()) > 7:
        return
    echo = 0.6 if folded(text) and folded(text) in folded(name) else 0.0
    ballot.add(text, weight + echo, source, place, seen=seen)


def _brand_nodes(evidence: Evidence, ballot: Ballot, name: str) -> None:
    """Put up links, logos and texts in the product's box that are named after a brand."""
    page, subject = evidence.page, evidence.subject
    flat = folded(name)
    low, high = (subject.node - 120, subject.node + 200) if subject.node >= 0 else (0, 0)
    for node in range(max(0, low), min(high, len(page.tags))):
        zone, tag = page.zones[node], page.tags[node]
        if not (zone & BRAND or tag in {"a", "img"}):
            continue
        attributes = page.attributes[node]
        if zone & (ASIDE | DEAD | HIDDEN | OPTIONS) or page.last[node] - page.first[node] > 8:
            continue
        linked = _leads_to_brand(attributes)
        if tag == "img":  # the logo in a brand's box or link
            around = list(page.ancestors(node, 2))
            zone |= (
                BRAND if any(page.own[each] & BRAND or _leads_to_brand(page.attributes[each]) for each in around) else 0
            )
        if not (zone & BRAND or linked):
            continue
        text = attributes.get("alt", "") if tag == "img" else page.text(node) or attributes.get("title", "")
        label, colon, rest = text.partition(":")
        if colon and field_of(label) == "brand":
            text = rest
        near = folded(text) != "" and folded(text) in flat
        if zone & CRUMBS and not near:
            continue
        _offer_brand(
            ballot,
            text,
            1.2 if near else 0.9 if zone & BRAND or linked else 0.5,
            "brand box",
            name,
            place=page.selector(node),
            seen=True,
        )


def _leads_to_brand(attributes: dict[str, str]) -> bool:
    """Say whether a link leads to the page of a brand."""
    href = attributes.get("href", "").lower()
    return bool(href) and any(part in href for part in _BRAND_PATHS)


_BRAND_PATHS = (
    "/brand/",
    "/brands/",
    "/marke/",
    "/marken/",
    "/hersteller/",
    "/marque/",
    "/marques/",
    "/marca/",
    "/marcas/",
    "/manufacturer",
    "/producent/",
    "/znacka/",
    "/vyrobce/",
    "/vyrobca/",
    "brand=",
    "marke=",
    "/merk/",
    "/merken/",
    "/producer/",
    "/brand-",
    "/marchi/",
    "/razotaj",
    "/kaubamark",
    "/proizvajalec/",
)


def stock_chosen(evidence: Evidence) -> Candidate | None:
    """Return whether the product can be had: words near it, else the markup, else the button to buy."""
    page, subject = evidence.page, evidence.subject
    said = [(state_named(offer.availability), product.place, product.syntax)
            for product in subject.products
            for offer in (product.offers or [offer for variant in product.variants for offer in variant.offers])
            if offer.availability]  # fmt: skip
    named = [(state, place, syntax) for state, place, syntax in said if state]
    markup = next((each for each in named if each[0] and not is_gone(each[0])), named[0] if named else None)
    seen = seen_stock(page, evidence.lines, subject.node)
    best = seen[0] if seen else None
    if best and markup:
        if is_gone(best.state) == is_gone(markup[0] or "") or best.score < _LEAST_TO_CONTRADICT:
            return Candidate(markup[0] or "", 2.0, markup[2], markup[1])
        evidence.findings.say(
            f"The page says '{best.text[:80]}' ({best.state}), its markup says {markup[0]}; "
            "what the page shows was taken."
        )
        return Candidate(best.state, best.score, "page", page.selector(best.node), seen=True)
    if best and best.score >= 1.0:
        return Candidate(best.state, best.score, "page", page.selector(best.node), seen=True)
    if markup:
        return Candidate(markup[0] or "", 2.0, markup[2], markup[1])
    state = state_named(evidence.script_state().get("availability", ""))
    return Candidate(state, 0.8, "script", "script") if state else None
