"""Texts of makers without markup: shops show descriptions as HTML, and no maker may put a script there. Pure."""

import re
from collections.abc import Mapping
from html import escape, unescape

MOST: Mapping[str, int] = {"name": 400, "mpn": 400, "manufacturer": 400, "short_description": 4000}
"""Characters that shops keep of a field of their own (Smartstore's ``Product`` and ``Manufacturer``)."""
MOST_OF_AN_OPTION = 400
"""Characters of a specification attribute's value."""
LONGEST_TEXT = 20_000
_MARKUP = frozenset({"short_description", "full_description"})
"""Fields that shops show as HTML; all others they show as text."""
_MOST_LAYERS = 4
_INVISIBLE = frozenset({"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "head", "title"})
_INLINE = "a abbr b bdi bdo big cite code del em font i ins kbd mark q s small span strike strong sub sup tt u var wbr"
_WORDS_GO_ON = frozenset(_INLINE.split())
_TAG = re.compile(r"""<(/?[a-z][a-z0-9:-]*+|[!?])(?:(?:[^<>"']|"[^"<]*+"|'[^'<]*+')*+>|[^<>]*+>)""", re.IGNORECASE)
_TAG_LIKE = re.compile(r"<(?=[a-z/!?])", re.IGNORECASE)
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
"""Control signs, signs that turn the direction of a text, and halves of signs, which no database keeps."""


def plain_text(value: str) -> str:
    """Return a text as a reader sees it: without tags, scripts and signs nobody sees; white space is one blank.

    Markup that is packed into markup is unpacked as well; what then still looks like a tag is taken apart, so that
    no browser takes it for one.
    """
    text = _UNSEEN.sub("", value[: 4 * LONGEST_TEXT])
    if "<" in text or "&" in text:
        for _ in range(_MOST_LAYERS):
            before, text = text, _read(_without_comments(text))
            if text == before:
                break
        text = _TAG_LIKE.sub("< ", _UNSEEN.sub("", text))
    return " ".join(text.split())[:LONGEST_TEXT].rstrip()


def _without_comments(text: str) -> str:
    """Return a text without comments; one that does not end takes the rest with it, as it does in a browser."""
    parts, at = list[str](), 0
    text = text.replace("<![CDATA[", "").replace("]]>", "")
    while (begun := text.find("<!--", at)) >= 0:
        parts.append(text[at:begun])
        ended = text.find("-->", begun + 4)
        if ended < 0:
            return "".join(parts)
        at = ended + 3
    return "".join(parts) + text[at:]


def _read(text: str) -> str:
    """Return what stands between the tags, references to signs replaced; every byte is looked at a few times only."""
    parts, hidden, at = list[str](), "", 0
    for tag in _TAG.finditer(text):
        if not hidden:
            parts.append(text[at : tag.start()])
        at = tag.end()
        name = tag[1].lower()
        if hidden:
            hidden = "" if name == f"/{hidden}" else hidden
        elif name in _INVISIBLE and not tag[0].endswith("/>"):
            hidden = name
        if name.removeprefix("/") not in _WORDS_GO_ON:
            parts.append(" ")
    return unescape("".join(parts) + ("" if hidden else text[at:]))


def too_long(feature: str, text: str, *, own_field: bool) -> str:
    """Say that no shop keeps a text of this length; empty where it is kept."""
    most = MOST.get(feature, LONGEST_TEXT) if own_field else MOST_OF_AN_OPTION
    return f"The text has {len(text):,} characters; the shop keeps {most:,} here." if len(text) > most else ""


def for_the_shop(field: str, text: str) -> str:
    """Return a plain text as the shop takes it: where the shop shows HTML, no sign of the text is markup."""
    return escape(text, quote=False) if field in _MARKUP else text
