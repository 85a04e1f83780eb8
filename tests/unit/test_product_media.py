"""What a picture or document is, by its bytes: whole ones pass as what they are, and whatever is more is refused."""

import io
import random
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.errors import Unreadable
from blocks.standards.product_data.media.judging import MOST_BYTES, judge
from tests.media import chunk, packed, pdf, picture, png

ROWS = zlib.compress(b"\0" * 4 * (1 + 4))
SCRIPT = b"<script>alert(1)</script>"


def zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.txt", "a")
    return held.getvalue()


@pytest.mark.parametrize(("kind", "extension"), [("PNG", "png"), ("JPEG", "jpg"), ("GIF", "gif"), ("WEBP", "webp")])
def test_a_whole_picture_is_what_it_begins_with_and_as_large_as_it_says(kind: str, extension: str) -> None:
    found = judge(picture(kind, (120, 80)))
    assert (found.kind, found.extension, found.width, found.height) == ("picture", extension, 120, 80)
    assert judge(picture(kind, (120, 80))).sha256 == found.sha256 != judge(picture(kind, (121, 80))).sha256


def test_a_whole_document_is_one() -> None:
    found = judge(pdf(packed(b"", b"BT (a page) Tj ET")))
    assert (found.kind, found.extension, found.content_type) == ("document", "pdf", "application/pdf")


HOSTILE = {
    "nothing": (b"", "empty"),
    "a picture that is a program": (b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>", "SVG"),
    "a page": (b"<!doctype html>" + SCRIPT, "whatever its name says"),
    "a program": (b"MZ\x90\0" + b"\0" * 200, "whatever its name says"),
    "an archive behind a picture": (picture() + zipped(), "archive"),
    "a page behind a picture": (picture() + SCRIPT, "follows its end"),
    "a page behind a JPEG": (picture("JPEG") + b"<html>", "follows its end"),
    "a page behind a GIF": (picture("GIF") + b"<html>", "follows its end"),
    "a page behind a WebP": (picture("WEBP") + b"<html>", "follows its end"),
    "a program in a text of a picture": (png(4, 4, ROWS, chunk(b"tEXt", b"Comment\0" + SCRIPT)), "markup"),
    "a program in a packed text": (png(4, 4, ROWS, chunk(b"zTXt", b"C\0\0" + zlib.compress(b"<svg>"))), "markup"),
    "a document in a comment": (png(4, 4, ROWS, chunk(b"tEXt", b"Comment\0%PDF-1.7")), "markup"),
    "a text that explodes": (png(4, 4, ROWS, chunk(b"zTXt", b"C\0\0" + zlib.compress(b"\0" * (1 << 24)))), "megabyte"),
    "a small picture that explodes": (png(4, 4, zlib.compress(b"\0" * (1 << 26))), "grows beyond"),
    "a huge picture": (png(60_000, 60_000, ROWS), "60,000 by 60,000"),
    "a picture of nothing": (png(0, 4, ROWS), "0 by 4"),
    "a picture that moves": (png(4, 4, ROWS, chunk(b"acTL", struct.pack(">II", 9, 0))), "moves"),
    "a picture with too few rows": (png(4, 40, ROWS), "ends in the middle"),
    "a damaged part": (picture()[:40] + b"\1" + picture()[41:], "damaged"),
    "too large a file": (picture() + b"\0" * MOST_BYTES, "most a shop is given"),
    "a RIFF that is a film": (b"RIFF\x10\0\0\0AVI LIST" + b"\0" * 12, "another kind"),
    "a document that is cut off": (pdf()[:-8], "cut off"),
    "a page behind a document": (pdf(tail=SCRIPT), "follows the end"),
    "a document that runs a program": (pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>"), "JavaScript"),
    "one that spells it otherwise": (pdf(b"<< /S /J#61vaScript /#4AS (app.alert(1)) >>"), "JavaScript"),
    "one that packs it": (pdf(packed(b"/Type /ObjStm /N 1", b"9 0 << /S /JavaScript >>")), "JavaScript"),
    "one that starts something": (pdf(b"<< /S /Launch /F (cmd.exe) >>"), "Launch"),
    "one that holds a file": (pdf(b"<< /Names << /EmbeddedFiles 9 0 R >> >>"), "EmbeddedFiles"),
    "one that is locked": (pdf(b"<< /Encrypt 9 0 R >>"), "locked"),
    "one that explodes": (pdf(packed(b"/Type /ObjStm", b"\0" * (1 << 24))), "beyond all measure"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_more_than_a_picture_or_document_is_refused_and_says_why(name: str) -> None:
    body, why = HOSTILE[name]
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable, match=why):
            judge(body)
        assert tracemalloc.get_traced_memory()[1] < 3 * len(body) + (12 << 20)
    finally:
        tracemalloc.stop()


WHOLE = [*(picture(kind) for kind in ("PNG", "JPEG", "GIF", "WEBP")), pdf(packed(b"", b"BT ET"))]


@given(st.integers(0, 2**32), st.sampled_from(range(len(WHOLE))))
def test_whatever_bytes_come_the_verdict_is_a_sentence(seed: int, which: int) -> None:
    dice, body = random.Random(seed), bytearray(WHOLE[which])
    for _ in range(dice.randrange(1, 6)):
        place = dice.randrange(len(body))
        match dice.randrange(3):
            case 0:
                body[place] = dice.randrange(256)
            case 1:
                del body[place : place + dice.randrange(40)]
            case _:
                body[place:place] = dice.randbytes(dice.randrange(1, 12))
        body = body or bytearray(b"\0")
    try:
        judge(bytes(body))
    except Unreadable as error:
        assert str(error).endswith((".", ")."))  # noqa: PT017 - either outcome is right
