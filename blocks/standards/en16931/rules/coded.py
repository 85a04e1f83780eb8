"""Codes that must be of their list: BR-CL-*."""

from collections.abc import Callable, Iterable, Iterator

from blocks.documents.invoices import Identifier, Invoice, InvoiceLine, SupportingDocument
from blocks.standards.en16931.code_lists import SEPA
from blocks.standards.en16931.rules.groups import allowances, breakdown, charges, line_allowances, line_charges, lines
from blocks.standards.en16931.rules.lists import codes
from blocks.standards.en16931.rules.rule import Breach, Rule

Coded = Iterator[tuple[str, str]]


def _listed(rule_id: str, name: str, find: Callable[[Invoice], Coded], english: str, german: str) -> Rule:
    """Return the rule that each code found, where there is one, stands in the list of that name."""

    def check(invoice: Invoice) -> Iterable[Breach]:
        allowed = codes(name)
        return [Breach(place, {"found": code}) for place, code in find(invoice) if code and code not in allowed]

    return Rule(
        rule_id,
        check,
        f"'{{found}}' is no {english}; give a code of the list.",
        f"'{{found}}' ist {german}; bitte einen Code der Liste angeben.",
    )


def _scheme(place: str, identifier: Identifier | None) -> Coded:
    if identifier is not None:
        yield f"{place}/scheme", identifier.scheme


def _party_schemes(invoice: Invoice) -> Coded:
    for place, party in (("BT-29", invoice.seller), ("BT-46", invoice.buyer)):
        for identifier in party.identifiers:
            if identifier.scheme != SEPA:
                yield from _scheme(place, identifier)
    if invoice.payee:
        yield from _scheme("BT-60", invoice.payee.identifier)


def _registration_schemes(invoice: Invoice) -> Coded:
    yield from _scheme("BT-30", invoice.seller.legal_registration)
    yield from _scheme("BT-47", invoice.buyer.legal_registration)
    if invoice.payee:
        yield from _scheme("BT-61", invoice.payee.legal_registration)


def _countries(invoice: Invoice) -> Coded:
    found = (
        ("BT-40", invoice.seller.address),
        ("BT-55", invoice.buyer.address),
        ("BT-69", invoice.tax_representative.address if invoice.tax_representative else None),
        ("BT-80", invoice.delivery.address if invoice.delivery else None),
    )
    for place, address in found:
        if address is not None:
            yield place, address.country


def _of_lines(term: str, get: Callable[[InvoiceLine], Iterable[str]]) -> Callable[[Invoice], Coded]:
    def find(invoice: Invoice) -> Coded:
        for place, line in lines(invoice):
            for code in get(line):
                yield f"{place}/{term}", code

    return find


def _categories(invoice: Invoice) -> Coded:
    for place, group in breakdown(invoice):
        yield f"{place}/BT-118", group.category
    for place, one in (*allowances(invoice), *charges(invoice)):
        yield f"{place}/{'BT-102' if one.is_charge else 'BT-95'}", one.vat_category


def _allowance_reasons(invoice: Invoice) -> Coded:
    for place, one in (*allowances(invoice), *line_allowances(invoice)):
        yield f"{place}/reason code", one.reason_code


def _charge_reasons(invoice: Invoice) -> Coded:
    for place, one in (*charges(invoice), *line_charges(invoice)):
        yield f"{place}/reason code", one.reason_code


def _objects(invoice: Invoice) -> Coded:
    yield from _scheme("BT-18", invoice.object_identifier)
    for place, line in lines(invoice):
        yield from _scheme(f"{place}/BT-128", line.object_identifier)


def _subjects(invoice: Invoice) -> Coded:
    for number, note in enumerate(invoice.notes, 1):
        yield f"BG-1[{number}]/BT-21", note.subject_code


def _attachments(invoice: Invoice) -> Coded:
    documents: tuple[SupportingDocument, ...] = invoice.supporting_documents
    for number, document in enumerate(documents, 1):
        yield f"BG-24[{number}]/BT-125", document.mime_type


def _addresses(invoice: Invoice) -> Coded:
    yield from _scheme("BT-34", invoice.seller.electronic_address)
    yield from _scheme("BT-49", invoice.buyer.electronic_address)


def _delivery_scheme(invoice: Invoice) -> Coded:
    if invoice.delivery:
        yield from _scheme("BT-71", invoice.delivery.location)


