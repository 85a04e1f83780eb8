"""PDF: whether a document may be shown to a shop's visitors: no programs, nothing embedded, nothing locked. Pure.

Names are read as PDF writes them (ISO 32000-1 7.3.5: #4A is J), outside of streams and within the packed lists of
objects (7.5.7), each of which is unpacked within limits. Packed pages are not looked into: no program stands there.
"""

import re
import zlib

from blocks.errors import Unreadable

_STREAM = re.compile(rb"stream\r?\n")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIVE = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|Movie|Sound|XFA|SubmitForm|ImportData|Encrypt)(?![A-Za-z0-9])"
)
_MOST_LIST, _MOST_LISTS = 4 << 20, 32 << 20
"""Unpacked bytes of one list of objects, and of all."""
_END_WITHIN = 1024


def check_pdf(body: bytes) -> None:
    """Insist that a PDF is whole and only to be read.

    Raises:
        Unreadable: It is cut off, followed by something else, locked, grows beyond measure, or carries more than pages.
    """
    end = body.rfind(b"%%EOF", -_END_WITHIN)
    if end < 0:
        raise Unreadable("The PDF is cut off: its end is missing.")
    if body[end + 5 :].strip(b"\0\r\n\t "):
        raise Unreadable("Something else follows the end of the PDF: a file that is two things at once is left alone.")
    found = _ACTIVE.search(_ESCAPED.sub(lambda name: bytes([int(name[1], 16)]), _outside_streams(body)))
    if found:
        word = found[1].decode()
        if word == "Encrypt":
            raise Unreadable("The PDF is locked: nobody can see what is in it.")
        raise Unreadable(f"The PDF holds more than pages to be read ({word}): ask the maker for a plain one.")


def _outside_streams(body: bytes) -> bytes:
    """Return a PDF without its streams, but for the lists of objects, unpacked."""
    kept, place, unpacked = [], 0, 0
    for found in _STREAM.finditer(body):
        if found.start() < place or body[found.start() - 3 : found.start()] == b"end":
            continue
        end = body.find(b"endstream", found.end())
        if end < 0:
            raise Unreadable("The PDF is damaged: a part of it never ends.")
        kept.append(body[place : found.start()])
        head = body[body.rfind(b"obj", place, found.start()) : found.start()]
        if b"ObjStm" in _ESCAPED.sub(lambda name: bytes([int(name[1], 16)]), head):
            kept.append(_list_of_objects(body[found.end() : end], head))
            unpacked += len(kept[-1])
            if unpacked > _MOST_LISTS:
                raise Unreadable("The PDF grows beyond all measure when it is unpacked.")
        place = end
    kept.append(body[place:])
    return b" ".join(kept)


def _list_of_objects(packed: bytes, head: bytes) -> bytes:
    if b"Filter" not in head:
        return packed
    opened = zlib.decompressobj()
    try:
        found = opened.decompress(packed, _MOST_LIST)
    except zlib.error:
        raise Unreadable("The PDF is damaged, or packed in a way that cannot be looked into.") from None
    if opened.unconsumed_tail:
        raise Unreadable("The PDF grows beyond all measure when it is unpacked.")
    return found
