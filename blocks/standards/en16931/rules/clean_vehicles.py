"""XRechnung's rules for vehicles bought under the Clean Vehicles Directive (BR-DE-CVD-*)."""

from collections.abc import Iterator

from blocks.documents.invoices import Invoice, InvoiceLine
from blocks.standards.en16931.rules.groups import lines
from blocks.standards.en16931.rules.lists import codes
from blocks.standards.en16931.rules.rule import Breach, Rule, when
from blocks.standards.en16931.rules.xrechnung import ruled

SPECIFICATION = "urn:xeinkauf.de:kosit:xrechnung:cvd"
_SCHEME, _ATTRIBUTE = "CVD", "cva"
_CATEGORIES = frozenset({"M1", "M2", "M3", "N1", "N2", "N3"})
_CLEANNESS = frozenset({"clean", "zero-emission", "other"})


def _vehicles(line: InvoiceLine) -> list[str]:
    return [one.code for one in line.item.classifications if one.scheme == _SCHEME]


def _said(line: InvoiceLine) -> list[str]:
    return [one.value for one in line.item.attributes if one.name == _ATTRIBUTE]


def _categories(invoice: Invoice) -> Iterator[Breach]:
    for place, line in lines(invoice):
        for code in _vehicles(line):
            if code not in _CATEGORIES:
                yield Breach(f"{place}/BT-158", {"found": code})


def _clean(invoice: Invoice) -> Iterator[Breach]:
    for place, line in lines(invoice):
        for value in _said(line):
            if value not in _CLEANNESS:
                yield Breach(f"{place}/BT-161", {"found": value})


def _schemes(invoice: Invoice) -> Iterator[Breach]:
    allowed = codes("item_class") | {_SCHEME}
    for place, line in lines(invoice):
        for one in line.item.classifications:
            if one.scheme not in allowed:
                yield Breach(f"{place}/BT-158", {"found": one.scheme or "nothing"})


def _unsaid(invoice: Invoice) -> Iterator[Breach]:
    for place, line in lines(invoice):
        if _vehicles(line) and len(_said(line)) != 1:
            yield Breach(f"{place}/BT-160")


def _unclassed(invoice: Invoice) -> Iterator[Breach]:
    for place, line in lines(invoice):
        if _said(line) and len(_vehicles(line)) != 1:
            yield Breach(f"{place}/BT-158")


RULES: tuple[Rule, ...] = (
    ruled(
        "BR-DE-CVD-01",
        lambda invoice: when(not invoice.contract_reference, "BT-12"),
        "The contract under which the vehicles were bought is not named; add its number.",
        "Der Vertrag über die Fahrzeuge ist nicht genannt; bitte seine Nummer ergänzen.",
    ),
    ruled(
        "BR-DE-CVD-02",
        lambda invoice: when(not invoice.tender_reference, "BT-17"),
        "The tender or lot of the vehicles is not named; add its number.",
        "Die Vergabe oder das Los der Fahrzeuge ist nicht genannt; bitte die Nummer ergänzen.",
    ),
    ruled(
        "BR-DE-CVD-03",
        lambda invoice: when(not any(_vehicles(line) and _said(line) for line in invoice.lines), "BG-25"),
        "No line is of a vehicle: one must have its category (scheme CVD) and how clean it is (attribute cva).",
        "Keine Position ist ein Fahrzeug: eine muss Klasse (Schema CVD) und Sauberkeit (Attribut cva) nennen.",
    ),
    ruled(
        "BR-DE-CVD-04",
        _categories,
        "'{found}' is no category of vehicles; give M1, M2, M3, N1, N2 or N3.",
        "'{found}' ist keine Fahrzeugklasse; bitte M1, M2, M3, N1, N2 oder N3 angeben.",
    ),
    ruled(
        "BR-DE-CVD-05",
        _clean,
        "'{found}' does not say how clean the vehicle is; give clean, zero-emission or other.",
        "'{found}' sagt nicht, wie sauber das Fahrzeug ist; bitte clean, zero-emission oder other angeben.",
    ),
    ruled(
        "BR-DE-CVD-06-a",
        _unsaid,
        "A vehicle must say exactly once how clean it is (attribute cva); correct it.",
        "Ein Fahrzeug muss genau einmal sagen, wie sauber es ist (Attribut cva); bitte berichtigen.",
    ),
    ruled(
        "BR-DE-CVD-06-b",
        _unclassed,
        "A line with the attribute cva must have exactly one category of vehicles (scheme CVD); correct it.",
        "Eine Position mit dem Attribut cva muss genau eine Fahrzeugklasse (Schema CVD) haben; bitte berichtigen.",
    ),
    ruled(
        "BR-TMP-CVD-01",
        _schemes,
        "'{found}' is no scheme of item classes; give a code of UNTDID 7143 or CVD.",
        "'{found}' ist kein Schema für Artikelklassen; bitte einen Code aus UNTDID 7143 oder CVD angeben.",
    ),
)
