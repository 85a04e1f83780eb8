"""The words of table headings and totals in German, English, French, Italian, Spanish and Dutch."""

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
_SUM = r"(?:betrag|summe|gesamt|wert|entgelt|total|amount|montant|importe|importo|bedrag|totaal|totale|value|umsatz|valore)"
_INCLUDING = r"(?:brutto|ttc|inkl|incl|gross|ivato|taxin|conlva|coniva)"
_RULES: tuple[tuple[Role, re.Pattern[str]], ...] = tuple(
    (role, re.compile(pattern))
    for role, pattern in (
        (Role.GTIN, r"gtin|^ean|barcode"),
        (
            Role.BUYER_ARTICLE,
            r"artnrkunde|kundenart|(?:ihre|your|votre|vostro|uw)(?:art|item|ref|code)|codeclient|customeritem|artkunde",
        ),
        (
            Role.BASE,
            r"^(?:pe|per|pro|je)$|preiseinheit|preisbasis|basismenge|priceunit|pricebase|pricebasis|preismenge|prijseenheid|(?:pour|for)pu|unitedeprix|vkegeb|vpe",
        ),
        (
            Role.UNIT,
            r"mengeneinheit|^(?:me|einh?|einheit(?:en)?|eh|um|udm|unite|unit|units|unita|ud|unidad|uom|eenh|eenheid|mengeinh|unitofmeasure|unitadimisura|umis)$",
        ),
        (
            Role.PRICE,
            r"einzelpr|stuckpr|nettopr(?!eisge)|einheitspr|listenpr|bruttopreis|verkaufspreis|epreis|^e?pr(?:eis)?$|^ep(?:eur|netto|in|€|$)|^preis(?!liste)|preisje|preispro|preisst|"
            r"unitpr|price(?:per|pro)|unitcost|unitvalue|unitrate|^rate|^price(?!total)|listprice|netprice|grossprice|salesprice|stundensatz|tagessatz|"
            r"prixu|^pu|^prix(?!total)|prixnet|prixht|coutunit|tarifu|montantunit|prezzo(?!totale)|^prunit|preciou|^precio(?!total)|prijs|^tarief|^tarif|stukspr|eenheidspr|^einzel(?:betrag)?$|priceeur|itemprice|^cost$|valorunit|importeunit",
        ),
        (
            Role.DISCOUNT,
            r"rabatt|nachlass|nachlasse|remise|^rem|discount|^disc|sconto|^sc$|descuento|^dt?o|^dcto|korting|rabais|abschlag|zuschlag|^rab|allowance|charge(?!able)",
        ),
        (Role.VAT_AMOUNT, rf"{_TAX}(?:er)?(?:{_SUM})|(?:{_SUM})(?:de|di|del|of)?(?:la|l)?(?:{_TAX})(?:eur|€)?$"),
        (
            Role.GROSS,
            rf"(?:{_SUM}|price|preis|prix).*{_INCLUDING}|{_INCLUDING}.*(?:{_SUM}|preis)|^(?:brutto|ttc|gross)(?:eur|€)?$|^(?:mit|with|avec){_TAX}",
        ),
        (
            Role.VAT,
            rf"{_TAX}satz|^%?(?:taux|aliquota|rate|tipo|satz)?(?:de|di)?{_TAX}(?:rate|%|cd|code|kz|sl|schlussel|id|klasse|in|es|tarief|s)?$|^{_TAX}[a-z]{{0,2}}%?$|aliq|steuersatz",
        ),
        (
            Role.AMOUNT,
            rf"gesamtpr|(?:prix|precio|prezzo|price)total|^gp|^gesamt|^summe|positions(?:betrag|summe|wert)|^{_SUM}|{_SUM}$|{_SUM}(?:eur|€|chf|usd|gbp|netto|net|ht|in|sd|ohne|excl|exkl|hors|esclusa|sin|zonder)|"
            r"netamount|^netto(?:eur|€)?$|^net(?:eur|€)?$|^ht$|lineamount|linetotal|extended|^ext|^subtotal|^soustotal|regeltotaal|imponibile|^baseimp|^eur(?:o)?$|^€$|^chf$|^importe",
        ),
        (
            Role.QUANTITY,
            r"menge|anzahl|^qty|quant|^qte|^qta|^cant|aantal|hoeveel|^(?:stunden|std|hours?|hrs|heures|ore|horas|uren)|^nombre|^nb|stuckzahl|^stuck$|^stk$|^pcs$|^anz|"
            r"^hoev|^uds$|^units$|^days$|^tage$|^unidades|^pieces|^pezzi",
        ),
        (
            Role.ARTICLE,
            r"art(?:ikel)?(?:nr|nummer|no|code|lief|n°)|^artnr|^sku|^refe?r?|item(?:no|number|code|nr|id)|^cod(?:e|ice|igo)?|produkt(?:nr|nummer|code|id)|product(?:code|id|no|nr)|matnr|material(?:nr|nummer)|partn|bestellnr|"
            r"^artn|^stockcode|codearticle|referenzen|^codart|articolo$(?<=codarticolo)|modell",
        ),
        (
            Role.POSITION,
            r"^(?:pos|position|posnr|nr|no|#|n°|n|lfd|lfdnr|ligne|lignefact|riga|linea|regel|line|lineno|lp|posit|item#|sl|slno|srno|num)$|^pos(?:ition)?(?:nr|no)?$",
        ),
        (
            Role.NAME,
            r"bezeichn|beschreib|^artikel|^article|descri|^item|design|libelle|concept|omschrijv|^produ[ck]|leistung|^text|^titel|^title|articul|articol|^denom|^detail|^service|^ware|tatigkeit|nomdesign|^nom|"
            r"prestaz|prestation|activity|^position|objet|gegenstand|particul|tasks?$|^dienst|intitule|^oggetto|bezeichng",
        ),
        (
            Role.OTHER,
            r"datum|^date|^data$|fecha|zeitraum|periode|lager|gewicht|weight|poids|peso|status|lieferschein|auftrag|batch|charge|serie|marke|brand|konto|kst|origin|hersteller|fsn",
        ),
    )
)
_HEADING_WORDS = re.compile("|".join(f"(?:{pattern.pattern})" for _, pattern in _RULES))
_JOINING = re.compile(r"[\s\-‐–_.,:;/()\[\]*'’´`|·•\"“”„]+")


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
    if not text or len(text) > 60:  # noqa: PLR2004  # a sentence, no heading
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
_TOTAL = re.compile(
    r"^(?:\W*)(?:zwischen|end|gesamt|rechnungs|brutto|netto|positions|teil|zahl|rest|ust|mwst|steuer|waren|mehrwertsteuer|umsatzsteuer|"
    r"sub|sous|grand|sum|suma|summe|total|totaal|totale|balance|amount|net |net$|gross|vat|tax|tva|iva|btw|montant|net a payer|base|imponibile|"
    r"imposta|importe|a pagar|te betalen|bedrag|uber|carried|brought|report|a reporter|a reportar|riporto|suma y sigue|transport$|"
    r"zu zahlen|zzgl|inkl|incl|excl|exkl|davon|payable|due|paid|prepaid|anzahlung|abzgl|deposit|acompte|reste|skonto|rundung|rounding|"
    r"erhaltene|payment|zahlung|offener|vorausbezahlt|saldo|subtotaal|betaald|dont|somme|vat amount|ht|ttc|you pay|invoice)",
    re.IGNORECASE,
)
_CARRIED = re.compile(
    r"ubertrag|uebertrag|carried (?:forward|over)|brought forward|a reporter|^report\b|riporto|suma y sigue|suma anterior|transporte?\b(?= |$)|"
    r"zwischensumme|sub ?-?total|sous[ -]?total|subtotale|parziale|tussentotaal|teilsumme|gruppensumme|titelsumme|summe (?:titel|los|gruppe|pos)",
)
_BROUGHT = re.compile(
    r"ubertrag|uebertrag|carried|brought|reporter|^report\b|riporto|suma y sigue|suma anterior|^transporte?\b(?= ?[\d€]|$)"
)
_ALLOWANCE = re.compile(
    r"rabatt|nachlass|remise|discount|sconto|descuento|korting|rabais|abschlag|abzug|gutschein|voucher|allowance|reduction|ristourne"
)
_CHARGE = re.compile(
    r"versand|fracht|porto|transport|verpackung|mindermenge|zuschlag|freight|shipping|postage|packing|packaging|delivery|surcharge|handling|"
    r"\bport\b|frais|emballage|livraison|trasporto|spedizione|imballo|\bspese|portes|gastos|envio|embalaje|verzend|vracht|\bcharge\b|lieferkosten|maut|bearbeitung"
)


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """Return the text in lower case without accents, words kept apart."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


_LEADING = "0123456789.,%€$£ +-(=:*"


def is_total(text: str) -> bool:
    """Tell whether a row (folded) begins like a total, a tax row or what follows them."""
    return bool(_TOTAL.match(text.lstrip(_LEADING))) or is_carried(text)


def is_carried(text: str) -> bool:
    """Tell whether a row (folded) names a subtotal or an amount carried over, after which lines may go on."""
    return bool(_CARRIED.search(text))


def is_brought(text: str) -> bool:
    """Tell whether a row (folded) names an amount carried over from page to page, which no total of the document is."""
    return bool(_BROUGHT.search(text))


def charge_kind(text: str) -> str:
    """Return ``allowance``, ``charge`` or '' for the words of a row (folded)."""
    if _ALLOWANCE.search(text):
        return "allowance"
    return "charge" if _CHARGE.search(text) else ""
