"""What columns of order files are called, in German and English: the evidence a first profile is proposed by."""

import re
import unicodedata

_ORDER = {
    "external_id": "bestellnummer bestellnr bestellid bestellung auftragsnummer auftragsnr auftrag ordernumber orderno"
    " orderid order ordernr name bonnummer bonnr bon belegnummer belegnr receiptnumber receipt",
    "placed_at": "bestelldatum bestellzeit datum auftragsdatum kaufdatum orderdate date createdat created placedat"
    " purchasedate orderedat timestamp zeitpunkt belegdatum",
    "currency": "waehrung currency currencycode waehrungscode",
    "status": "bestellstatus auftragsstatus orderstatus",
    "payment_status": "zahlungsstatus zahlstatus paymentstatus financialstatus",
    "customer.external_id": "kundennummer kundennr kundenid kdnr customernumber customerno customerid customer",
    "customer.vat_id": "ustidnr ustid umsatzsteuerid vatid vatnumber vatno",
    "payment_method": "zahlart zahlungsart zahlungsmethode bezahlart paymentmethod payment paymenttype",
    "shipping_method": "versandart lieferart versandmethode versand shippingmethod shippingservice deliverymethod"
    " shipvia carrier",
    "purchase_order_number": "kundenbestellnummer ihrebestellnummer ihrzeichen ponumber purchaseordernumber"
    " purchaseorder customerreference",
    "comment": "bemerkung bemerkungen kommentar anmerkung notiz hinweis note notes comment comments remark remarks",
    "charges.shipping.gross": "versandkosten versandkostenbrutto porto lieferkosten shippingcost shippingcosts"
    " shippingprice shippinggross shipping postage",
    "charges.shipping.net": "versandkostennetto shippingnet shippingexcltax",
    "charges.payment_fee.gross": "zahlungsgebuehr nachnahmegebuehr paymentfee",
    "totals.total": "gesamtbetrag rechnungsbetrag gesamtsumme endbetrag bestellsumme bonsumme zahlbetrag total"
    " ordertotal grandtotal totalamount amountdue",
    "totals.tax": "steuerbetrag mwstbetrag ustbetrag steuersumme totaltax taxtotal taxamount vatamount",
    "totals.discount_gross": "rabatt gutschein discount discountamount coupon",
}
_ADDRESS = {
    "first_name": "vorname firstname givenname forename",
    "last_name": "nachname familienname lastname surname familyname name kundenname fullname customername recipient"
    " empfaenger",
    "company": "firma firmenname company companyname unternehmen organisation organization",
    "street": "strasse strassehausnummer strasseundhausnummer adresse adresse1 anschrift street street1 address"
    " address1 addressline1 streetaddress",
    "street_extra": "adresszusatz adresse2 anschrift2 zusatz street2 address2 addressline2",
    "postal_code": "plz postleitzahl zip zipcode postcode postalcode",
    "city": "ort stadt wohnort city town",
    "state": "bundesland kanton region state province county",
    "country": "land laendercode country countrycode",
    "email": "email emailadresse mail emailaddress",
    "phone": "telefon tel telefonnummer phone phonenumber telephone mobil mobile",
}
_LINE = {
    "external_id": "position pos posnr positionsnummer lineid lineno linenumber itemid",
    "sku": "artikelnummer artikelnr artnr artikel artikelid sku itemsku productsku lineitemsku itemnumber itemno"
    " productcode productid articlenumber article ean gtin",
    "name": "bezeichnung artikelname artikelbezeichnung produkt produktname beschreibung itemname productname"
    " description title lineitemname product item",
    "variant": "variante ausfuehrung option options variant",
    "quantity": "menge anzahl stueck stueckzahl mge qty quantity amountordered lineitemquantity pieces units count",
    "unit_gross": "einzelpreis einzelpreisbrutto preis preisbrutto stueckpreis bruttopreis vkbrutto unitprice price"
    " grossprice itemprice unitpricegross lineitemprice",
    "unit_net": "einzelpreisnetto preisnetto nettopreis vknetto netprice unitpricenet priceexcltax priceexvat",
    "gross": "gesamtpreis positionssumme zeilensumme gesamtbrutto positionsbetrag betrag linetotal lineamount"
    " totalprice itemtotal amount",
    "net": "gesamtnetto positionsnetto linenet nettobetrag",
    "tax_rate": "mwst mwstsatz ust ustsatz steuersatz steuer vat vatrate tax taxrate taxpercent steuerprozent",
}
_SIDES = tuple(
    (prefix, words.split())
    for prefix, words in (
        (
            "billing_address.",
            "rechnungsadresse rechnungs rechnung rg billingaddress billing billto bill invoice kunden kunde customer",
        ),
        (
            "shipping_address.",
            (
                "lieferadresse lieferanschrift lieferung liefer versandadresse versand shippingaddress shipping shipto"
                " ship delivery empfaenger recipient"
            ),
        ),
    )
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def _turned(table: dict[str, str], prefix: str = "") -> dict[str, str]:
    return {word: f"{prefix}{target}" for target, words in table.items() for word in words.split()}


_LINE_WORDS, _ORDER_WORDS, _ADDRESS_WORDS = _turned(_LINE), _turned(_ORDER), _turned(_ADDRESS)


def plain(name: str) -> str:
    """Return a column's name without case, umlauts, accents, blanks and signs: 'Bestell-Nr.' is 'bestellnr'."""
    text = unicodedata.normalize("NFKC", name).casefold().translate(_UMLAUTS)
    text = unicodedata.normalize("NFKD", text)
    return re.sub(r"[^a-z0-9]", "", text)


def order_target(name: str) -> str | None:
    """Return the order's target a column is called after, an address in doubt being the billing address."""
    word = plain(name)
    if word in _ORDER_WORDS and word != "name":
        return _ORDER_WORDS[word]
    for prefix, sides in _SIDES:
        for side in sides:
            rest = word.removeprefix(side)
            if rest != word and rest in _ADDRESS_WORDS:
                return prefix + _ADDRESS_WORDS[rest]
            rest = word.removesuffix(side)
            if rest != word and rest in _ADDRESS_WORDS:
                return prefix + _ADDRESS_WORDS[rest]
    return f"billing_address.{_ADDRESS_WORDS[word]}" if word in _ADDRESS_WORDS else None


def line_target(name: str) -> str | None:
    """Return the line's target a column is called after."""
    return _LINE_WORDS.get(plain(name))
