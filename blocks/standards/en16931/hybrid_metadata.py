"""What a hybrid PDF's metadata (XMP) says of the XML inside, and the profiles by which an XML names its kind."""

from dataclasses import dataclass
from typing import Any

from blocks.errors import Unreadable

_FACTUR_X = (
    "urn:factur-x:pdfa:CrossIndustryDocument:",
    "urn:zugferd:pdfa:CrossIndustryDocument:",
    "urn:ferd:pdfa:CrossIndustryDocument:",
)
_PDF_A = "http://www.aiim.org/pdfa/ns/id/"
_NAMES = ("DocumentType", "DocumentFileName", "Version", "ConformanceLevel")

_PROFILES = (
    ("urn:factur-x.eu:1p0:minimum", "MINIMUM"),
    ("urn:zugferd.de:2p0:minimum", "MINIMUM"),
    ("urn:factur-x.eu:1p0:basicwl", "BASIC WL"),
    ("urn:zugferd.de:2p0:basicwl", "BASIC WL"),
    ("#compliant#urn:factur-x.eu:1p0:basic", "BASIC"),
    ("#compliant#urn:zugferd.de:2p0:basic", "BASIC"),
    ("#conformant#urn:factur-x.eu:1p0:extended", "EXTENDED"),
    ("#conformant#urn:zugferd.de:2p0:extended", "EXTENDED"),
    ("urn:ferd:crossindustrydocument:invoice:1p0:basic", "BASIC"),
    ("urn:ferd:crossindustrydocument:invoice:1p0:comfort", "COMFORT"),
    ("urn:ferd:crossindustrydocument:invoice:1p0:extended", "EXTENDED"),
    ("xrechnung", "XRECHNUNG"),
    ("urn:cen.eu:en16931:2017", "EN 16931"),
)
"""Part of the identifier (BT-24) → profile; the first that fits counts."""

_SAME = {"COMFORT": "EN 16931", "XRECHNUNG": "EN 16931", "EN16931": "EN 16931", "BASICWL": "BASIC WL"}
"""Names for the same set of terms: XRechnung narrows EN 16931, COMFORT is its name in ZUGFeRD 1."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What the metadata declares: the XML's name, kind, version and profile, and the part of PDF/A ('3B')."""

    file_name: str = ""
    kind: str = ""
    version: str = ""
    profile: str = ""
    pdf_a: str = ""


def profile_of(specification: str) -> str:
    """Return the profile that a specification identifier (BT-24) names; '' for one that is not known."""
    lowered = specification.lower()
    return next((profile for part, profile in _PROFILES if part in lowered), "")


def same_profile(one: str, other: str) -> bool:
    """Tell whether two names mean the same profile."""
    first, second = (_SAME.get(name.upper(), name.upper()) for name in (one, other))
    return first == second


def declared(metadata: bytes) -> Declared:
    """Return what an XMP packet declares; nothing where it is absent or broken."""
    from blocks.standards.en16931.xml import parse  # noqa: PLC0415 - only for hybrid PDFs

    try:
        root = parse(metadata.strip(b"\x00 \r\n\t"))
    except Unreadable:
        return Declared()
    found = _values(root)
    part = found.get(f"{{{_PDF_A}}}part", "")
    about = {name: next((found[key] for key in found if _of_factur_x(key, name)), "") for name in _NAMES}
    return Declared(
        file_name=about["DocumentFileName"],
        kind=about["DocumentType"],
        version=about["Version"],
        profile=about["ConformanceLevel"],
        pdf_a=part + found.get(f"{{{_PDF_A}}}conformance", ""),
    )


def _values(root: Any) -> dict[str, str]:
    """Return simple properties by their full name: XMP writes them as elements or as attributes."""
    found: dict[str, str] = {}
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for key, value in element.attrib.items():
            found.setdefault(key, value.strip())
        if len(element) == 0 and (element.text or "").strip():
            found.setdefault(element.tag, element.text.strip())
    return found


def _of_factur_x(key: str, name: str) -> bool:
    space, _, local = key.removeprefix("{").rpartition("}")
    return local == name and space.startswith(_FACTUR_X)
