"""Hybrid invoices: PDFs with the invoice as XML inside (ZUGFeRD 1 and 2, Factur-X, XRechnung), found and judged."""

from dataclasses import dataclass
from typing import Any

from blocks.errors import Unreadable
from blocks.standards.en16931.hybrid_metadata import Declared, declared, profile_of, same_profile
from blocks.standards.en16931.pdf_attachments import Attachment, Inside, look_inside

NAMES = ("factur-x.xml", "zugferd-invoice.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml")
"""The names that Factur-X and ZUGFeRD prescribe for the XML, the surest first."""

ORDER = "order-x.xml"
"""The name of an Order-X order, which is no invoice."""

_ROOTS = {
    "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice": "invoice",
    "{urn:ferd:CrossIndustryDocument:invoice:1p0}CrossIndustryDocument": "invoice",
    "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice": "invoice",
    "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote": "invoice",
    "{urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100}SCRDMCCBDACIOMessageStructure": "order",
}
_RELATIONSHIPS = frozenset({"Data", "Source", "Alternative"})


@dataclass(frozen=True, slots=True)
class Hybrid:
    """The invoice found inside a PDF.

    Attributes:
        xml: Its bytes, as attached.
        name: The attached file's name.
        profile: As the XML names it (BT-24), e.g. ``EN 16931``; '' for one that is not known.
        findings: Whole sentences that make the invoice doubtful: a person must look.
        remarks: Whole sentences about the container that leave the invoice's values untouched.
    """

    xml: bytes
    name: str
    profile: str
    findings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def find(pdf: bytes) -> Hybrid | None:
    """Return the invoice inside a PDF; None where there is none or the PDF cannot be opened.

    Raises:
        Unreadable: What is inside is an order (Order-X), not an invoice.
    """
    inside = look_inside(pdf)
    if inside is None or not (inside.files or inside.said):
        return None
    about = declared(inside.metadata)
    candidates = [(each, *kind_of(each)) for each in sorted(inside.files, key=rank)]
    invoices = [(file, root) for file, kind, root in candidates if kind == "invoice"]
    if not invoices:
        if any(kind == "order" for _, kind, _ in candidates):
            raise Unreadable("The XML inside the PDF is an order (Order-X), not an invoice; send it to order intake.")
        broken = [file for file, kind, _ in candidates if kind == "broken" and rank(file)[0] < len(NAMES)]
        return _unusable(broken[0], inside) if broken else None
    file, root = invoices[0]
    guideline = _guideline(root)
    return Hybrid(
        xml=file.content,
        name=file.name,
        profile=profile_of(guideline),
        findings=(*inside.said, *_several(invoices), *_against_metadata(file, guideline, about)),
        remarks=(*_remarks(file, inside, about), *_beyond_profile(profile_of(guideline), root)),
    )


def rank(file: Attachment) -> tuple[int, str]:
    """Return where an attached file stands among others: those with a prescribed name first."""
    lowered = file.name.lower()
    known = [name.lower() for name in NAMES]
    return (known.index(lowered) if lowered in known else len(NAMES), file.name)


def kind_of(file: Attachment) -> tuple[str, Any]:
    """Return what an attached file is (invoice, order, broken or other) and its root element."""
    from blocks.standards.en16931.xml import parse  # noqa: PLC0415 - only for PDFs with attached files

    if not (file.name.lower().endswith(".xml") or b"<" in file.content[:200]):
        return "other", None
    try:
        root = parse(file.content)
    except Unreadable:
        return "broken", None
    return _ROOTS.get(root.tag, "other"), root


def _unusable(file: Attachment, inside: Inside) -> Hybrid:
    said = f"The XML {file.name} inside the PDF is broken and cannot be read."
    return Hybrid(xml=file.content, name=file.name, profile="", findings=(said, *inside.said))


def _guideline(root: Any) -> str:
    """Return the specification identifier (BT-24) of UBL, CII or ZUGFeRD 1."""
    for element in root.iter():
        local = element.tag.rpartition("}")[2]
        if local == "CustomizationID":
            return (element.text or "").strip()
        if local == "GuidelineSpecifiedDocumentContextParameter":
            return "".join(element.itertext()).strip()
    return ""


def _several(invoices: list[tuple[Attachment, Any]]) -> tuple[str, ...]:
    first = invoices[0][0]
    others = [file.name for file, _ in invoices[1:] if file.content != first.content]
    if not others:
        return ()
    left = ", ".join(others[:5])
    return (f"The PDF holds several different invoices as XML: {first.name} was read, {left} was not; look at them.",)


def _against_metadata(file: Attachment, guideline: str, about: Declared) -> tuple[str, ...]:
    """Return where the PDF's metadata and the XML contradict each other."""
    found: list[str] = []
    profile = profile_of(guideline)
    if not profile:
        named = f"names the unknown profile {guideline[:120]!r}" if guideline else "names no profile (BT-24)"
        found.append(f"The XML {file.name} inside the PDF {named}.")
    elif about.profile and not same_profile(profile, about.profile):
        found.append(
            f"The PDF's metadata declares the profile {about.profile[:40]}, but the XML inside it is {profile} "
            f"({guideline[:120]})."
        )
    if about.kind and about.kind.upper() not in {"INVOICE", "CREDITNOTE", "CREDIT NOTE"}:
        found.append(f"The PDF's metadata declares a document of type {about.kind[:40]}, but an invoice is inside.")
    return tuple(found)


def _remarks(file: Attachment, inside: Inside, about: Declared) -> list[str]:
    found: list[str] = []
    if file.name not in NAMES:
        found.append(f"The XML is named {file.name[:80]}; Factur-X and ZUGFeRD prescribe {NAMES[0]}.")
    if about.file_name and about.file_name != file.name:
        found.append(f"The PDF's metadata names the XML {about.file_name[:80]}, but it is {file.name[:80]}.")
    if not about.profile:
        found.append("The PDF's metadata (XMP) does not declare the XML inside.")
    if not file.relationship:
        found.append(f"The relation of {file.name[:80]} to the PDF (AFRelationship) is not given.")
    elif file.relationship not in _RELATIONSHIPS:
        found.append(
            f"The relation of {file.name[:80]} to the PDF is {file.relationship[:40]}, not Data or Alternative."
        )
    found += _no_pdf_a(inside, about)
    return found


def _beyond_profile(profile: str, root: Any) -> tuple[str, ...]:
    """Remark on lines in a profile that has none, and on a profile that is no full invoice without them."""
    if profile not in {"MINIMUM", "BASIC WL"}:
        return ()
    if any(element.tag.endswith("}IncludedSupplyChainTradeLineItem") for element in root.iter()):
        return (f"The XML names the profile {profile}, which has no lines, but gives lines.",)
    return (f"The profile {profile} has no lines: by itself it is no invoice as EN 16931 understands it.",)


def _no_pdf_a(inside: Inside, about: Declared) -> list[str]:
    if not about.pdf_a.startswith("3"):
        return ["The PDF does not declare PDF/A-3, which hybrid invoices must be."]
    return [f"The PDF declares PDF/A-{about.pdf_a}, but {reason}." for reason in archive_obstacles(inside)]


def archive_obstacles(inside: Inside) -> tuple[str, ...]:
    """Return what keeps a PDF from being PDF/A-3, as far as it is looked at: fonts and output intent."""
    found: list[str] = []
    if not inside.colour_profile:
        found.append("it has no output intent, which says what its colours mean")
    if inside.bare_fonts:
        found.append(f"fonts are not embedded: {', '.join(inside.bare_fonts[:5])}")
    return tuple(found)
