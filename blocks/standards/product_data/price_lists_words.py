"""What the heads of price lists call things, in the languages suppliers write them in.

A head is folded first: small letters, umlauts and accents plain, words parted (also ``priceAmount1``), a number at its
end taken off. The first pattern that fits wins, so the narrower ones stand before the wider.
"""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


class Role(StrEnum):
    """What a column holds."""

    ARTICLE = "article"
    GTIN = "gtin"
    MPN = "mpn"
    NAME = "name"
    LONG = "long"
    BRAND = "brand"
    PRICE = "price"
    CURRENCY = "currency"
    STEP = "step"
    CATEGORY = "category"
    KEYWORD = "keyword"
    MEDIUM = "medium"
    MEDIUM_PURPOSE = "medium purpose"
    AVAILABILITY = "availability"
    ATTRIBUTE_NAME = "attribute name"
    ATTRIBUTE_VALUE = "attribute value"
    ATTRIBUTE_UNIT = "attribute unit"
    TRADE = "trade"
    """How it is sold: order units, packaging, terms, taxes, validity; no attribute of the product."""
    OTHER = "other"


IDENTIFYING = frozenset({Role.ARTICLE, Role.GTIN, Role.MPN})
TELLING = IDENTIFYING | {Role.NAME, Role.PRICE, Role.BRAND}
"""Roles by which a head is known."""


class Meaning(NamedTuple):
    """What a head means: ``rank`` orders columns of one role, the lowest is preferred; ``number`` ends its name."""

    role: Role
    rank: int
    number: str = ""