def _means(invoice: Invoice) -> Coded:
    if invoice.payment:
        yield "BG-16/BT-81", invoice.payment.means_code


def _one(term: str, get: Callable[[Invoice], str]) -> Callable[[Invoice], Coded]:
    def find(invoice: Invoice) -> Coded:
        yield term, get(invoice)

    return find


_units = _of_lines("BT-130", lambda line: (line.unit, line.price.base_unit))
_item_schemes = _of_lines("BT-157", lambda line: [line.item.standard_id.scheme] if line.item.standard_id else [])
_item_classes = _of_lines("BT-158", lambda line: [one.scheme for one in line.item.classifications])
_line_categories = _of_lines("BT-151", lambda line: [line.vat_category])
_origins = _of_lines("BT-159", lambda line: [line.item.country_of_origin])


def _exemptions(invoice: Invoice) -> Coded:
    for place, group in breakdown(invoice):
        yield f"{place}/BT-121", group.exemption_code.upper()


_ICD = ("identifier scheme of ISO 6523", "kein Kennungsschema nach ISO 6523")
_VAT = ("VAT category of UNTDID 5305", "keine Umsatzsteuerkategorie nach UNTDID 5305")
_COUNTRY = ("country of ISO 3166-1", "kein Land nach ISO 3166-1")
_CURRENCY = ("currency of ISO 4217", "keine Währung nach ISO 4217")

RULES: tuple[Rule, ...] = (
    _listed(
        "BR-CL-01",
        "document_type",
        _one("BT-3", lambda i: i.type_code),
        "type of invoice (UNTDID 1001)",
        "kein Rechnungstyp (UNTDID 1001)",
    ),
    _listed("BR-CL-04", "currency", _one("BT-5", lambda i: i.currency), *_CURRENCY),
    _listed("BR-CL-05", "currency", _one("BT-6", lambda i: i.accounting_currency), *_CURRENCY),
    _listed(
        "BR-CL-06",
        "tax_point",
        _one("BT-8", lambda i: i.tax_point_code),
        "code of the tax point",
        "kein Code der Steuerfälligkeit",
    ),
    _listed("BR-CL-07", "object_scheme", _objects, "scheme of UNTDID 1153", "kein Schema nach UNTDID 1153"),
    _listed("BR-CL-08", "note_subject", _subjects, "subject of UNTDID 4451", "kein Betreff nach UNTDID 4451"),
    _listed("BR-CL-10", "scheme", _party_schemes, *_ICD),
    _listed("BR-CL-11", "scheme", _registration_schemes, *_ICD),
    _listed(
        "BR-CL-13",
        "item_class",
        _item_classes,
        "classification of items (UNTDID 7143)",
        "keine Artikelklassifizierung (UNTDID 7143)",
    ),
    _listed("BR-CL-14", "country", _countries, *_COUNTRY),
    _listed("BR-CL-15", "country", _origins, *_COUNTRY),
    _listed("BR-CL-16", "payment_means", _means, "payment means of UNTDID 4461", "keine Zahlungsart nach UNTDID 4461"),
    _listed("BR-CL-17", "vat_category", _categories, *_VAT),
    _listed("BR-CL-18", "vat_category", _line_categories, *_VAT),
    _listed(
        "BR-CL-19",
        "allowance_reason",
        _allowance_reasons,
        "reason for an allowance (UNTDID 5189)",
        "kein Nachlassgrund (UNTDID 5189)",
    ),
    _listed(
        "BR-CL-20",
        "charge_reason",
        _charge_reasons,
        "reason for a charge (UNTDID 7161)",
        "kein Zuschlagsgrund (UNTDID 7161)",
    ),
    _listed("BR-CL-21", "scheme", _item_schemes, *_ICD),
    _listed("BR-CL-22", "vat_exemption", _exemptions, "reason of the VATEX list", "kein Befreiungsgrund (VATEX)"),
    _listed(
        "BR-CL-23",
        "unit",
        _units,
        "unit of UN/ECE Recommendation 20 or 21",
        "keine Einheit nach UN/ECE-Empfehlung 20 oder 21",
    ),
    _listed("BR-CL-24", "attachment", _attachments, "type of file for attachments", "kein Dateityp für Anhänge"),
    _listed(
        "BR-CL-25",
        "electronic_address",
        _addresses,
        "scheme of electronic addresses (EAS)",
        "kein Schema elektronischer Adressen (EAS)",
    ),
    _listed("BR-CL-26", "scheme", _delivery_scheme, *_ICD),
)
