"""The files inside a PDF and its metadata, read within limits, however oddly they are tied to the document."""

import logging
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdf import PdfReader

_MOST_FILES = 200
_MOST_NODES = 2_000
_MOST_BYTES = 32 * 2**20
"""Of one attached file, unpacked; all together may have four times as much."""
_MOST_PAGES = 200


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside a PDF: name, content, what it is to the document (AFRelationship), description."""

    name: str
    content: bytes
    relationship: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Inside:
    """What a PDF carries beside its pages.

    Attributes:
        files: The attached files in the order they are met, each once.
        metadata: The XMP packet; empty where there is none.
        said: Whole sentences about what could not be read.
        colour_profile: Whether an output intent names the colours, as PDF/A demands.
        bare_fonts: Names of fonts that are used but not embedded, as PDF/A forbids.
        signed: Whether it carries an electronic signature, which any change ends.
    """

    files: tuple[Attachment, ...] = ()
    metadata: bytes = b""
    said: tuple[str, ...] = ()
    colour_profile: bool = False
    bare_fonts: tuple[str, ...] = ()
    signed: bool = False


def look_inside(pdf: bytes, *, fonts: bool = True) -> Inside | None:
    """Return what a PDF carries; None where it cannot be opened (damaged, or encrypted with a password).

    Args:
        pdf: The file.
        fonts: Whether to look for fonts that are not embedded.
    """
    from pypdf import PdfReader  # noqa: PLC0415 - half a second of import, needed for PDFs alone

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings quote the file: names and accounts in the log
    try:
        reader = PdfReader(BytesIO(pdf), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return None
        return _inside(reader, fonts=fonts)
    except Exception:  # noqa: BLE001 - pypdf raises whatever a damaged or hostile file provokes
        return None


def _inside(reader: "PdfReader", *, fonts: bool) -> Inside:
    catalog = _resolved(reader.trailer.get("/Root"))
    if not isinstance(catalog, dict):
        return Inside()
    said: list[str] = []
    files: list[Attachment] = []
    room = 4 * _MOST_BYTES
    for specification in _specifications(reader, catalog):
        if len(files) >= _MOST_FILES:
            said.append(f"The PDF has more than {_MOST_FILES} attached files; the rest was not read.")
            break
        read = _attachment(specification, min(room, _MOST_BYTES), said)
        if read is not None:
            files.append(read)
            room -= len(read.content)
    metadata = _unpacked(_resolved(catalog.get("/Metadata")), _MOST_BYTES // 8)
    intents = _resolved(catalog.get("/OutputIntents"))
    form = _resolved(catalog.get("/AcroForm"))
    flags = _resolved(form.get("/SigFlags")) if isinstance(form, dict) else 0
    return Inside(
        signed=isinstance(flags, int) and bool(flags & 1),
        files=tuple(dict.fromkeys(files)),
        metadata=metadata or b"",
        said=tuple(said),
        colour_profile=bool(intents),
        bare_fonts=tuple(sorted(_bare_fonts(reader))) if fonts else (),
    )


def _resolved(value: Any) -> Any:
    """Return the object behind a reference; None where it cannot be had."""
    try:
        return value.get_object() if hasattr(value, "get_object") else value
    except Exception:  # noqa: BLE001 - as in look_inside
        return None


def _specifications(reader: "PdfReader", catalog: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the file specifications of the name tree, the associated files and the pages' file annotations, once."""
    seen: set[int] = set()
    names = _resolved(catalog.get("/Names"))
    tree = _resolved(names.get("/EmbeddedFiles")) if isinstance(names, dict) else None
    for found in (*_of_tree(tree), *_of_array(catalog.get("/AF")), *_of_pages(reader)):
        specification = _resolved(found)
        if isinstance(specification, dict) and "/EF" in specification and id(specification) not in seen:
            seen.add(id(specification))
            yield specification