_NUMBER_OF = (
    r"(?:nr|no|num|nummer|numero|number|n|code|codigo|codice|kode|kod|id|aid|pid|ref|reference|referenz|sku|cod)"
)
_THING = r"(?:art|artikel|article|articulo|articolo|item|produkt|product|produit|prodotto|producto|material|teile|part|waren)"
_MAKER = r"(?:herst|hersteller|manufacturer|maker|mfr|mfg|fabricant|fabrikant|produttore|fabricante|producent|producenta|brand)"
_WORDS: tuple[tuple[Role, str], ...] = (
    (Role.TRADE, r"(?:price|preis|prix)? ?(?:type|typ|art|factor|faktor)|.*\b(?:valid|gultig|validite|datum|date|stand)\b.*"),
    (Role.TRADE, r"(?:\w+ )*?(?:price|preis|prix|prezzo) ?(?:quantity|menge|einheit|unit|basis|per|je)|pe"),
    (Role.TRADE, r"tax|mwst.*|ust.*|vat.*|tva.*|iva.*|btw.*|(?:\w+ )?(?:steuer|tax) ?\w*|.*rabatt.*|.*discount.*|.*remise.*"),
    (Role.MEDIUM_PURPOSE, r"(?:mime|media|bild|image) ?(?:purpose|zweck|type|typ|art|order|description|beschreibung|alt)"),
    (Role.MEDIUM, r"mime ?source|(?:\w+ )?(?:bild|image|picture|photo|foto|immagine|imagen)(?:er|s|datei|link|adresse)?"
                  r"(?: ?(?:url|link|datei|file|\d))?|(?:\w+ )?(?:url|link|deeplink)|daten ?blatt|data ?sheet|fiche technique"),
    (Role.ATTRIBUTE_NAME, r"(?:attribute?|merkmal|eigenschaft|feature|property|f) ?(?:s ?)?(?:name|bezeichnung|title)"
                          r"|merkmal|attribut|attribute"),
    (Role.ATTRIBUTE_VALUE, r"(?:attribute?s?|merkmals?|eigenschafts?|feature|property|f) ?(?:value|wert|valeur)|wert|value"),
    (Role.ATTRIBUTE_UNIT, r"(?:attribute?s?|merkmals?|eigenschafts?|feature|property|f) ?(?:unit|einheit|unite)"),
    (Role.KEYWORD, r"keywords?|schlagworte?|stichworte?|suchbegriffe?|mots cles|search terms?"),
    (Role.CURRENCY, r"(?:price|preis|prix)? ?(?:currency|wahrung|devise|valuta|moneda|monnaie|waluta|wkz)"),
    (Role.STEP, r"lower ?bound|staffel(?: ?(?:menge|ab))?|ab menge|menge ab|from quantity|quantity from|qty break|a partir de"),
    (Role.GTIN, r"(?:\w+ )?(?:gtin|ean|upc|jan)(?: ?(?:\d{1,2}|code|nr|nummer|number|no|upc|ean|gtin|barcode|stuck|piece))*"
                r"|(?:\w+ )?bar ?codes?|strich ?code|codes? (?:a )?barres?|codice a barre|codigo de barras|streepjes ?code"),
    (Role.MPN, rf"{_MAKER}s? ?(?:{_THING} ?)?s?{_NUMBER_OF}\b.*|{_THING} ?{_NUMBER_OF}? (?:des |du |of )?{_MAKER}s?"
               rf"|{_NUMBER_OF} {_MAKER}|mpn|(?:manufacturer )?part ?(?:number|no|nr)|oem ?{_NUMBER_OF}?|{_MAKER} ?artikel ?{_NUMBER_OF}"),
    (Role.ARTICLE, rf"(?:supplier|lieferanten?|leverancier|fournisseur|fornitore|proveedor) ?(?:{_THING} ?)?{_NUMBER_OF}"),
    (Role.ARTICLE, rf"{_THING} ?s?{_NUMBER_OF}|(?:best|bestell|order|ordering|sach|material|katalog|catalogue|catalog) ?{_NUMBER_OF}"
                   rf"|sku|artnr|artikelnr|{_NUMBER_OF} ?(?:d |de |di |del )?{_THING}|reference|referenz|ref|codice|codigo|indeks|numer katalogowy"),
    (Role.ARTICLE, r"nummer|number|code|id|artikel|article"),
    (Role.LONG, r"(?:description|text|beschreibung) ?(?:long|lang|longue|detaillee|lunga|larga)|lang ?text|long ?(?:description|text)"
                r"|(?:produkt|artikel|product)? ?beschreibung(?: lang)?|details|description longue|descripcion larga"),
    (Role.NAME, r"(?:description|bezeichnung|text) ?(?:short|kurz|courte)|kurz ?(?:text|bezeichnung|beschreibung)|short ?(?:description|text)"),
    (Role.NAME, rf"(?:{_THING} ?s?)?(?:bezeichnung|name|titel|title|text|nazwa|naam|nombre|nom|libelle|description|descrizione|descripcion"
                r"|denominazione|designation|denominacion|omschrijving)(?: \w{1,3})?|bezeichnung ?\d?"),
    (Role.NAME, r"produkt|product|produit|prodotto|producto|item|modell?|modele"),
    (Role.BRAND, r"(?:manufacturer|hersteller|brand|fabricant|produttore) ?(?:name|bezeichnung)?|marke|marque|marca|merk|fabrikant"
                 r"|fabricante|producent|maker|vendor|brand name|hersteller marke"),
    (Role.PRICE, r"price ?amount"),
    (Role.PRICE, r"(?:listen|brutto listen|katalog|list|catalogue|tarif|catalog) ?(?:preis|price)e?s?\b.*|prix (?:public|tarif|catalogue)\b.*"
                 r"|prezzo (?:di )?listino\b.*|precio (?:de )?(?:lista|tarifa)\b.*|(?:bruto ?|advies)prijs\b.*|cena katalogowa\b.*"),
    (Role.PRICE, r"(?:uvp|rrp|msrp|srp|vk|evp|ppc|pvp|ladenpreis)\b.*|(?:verkaufs|endkunden|retail|selling) ?(?:preis|price)\b.*"
                 r"|(?:unverbindliche|recommended|empfohlener)\b.*"),
    (Role.PRICE, r"(?:einzel|stuck|unit|unitario|unitaire)? ?(?:preis|price|prix|prezzo|precio|prijs|cena|preco|pris)e?s?\b(?! ?(?:einheit|gruppe|group)).*"
                 r"|prix unitaire\b.*|prezzo unitario\b.*"),
    (Role.PRICE, r"(?:ek|hek|netto|net|nettopreis|brutto|gross|einkaufs ?preis|purchase price|cost|handlerpreis|dealer price|your price|ihr preis)\b.*"),
    (Role.PRICE, r"(?:\w+ ){0,2}\w*(?:preis|price)"),
    (Role.AVAILABILITY, r"verfugbar(?:keit)?|availability|disponibilite|disponibilita|lieferbar(?:keit)?|stock status|beschikbaarheid"),
    (Role.CATEGORY, r"(?:produkt|waren|artikel|haupt|unter|product)? ?(?:gruppe|kategorie|category|group|famille|famiglia|familia|categorie"
                    r"|categoria|rubrik|sortiment|segment|class ?name|klasse)\b.*|(?:waren|artikel|produkt)gruppe\b.*|categorie\w*"),
    (Role.TRADE, r"(?:order|content|sales|packing|packaging|bestell|mengen|verpackungs|verkaufs|basis|lager)? ?(?:unit|einheit|quantity|menge|me|ve|vpe|moq|uom)"
                 r"|(?:quantity|menge|mindest|minimum|min)\b.*|(?:vpe|ve|me|vp|pack|gebinde|colis|conditionnement|inhalt)\b.*|.*lieferzeit.*"
                 r"|.*delivery ?time.*|delai.*|(?:class|article|art) ?type|pos(?:ition)?|lfd ?nr|bestand|lagerbestand|stock|aktion|bemerkung(?:en)?"
                 r"|remarks?|status|(?:mime|sort) ?order|special treatment.*|referenc.* type|.*referenced.*|rg|rabattgruppe|einheit|unit|unite|anzahl|qty"),
)  # fmt: skip
_PATTERNS = tuple((role, re.compile(words)) for role, words in _WORDS)
_PARTED = re.compile(r"(?<=[a-zäöüß])(?=[A-Z])")
_LAST_NUMBER = re.compile(r"^(.*?[a-z])\s?(\d{1,3})$")
_NOTE = re.compile(r"[\[(][^\])]{0,40}[\])]")
_CODES = frozenset({"ean", "gtin", "upc", "jan"})


def folded(text: str) -> str:
    """Return a head as it is compared."""
    parted = _PARTED.sub(" ", " ".join(text.split()))
    plain = unicodedata.normalize("NFKD", parted.casefold().replace("ß", "ss"))
    kept = "".join(sign if sign.isalnum() else " " for sign in plain if not unicodedata.combining(sign))
    return " ".join(kept.split())


@lru_cache(maxsize=4096)
def meaning_of(head: str) -> Meaning:
    """Return what a head means; OTHER where no word of it is known."""
    if len(head) > _LONGEST_HEAD:
        return Meaning(Role.OTHER, 0)
    whole = folded(head)
    for text in dict.fromkeys((whole, folded(_NOTE.sub(" ", head)))):
        numbered = _LAST_NUMBER.match(text)
        stem, number = (numbered[1], numbered[2]) if numbered and numbered[1] not in _CODES else (text, "")
        for rank, (role, pattern) in enumerate(_PATTERNS):
            if stem and (pattern.fullmatch(stem) or pattern.fullmatch(text)):
                return Meaning(role, rank, number)
    return Meaning(Role.OTHER, 0)


_LONGEST_HEAD = 80
