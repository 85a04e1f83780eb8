"""Put an invoice inside a PDF: a hybrid invoice (Factur-X, ZUGFeRD 2), written through the factur-x library."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

from blocks.documents.invoices import Invoice
from blocks.errors import Unreadable
from blocks.standards.en16931.cii_writing import write
from blocks.standards.en16931.code_lists import CREDIT_NOTES
from blocks.standards.en16931.hybrid import NAMES, archive_obstacles, kind_of, rank
from blocks.standards.en16931.hybrid_metadata import profile_of
from blocks.standards.en16931.pdf_attachments import Inside, look_inside

_NO_DAY = date(2000, 1, 1)
_LEVELS = {"MINIMUM": "minimum", "BASIC WL": "basicwl", "BASIC": "basic", "EXTENDED": "extended"}


def embed(pdf: bytes, invoice: Invoice) -> bytes:
    """Return the PDF with the invoice inside as ``factur-x.xml`` and metadata that declares it (PDF/A-3, Factur-X).

    Other attached files stay; an older invoice inside is replaced. The same PDF and invoice give the same bytes: the
    document is dated by the day of issue. Whether the outcome is PDF/A-3 rests with the PDF: see `archive_gaps`.

    Raises:
        Unreadable: The PDF is damaged or encrypted, so that nothing can be put inside.
    """
    from facturx import generate_from_file  # noqa: PLC0415 - a second of import, needed for writing alone

    inside = look_inside(pdf, fonts=False)
    if inside is None:
        raise Unreadable("The PDF is damaged or encrypted, so the invoice cannot be put inside; use a fresh page.")
    xml, _ = write(invoice)
    before = datetime.now(UTC)
    file = _Rewritten(pdf)
    try:
        generate_from_file(
            file,
            xml,
            flavor="factur-x",
            level=_LEVELS.get(profile_of(invoice.specification), "en16931"),
            check_xsd=False,
            check_schematron=False,
            pdf_metadata=_about(invoice),
            attachments=_kept(inside),
            xmp_compression=False,
        )
    except Exception as error:
        raise Unreadable("The PDF is damaged, so the invoice cannot be put inside; use a fresh page.") from error
    return _dated(file.getvalue(), before, invoice.issue_date or _NO_DAY)


class _Rewritten(BytesIO):
    """A file that begins anew with the first write: factur-x reads the PDF from it and writes on where it stopped."""

    _begun = False

    def write(self, data: Any, /) -> int:
        """Write on, what was read before gone."""
        if not self._begun:
            self._begun = True
            self.seek(0)
            self.truncate()
        return super().write(data)


def archive_gaps(pdf: bytes) -> tuple[str, ...]:
    """Return in whole sentences what a PDF loses or lacks as the hull of an invoice: PDF/A-3, its signature."""
    inside = look_inside(pdf)
    if inside is None:
        return ()
    gaps = tuple(f"The hybrid PDF is not PDF/A-3: {reason}." for reason in archive_obstacles(inside))
    return (
        (*gaps, "The electronic signature of the PDF is broken by putting the XML inside.") if inside.signed else gaps
    )


def _about(invoice: Invoice) -> dict[str, str]:
    """Return the PDF's title data; characters that XML cannot hold are left out."""
    kind = "Credit note" if invoice.type_code in CREDIT_NOTES else "Invoice"
    texts = {
        "author": invoice.seller.name,
        "keywords": f"{kind}, Factur-X",
        "title": f"{kind} {invoice.number}",
        "subject": f"{kind} {invoice.number} of {invoice.seller.name}",
    }
    return {name: "".join(sign for sign in text if sign.isprintable()) for name, text in texts.items()}


def _kept(inside: Inside) -> dict[str, dict[str, object]]:
    """Return the attached files that are no older invoice or order."""
    return {
        file.name: {"filedata": file.content, "description": file.description}
        for file in inside.files
        if file.name and kind_of(file)[0] not in {"invoice", "order"} and rank(file)[0] == len(NAMES)
    }


def _dated(pdf: bytes, before: datetime, day: date) -> bytes:
    """Replace the moments of writing, which factur-x puts in, by the day of issue; each has the same length."""
    moment = before.replace(microsecond=0)
    while moment <= datetime.now(UTC):
        for colon in (b":", b"\\072"):  # pypdf writes the colon of a date as its code
            written = b"D" + colon + moment.strftime("%Y%m%d%H%M%S").encode()
            pdf = pdf.replace(written, b"D" + colon + f"{_digits(day)}000000".encode())
        pdf = pdf.replace(moment.strftime("%Y-%m-%dT%H:%M:%S").encode(), f"{day.isoformat()}T00:00:00".encode())
        moment += timedelta(seconds=1)
    return pdf


def _digits(day: date) -> str:
    return day.isoformat().replace("-", "")
