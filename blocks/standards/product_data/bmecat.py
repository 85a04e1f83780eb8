"""BMEcat 1.01, 1.2, 2005 and 2005.1 read as a stream: one article at a time, however many the catalogue has."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from blocks.documents.product_data import ProductData
from blocks.errors import Unreadable
from blocks.standards.product_data.bmecat_articles import Inherited, product_of
from blocks.standards.product_data.bmecat_elements import children, language_named, local, text_of
from blocks.standards.product_data.bmecat_text import CatalogueText
from blocks.standards.product_data.findings import Findings

LARGEST_ARTICLE = 8 * 1024 * 1024
"""Bytes of text within which an article, or the head, must come to its end: its tree takes thirty times as much."""
_KEPT = frozenset({"HEADER", "ARTICLE", "PRODUCT"})
_ENDS = ("{*}HEADER", "{*}ARTICLE", "{*}PRODUCT")


def articles(source: BinaryIO, findings: Findings) -> Iterator[ProductData]:
    """Yield the articles of a catalogue in its order, with the memory of one article.

    New catalogues, updates of products and updates of prices are read alike; an update of prices has prices only.
    Namespaces do not matter. What had to be mended in the text is said when the end is reached.

    Args:
        source: The file, binary, at its beginning.
        findings: Takes what is to be said of it; a catalogue that breaks off is partly read.

    Raises:
        Unreadable: Nothing can be read: no XML, another root, entities of its own, broken before the first article.
    """
    reader = _Reader(findings)
    text = CatalogueText(source)
    yield from reader.read(text)
    for what, number in text.mended.items():
        findings.say(f"The catalogue's text was mended in {number:,} places: {what}.")
    if reader.deleted:
        findings.say(f"{reader.deleted:,} articles are marked to be deleted (mode 'delete').")
    if not reader.number:
        findings.say("The catalogue holds no articles.")


class _Reader:
    """Feeds the text to a parser, takes each finished article and forgets it."""

    def __init__(self, findings: Findings) -> None:
        from lxml import etree  # noqa: PLC0415 - only where XML is read

        self._error = etree.XMLSyntaxError
        self._parser = etree.XMLPullParser(
            events=("end",),
            tag=_ENDS,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            collect_ids=False,
            remove_comments=True,
            remove_pis=True,
            encoding="utf-8",
        )
        self._findings = findings
        self._head = Inherited()
        self._root: Any = None
        self._idle = 0
        self.number = self.deleted = 0

    def read(self, text: CatalogueText) -> Iterator[ProductData]:
        """Yield the articles, as far as the text can be read."""
        try:
            for piece in text.pieces():
                self._feed(piece)
                yield from self._finished()
                self._forget()
            self._parser.close()
        except self._error as error:
            yield from self._finished()
            self._broken(f"at line {error.position[0]:,}, column {error.position[1]:,}")
        except Unreadable as error:
            if not self.number:
                raise
            self._findings.lost(f"{error} {self._stands()}")

    def _feed(self, piece: bytes) -> None:
        self._idle += len(piece)
        if self._idle > LARGEST_ARTICLE:
            size = LARGEST_ARTICLE // 1024 // 1024
            raise Unreadable(f"An element of the catalogue does not end within {size} MB; have it exported again.")
        self._parser.feed(piece)

    def _broken(self, where: str) -> None:
        if not self.number:
            raise Unreadable(f"The catalogue is no well-formed XML {where}; have it exported and sent again.")
        self._findings.lost(
            f"The catalogue is broken {where}: what comes after it was not read. {self._stands()} "
            "Have the catalogue exported and sent again."
        )

    def _stands(self) -> str:
        return f"The {self.number:,} articles before it stand."

    def _finished(self) -> Iterator[ProductData]:
        """Yield the articles that have come to their end, and take note of the head."""
        for _, element in self._parser.read_events():
            parent = element.getparent()
            if self._root is None:
                self._root = element.getroottree().getroot()
            if local(element) == "HEADER":
                self._head = _inherited(element)
            elif parent is not None and local(parent).startswith("T_"):
                self.number += 1
                self._idle = 0
                yield self._product(element)
                element.clear()

    def _product(self, element: Any) -> ProductData:
        product, complaints = product_of(element, f"{local(element)}[{self.number}]", self._head)
        for complaint in complaints:
            self._findings.say(complaint)
        if (element.get("mode") or "").strip().lower() == "delete":
            self.deleted += 1
        if product.supplier_article_id is None:
            self._findings.say(f"Article {self.number:,} has no supplier's number (SUPPLIER_AID or SUPPLIER_PID).")
        return product

    def _forget(self) -> None:
        """Drop what is complete: of every open element all children but the last, down to the open article."""
        node = self._root
        while node is not None and len(node):
            if len(node) > 1:
                del node[:-1]
                self._idle = 0
            node = None if local(node[-1]) in _KEPT else node[-1]


def _inherited(header: Any) -> Inherited:
    """Return what the head says for all articles."""
    for catalogue in children(header, "CATALOG"):
        languages = list(children(catalogue, "LANGUAGE"))
        languages.sort(key=lambda each: (each.get("default") or "").lower() != "true")
        named = [language_named(text_of(each)) for each in languages]
        return Inherited(
            currency=next((text_of(each) for each in children(catalogue, "CURRENCY")), ""),
            language=next((each for each in named if each), ""),
            media_root=next((text_of(each) for each in children(catalogue, "MIME_ROOT")), ""),
        )
    return Inherited()
