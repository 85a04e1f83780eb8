"""The words of table headings in German, English, French, Italian, Spanish and Dutch."""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache


class Role(StrEnum):
    """What a column of a line table holds."""

    POSITION = "position"
    NAME = "name"
    ARTICLE = "article"
    BUYER_ARTICLE = "buyer_article"
    GTIN = "gtin"
    QUANTITY = "quantity"
    UNIT = "unit"
    PRICE = "price"
    BASE = "base"
    DISCOUNT = "discount"
    VAT = "vat"
    VAT_AMOUNT = "vat_amount"
    AMOUNT = "amount"
    GROSS = "gross"
    OTHER = "other"

    __hash__ = str.__hash__  # that of an enumeration is a call into Python, and columns are looked up by role


NUMERIC = frozenset(
    {
        Role.QUANTITY,
        Role.PRICE,
        Role.BASE,
        Role.DISCOUNT,
        Role.VAT,
        Role.VAT_AMOUNT,
        Role.AMOUNT,
        Role.GROSS,
    }
)

_TAX = r"(?:mwst|mehrwertsteuer|ust|umsatzsteuer|steuer|vat|tax|gst|tva|taxe|iva|imposta|btw)"
_SUM = (
    r"(?:betrag|summe|gesamt|wert|entgelt|total|amount|montant|importe|importo|bedrag|totaal|totale|value|umsatz|"
    r"valore)"
)
_INCLUDING = r"(?:brutto|ttc|inkl|incl|gross|ivato|taxin|conlva|coniva)"
_RULES: tuple[tuple[Role, re.Pattern[str]], ...] = tuple(
    (role, re.compile("|".join(patterns)))
    for role, patterns in (
        (
            Role.OTHER,
            (
                r"zeitraum",
                r"datum$",
                r"^(?:qty|quantity|menge)?(?:ordered|bestellt|backorder|rueckstand|ruckstand)",
            ),
        ),
        (
            Role.GTIN,
            (
                r"gtin",
                r"^ean",
                r"barcode",
            ),
        ),
        (
            Role.BUYER_ARTICLE,
            (
                r"artnrkunde",
                r"kundenart",
                r"(?:ihre|your|votre|vostro|uw)(?:art|item|ref|code)",
                r"codeclient",
                r"customeritem",
                r"artkunde",
            ),
        ),
        (
            Role.BASE,
            (
                r"^(?:pe|per|pro|je)$",
                r"preiseinheit",
                r"preisbasis",
                r"basismenge",
                r"priceunit",
                r"pricebase",
                r"pricebasis",
                r"preismenge",
                r"prijseenheid",
                r"(?:pour|for)pu",
                r"unitedeprix",
                r"vkegeb",
                r"vpe",
            ),
        ),
        (
            Role.UNIT,
            (
                r"mengeneinheit",
                r"^(?:me|einh?|einheit(?:en)?|eh|um|udm|unite|unit|units|unita|ud|unidad|uom|eenh|eenheid|mengeinh|unitofmeasure|unitadimisura|umis)$",
            ),
        ),
        (
            Role.PRICE,
            (
                r"hourlyrate",
                r"dailyrate",
                r"(?:taux|tarif)(?:horaire|journalier)",
                r"uurtarief",
                r"dagtarief",
                r"^€(?:std|stk|h|st|me|einheit)",
                r"^einzel(?:€|eur)$",
                r"^p(?:rix)?unit",
                r"^vk(?:€|eur)?$",
                r"^tjm",
                r"einzelpr",
                r"stuckpr",
                r"nettopr(?!eisge)",
                r"einheitspr",
                r"listenpr",
                r"bruttopreis",
                r"verkaufspreis",
                r"epreis",
                r"^e?pr(?:eis)?$",
                r"^ep(?:eur|netto|in|€|$)",
                r"^preis(?!liste)",
                r"preisje",
                r"preispro",
                r"preisst",
                r"unitpr",
                r"price(?:per|pro)",
                r"unitcost",
                r"unitvalue",
                r"unitrate",
                r"^rate",
                r"^price(?!total)",
                r"listprice",
                r"netprice",
                r"grossprice",
                r"salesprice",
                r"(?:stunden|std|tages|verrechnungs)satz",
                r"^satz(?:eur|€)?$",
                r"prixu",
                r"^pu",
                r"^prix(?!total)",
                r"prixnet",
                r"prixht",
                r"coutunit",
                r"tarifu",
                r"montantunit",
                r"prezzo(?!totale)",
                r"^prunit",
                r"preciou",
                r"^precio(?!total)",
                r"prijs",
                r"^tarief",
                r"^tarif",
                r"stukspr",
                r"eenheidspr",
                r"^einzel(?:betrag)?$",
                r"priceeur",
                r"itemprice",
                r"^cost$",
                r"valorunit",
                r"importeunit",
            ),
        ),
        (
            Role.DISCOUNT,
            (
                r"^sconti",
                r"^%(?:rem|dto|dcto|desc|rab|disc|sc)",
                r"rabatt",
                r"nachlass",
                r"nachlasse",
                r"remise",
                r"^rem",
                r"discount",
                r"^disc",
                r"sconto",
                r"^sc$",
                r"descuento",
                r"^dt?o",
                r"^dcto",
                r"korting",
                r"rabais",
                r"abschlag",
                r"zuschlag",
                r"^rab",
                r"allowance",
                r"charge(?!able)",
            ),
        ),
        (
            Role.VAT_AMOUNT,
            (
                rf"{_TAX}(?:er)?(?:{_SUM})",
                rf"(?:{_SUM})(?:de|di|del|of)?(?:la|l)?(?:{_TAX})(?:eur|€)?$",
            ),
        ),
        (
            Role.GROSS,
            (
                rf"(?:{_SUM}|price|preis|prix).*{_INCLUDING}",
                rf"{_INCLUDING}.*(?:{_SUM}|preis)",
                r"^(?:brutto|ttc|gross)(?:eur|€)?$",
                rf"^(?:mit|with|avec){_TAX}",
            ),
        ),
        (
            Role.VAT,
            (
                rf"{_TAX}satz",
                rf"^%?(?:taux|aliquota|rate|tipo|satz)?(?:de|di)?{_TAX}(?:rate|%|cd|code|kz|sl|schlussel|id|klasse|in|es|tarief|s)?$",
                rf"^{_TAX}[a-z]{{0,2}}%?$",
                r"aliq",
                r"steuersatz",
            ),
        ),
        (
            Role.AMOUNT,
            (
                r"gesamtpr",
                r"(?:prix|precio|prezzo|price)total",
                r"^gp",
                r"^gesamt",
                r"^summe",
                r"positions(?:betrag|summe|wert)",
                rf"^{_SUM}",
                rf"{_SUM}$",
                rf"{_SUM}(?:eur|€|chf|usd|gbp|netto|net|ht|in|sd|ohne|excl|exkl|hors|esclusa|sin|zonder)",
                r"netamount",
                r"^netto(?:eur|€)?$",
                r"^net(?:eur|€)?$",
                r"^ht$",
                r"lineamount",
                r"linetotal",
                r"extended",
                r"^ext",
                r"^subtotal",
                r"^soustotal",
                r"regeltotaal",
                r"imponibile",
                r"^baseimp",
                r"^eur(?:o)?$",
                r"^€$",
                r"^chf$",
                r"^importe",
            ),
        ),
        (
            Role.QUANTITY,
            (
                r"^st$",
                r"shipped|geliefert|^livree?s?$",
                r"^jours$",
                r"^giorni$",
                r"^dagen$",
                r"menge",
                r"anzahl",
                r"^qty",
                r"quant",
                r"^qte",
                r"^qta",
                r"^cant",
                r"aantal",
                r"hoeveel",
                r"^(?:stunden|std|hours?|hrs|heures|ore|horas|uren)",
                r"^nombre",
                r"^nb",
                r"stuckzahl",
                r"^stuck$",
                r"^stk$",
                r"^pcs$",
                r"^anz",
                r"^hoev",
                r"^uds$",
                r"^units$",
                r"^days$",
                r"^tage$",
                r"^unidades",
                r"^pieces",
                r"^pezzi",
            ),
        ),
        (
            Role.ARTICLE,
            (
                r"art(?:ikel)?(?:nr|nummer|no|code|lief|n°)",
                r"^artnr",
                r"^sku",
                r"^refe?r?",
                r"item(?:no|number|code|nr|id)",
                r"^cod(?:e|ice|igo)?",
                r"produkt(?:nr|nummer|code|id)",
                r"product(?:code|id|no|nr)",
                r"matnr",
                r"material(?:nr|nummer)",
                r"partn",
                r"bestellnr",
                r"^artn",
                r"^stockcode",
                r"codearticle",
                r"referenzen",
                r"^codart",
                r"articolo$(?<=codarticolo)",
                r"modell",
            ),
        ),
        (
            Role.POSITION,
            (
                r"^(?:pos|position|posnr|nr|no|#|n°|n|lfd|lfdnr|ligne|lignefact|riga|linea|regel|line|lineno|lp|posit|item#|sl|slno|srno|num)$",
                r"^pos(?:ition)?(?:nr|no)?$",
            ),
        ),
        (
            Role.NAME,
            (
                r"beschrijving",
                r"^material$",
                r"^posten$",
                r"bezeichn",
                r"beschreib",
                r"^artikel",
                r"^article",
                r"descri",
                r"^item",
                r"design",
                r"libelle",
                r"concept",
                r"omschrijv",
                r"^produ[ck]",
                r"leistung",
                r"^text",
                r"^titel",
                r"^title",
                r"articul",
                r"articol",
                r"^denom",
                r"^detail",
                r"^service",
                r"^ware",
                r"tatigkeit",
                r"nomdesign",
                r"^nom",
                r"prestaz",
                r"prestation",
                r"activity",
                r"^position",
                r"objet",
                r"gegenstand",
                r"particul",
                r"tasks?$",
                r"^dienst",
                r"intitule",
                r"^oggetto",
                r"bezeichng",
            ),
        ),
        (
            Role.OTHER,
            (
                r"datum",
                r"^date",
                r"^data$",
                r"fecha",
                r"zeitraum",
                r"periode",
                r"lager",
                r"gewicht",
                r"weight",
                r"poids",
                r"peso",
                r"status",
                r"lieferschein",
                r"auftrag",
                r"batch",
                r"charge",
                r"serie",
                r"marke",
                r"brand",
                r"konto",
                r"kst",
                r"origin",
                r"hersteller",
                r"fsn",
            ),
        ),
    )
)
# Hyphens, dashes, quotes and points set words of a heading apart or tie them; the letters alone tell which it is.
_JOINING = re.compile(r"[\s\-‐–_.,:;/()\[\]*'’´`|·•\"“”„]+")  # noqa: RUF001 - signs as printers set them


@lru_cache(maxsize=32768)
def squeezed(text: str) -> str:
    """Return the text in lower case without accents, spaces and punctuation: ``Einzel- preis`` → ``einzelpreis``."""
    plain = unicodedata.normalize("NFKD", text.casefold()) if not text.isascii() else text.casefold()
    if not plain.isascii():
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).replace("ß", "ss")
    return _JOINING.sub("", plain)


@lru_cache(maxsize=8192)
def role_of(text: str) -> Role | None:
    """Return what a heading (squeezed) says its column holds; None where it is no word of a line table."""
    if not text or len(text) > 60:  # noqa: PLR2004 - a sentence, no heading
        return None
    for role, pattern in _RULES:
        if pattern.search(text):
            return role
    return None


@lru_cache(maxsize=32768)
def word_role(text: str) -> Role | None:
    """Return what a single word would say as a heading; a word of currency or of net and gross says nothing alone."""
    plain = squeezed(text)
    return None if plain in _ALONE else role_of(plain)


_ALONE = frozenset(
    {"ht", "ttc", "net", "netto", "brutto", "eur", "€", "%", "gross", "excl", "incl", "hors", "nr", "no"}
)
