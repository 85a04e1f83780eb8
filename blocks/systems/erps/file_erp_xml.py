"""Reads small XML files from outside without being taken in: no document types, no entities, bounded depth. Pure."""

from xml.etree import ElementTree as ET
from xml.parsers import expat

DEEPEST = 20


def parsed(body: bytes) -> ET.Element:
    """Return the root of an XML file.

    Raises:
        ValueError: It is not well-formed, not complete, declares a document type, or is nested too deeply.
    """
    builder = ET.TreeBuilder()
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise ValueError("nested too deeply")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: object) -> None:
        raise ValueError("declares a document type, which no such file needs")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat takes it by place
    except (expat.ExpatError, LookupError, UnicodeError) as error:
        raise ValueError(f"not whole XML: {error}") from error
    return builder.close()