def _of_tree(root: Any) -> Iterator[Any]:
    """Yield the values of a name tree, each node once, though it bite its own tail."""
    waiting = [root]
    seen: set[int] = set()
    for _ in range(_MOST_NODES):
        node = _resolved(waiting.pop()) if waiting else None
        if not isinstance(node, dict) or id(node) in seen:
            continue
        seen.add(id(node))
        names = _resolved(node.get("/Names"))
        if isinstance(names, list):
            # Pairs of name and file; where a writer left the names out, every entry is a file.
            yield from (each for each in names[: 2 * _MOST_FILES + 2] if isinstance(_resolved(each), dict))
        kids = _resolved(node.get("/Kids"))
        if isinstance(kids, list):
            waiting.extend(reversed(kids[:_MOST_NODES]))


def _of_array(value: Any) -> Iterator[Any]:
    found = _resolved(value)
    yield from found[: 2 * _MOST_FILES] if isinstance(found, list) else (found,)


def _of_pages(reader: "PdfReader") -> Iterator[Any]:
    for number, page in enumerate(reader.pages):
        if number >= _MOST_PAGES:
            return
        yield from _of_array(page.get("/AF"))
        for each in _of_array(page.get("/Annots")):
            annotation = _resolved(each)
            if isinstance(annotation, dict) and annotation.get("/Subtype") == "/FileAttachment":
                yield annotation.get("/FS")


def _attachment(specification: dict[str, Any], most: int, said: list[str]) -> Attachment | None:
    name = str(_resolved(specification.get("/UF")) or _resolved(specification.get("/F")) or "")
    packed = _resolved(specification.get("/EF"))
    stream = next((each for each in map(_resolved, packed.values()) if each is not None), None) if packed else None
    content = _unpacked(stream, most)
    if content is None:
        said.append(f"The attached file {name[:80]!r} is damaged or larger than {most >> 20} MB and was not read.")
        return None
    return Attachment(
        name=name,
        content=content,
        relationship=str(_resolved(specification.get("/AFRelationship")) or "").removeprefix("/"),
        description=str(_resolved(specification.get("/Desc")) or ""),
    )


def _unpacked(stream: Any, most: int) -> bytes | None:
    """Return a stream's bytes; None where it is none, is damaged or would be larger than that many bytes."""
    from pypdf.generic import StreamObject  # noqa: PLC0415 - as in look_inside

    if not isinstance(stream, StreamObject):
        return None
    filters = _resolved(stream.get("/Filter"))
    if isinstance(filters, list) and len(filters) == 1:
        filters = _resolved(filters[0])
    try:
        if filters in {"/FlateDecode", "/Fl"} and "/DecodeParms" not in stream:
            inflater = zlib.decompressobj()
            content = inflater.decompress(stream._data, most)  # noqa: SLF001 - get_data inflates without limit of ours
            return None if inflater.unconsumed_tail else content
        content = stream.get_data()
    except Exception:  # noqa: BLE001 - as in look_inside
        return None
    return content if len(content) <= most else None


def _bare_fonts(reader: "PdfReader") -> set[str]:
    bare: set[str] = set()
    for number, page in enumerate(reader.pages):
        if number >= _MOST_PAGES:
            break
        fonts = _resolved((_resolved(page.get("/Resources")) or {}).get("/Font")) or {}
        for each in fonts.values() if isinstance(fonts, dict) else ():
            font = _resolved(each)
            if isinstance(font, dict) and not _embedded(font):
                bare.add(str(font.get("/BaseFont", "")).removeprefix("/") or "without name")
    return bare


def _embedded(font: dict[str, Any]) -> bool:
    if font.get("/Subtype") == "/Type3":
        return True
    below = _resolved(font.get("/DescendantFonts"))
    inner = _resolved(below[0]) if isinstance(below, list) and below else font
    descriptor = _resolved(inner.get("/FontDescriptor")) if isinstance(inner, dict) else None
    return isinstance(descriptor, dict) and any(f"/FontFile{number}" in descriptor for number in ("", "2", "3"))
