"""The text layer of a PDF: rows as a reader sees them, nothing that a reader does not see, and hostile files."""

import io

import pytest
from pypdf import PdfReader, PdfWriter

from blocks.errors import Unreadable
from blocks.standards.pdf import reading
from blocks.standards.pdf.layout import TextLayer
from blocks.standards.pdf.reading import read_text_layer
from tests.pdfs import PaperPage, bound, pdf, stream


def mended(data: bytes) -> bytes:
    """Return a file that was changed by hand without its table of places, which readers then rebuild."""
    return data[: data.rindex(b"xref\n0 ")] + b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"


def said(layer: TextLayer) -> list[str]:
    return [row.text for row in layer.rows]


def test_cells_on_one_line_make_one_row_from_left_to_right_whatever_the_order_of_the_file() -> None:
    page = PaperPage().right(550, 600, "1.234,50").text(300, 600, "2 Stk").text(50, 601.5, "Schrauben", size=8)
    layer = read_text_layer(pdf([page.text(50, 588, "verzinkt"), PaperPage().text(50, 700, "Seite 2")]))
    assert said(layer) == ["Schrauben 2 Stk 1.234,50", "verzinkt", "Seite 2"]
    assert [row.page for row in layer.rows] == [1, 1, 2]
    amount = layer.rows[0].words[-1]
    assert amount.size == pytest.approx(10)
    assert amount.right == pytest.approx(550, abs=0.1)
    assert amount.bottom < 600 < amount.top


def test_superscripts_join_their_row_and_small_lines_beside_a_title_do_not() -> None:
    page = PaperPage().text(50, 700, "12 m").text(75, 704, "2", size=6).text(80, 700, "Folie")
    page.text(50, 500, "RECHNUNG", size=30).text(300, 515, "oben", size=7).text(300, 506, "unten", size=7)
    rows = said(read_text_layer(pdf([page])))
    assert rows[0] == "12 m 2 Folie"
    assert {"RECHNUNG", "oben", "unten"} <= set(rows[1:])


def test_letters_set_apart_are_one_word_and_fake_bold_is_said_once() -> None:
    page = PaperPage()
    for place, letter in enumerate("RECHNUNG"):
        page.text(50 + 13 * place, 700, letter, size=12)
    page.text(50, 650, "Summe").text(50.3, 650, "Summe").text(100, 650, "9,90")
    assert said(read_text_layer(pdf([page]))) == ["RECHNUNG", "Summe 9,90"]


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_turned_page_reads_like_a_level_one(quarters: int) -> None:
    page = PaperPage(entries=f"/Rotate {90 * quarters}")
    matrix = ["1 0 0 1", "0 1 -1 0", "-1 0 0 -1", "0 -1 1 0"][quarters]
    ahead, down = [((1, 0), (0, -1)), ((0, 1), (1, 0)), ((-1, 0), (0, 1)), ((0, -1), (-1, 0))][quarters]
    for line, words in enumerate(("Rechnung Nr. 4711", "Gesamt 119,00")):
        page.text(300 + 20 * line * down[0], 400 + 20 * line * down[1], words, matrix=matrix)
    [shown] = read_text_layer(pdf([page])).pages
    assert [row.text for row in shown.rows] == ["Rechnung Nr. 4711", "Gesamt 119,00"]
    assert (shown.width, shown.height) == ((842, 595) if quarters % 2 else (595, 842))
    assert shown.turned == 0
    first, second, third = shown.rows[0].words
    assert first.left < second.left < third.left <= shown.width
    assert ahead != down


def test_a_page_written_upwards_is_turned_as_a_reader_turns_it() -> None:
    page = (
        PaperPage().text(100, 100, "Rechnung 4711", matrix="0 1 -1 0").text(120, 100, "Summe 5,00", matrix="0 1 -1 0")
    )
    [shown] = read_text_layer(pdf([page])).pages
    assert [row.text for row in shown.rows] == ["Rechnung 4711", "Summe 5,00"]
    assert shown.turned == 1
    assert (shown.width, shown.height) == (842, 595)


def test_places_are_counted_from_the_corner_of_what_is_shown() -> None:
    page = PaperPage(entries="/CropBox [100 200 500 700]").text(110, 210, "Ecke")
    [shown] = read_text_layer(pdf([page])).pages
    assert (shown.width, shown.height) == (400, 500)
    assert shown.rows[0].words[0].left == pytest.approx(10, abs=1)


SEEN = PaperPage().text(50, 700, "Gesamt 119,00").text(50, 680, "zahlbar sofort ohne Abzug bis Ende des Monats")


def hiding(*orders: str, entries: str = "", resources: str = "") -> PaperPage:
    return PaperPage([*SEEN.content, *orders], entries, resources)


NINE = PaperPage().text(300, 700, "999,00").content[0]


@pytest.mark.parametrize(
    "orders",
    [
        (PaperPage().text(300, 700, "999,00", before="1 g").content[0],),
        (PaperPage().text(300, 700, "999,00", before="3 Tr").content[0],),
        (PaperPage().text(300, 700, "999,00", size=1).content[0],),
        (PaperPage().text(900, 700, "999,00").content[0],),
        (NINE, "q 1 g 290 690 100 30 re f Q"),
        (f"q 50 100 20 20 re W n {NINE} Q",),
        (f"q 290 690 100 30 re W n {NINE} Q", "q 1 g 290 690 100 30 re f Q"),
    ],
    ids=["white", "invisible", "tiny", "off the page", "painted over", "clipped away", "clipped and painted over"],
)  # fmt: skip
def test_text_that_is_not_to_be_seen_is_left_out_and_told(orders: tuple[str, ...]) -> None:
    layer = read_text_layer(pdf([hiding(*orders)]))
    assert said(layer) == said(read_text_layer(pdf([SEEN])))
    [doubt] = layer.doubts
    assert "Page 1 holds text that is not to be seen on it ('999,00')" in doubt


@pytest.mark.parametrize(
    "orders",
    [
        ("q 0 0 0.4 rg 290 690 100 30 re f Q", PaperPage().text(300, 700, "999,00", before="1 g").content[0]),
        ("q 0.9 g 290 690 100 30 re f Q", NINE),
        (f"q 290 690 100 30 re W n {NINE} Q",),
        (f"q 0.5 g 290 690 m 390 690 l 390 720 l 290 720 l h S Q {NINE}",),
        (NINE, "q 290 695 100 30 re S Q"),
    ],
    ids=["white on dark", "on a grey ground", "within its clip", "within a frame", "framed afterwards"],
)
def test_text_that_is_to_be_seen_is_kept_without_doubt(orders: tuple[str, ...]) -> None:
    layer = read_text_layer(pdf([hiding(*orders)]))
    assert layer.doubts == ()
    assert said(layer)[0] == "Gesamt 119,00 999,00"


def test_text_in_a_layer_that_is_switched_off_is_left_out_and_told() -> None:
    group = b"<< /Type /OCG /Name (Hidden) >>"
    layers = b"<< /OCGs [6 0 R] /D << /OFF [6 0 R] >> >>"
    page = hiding(f"/OC /Off BDC {NINE} EMC", resources="/Properties << /Off 6 0 R >>")
    layer = read_text_layer(pdf([page], more=[group, layers], catalog="/OCProperties 7 0 R"))
    assert "999,00" not in " ".join(said(layer))
    assert len(layer.doubts) == 1


def test_an_annotation_over_text_hides_it() -> None:
    note = b"<< /Type /Annot /Subtype /Square /Rect [290 690 390 720] /IC [1 1 1] /C [1 1 1] /F 4 /AP << /N 7 0 R >> >>"
    look = stream(b"1 g 0 0 100 30 re f", "/Type /XObject /Subtype /Form /BBox [0 0 100 30]")
    layer = read_text_layer(pdf([hiding(NINE, entries="/Annots [6 0 R]")], more=[note, look]))
    assert "999,00" not in " ".join(said(layer))
    assert len(layer.doubts) == 1


def test_unseen_text_under_a_picture_is_read_but_in_doubt_as_a_whole() -> None:
    page = PaperPage()
    for line in range(5):
        page.text(50, 700 - 20 * line, f"Zeile {line} 1,00", before="3 Tr")
    layer = read_text_layer(pdf([page]))
    assert len(layer.rows) == 5
    assert "as after OCR" in layer.doubts[0]


def test_t_doc_3_pictures_without_text_are_refused_and_not_guessed() -> None:
    image = stream(
        bytes(300), "/Type /XObject /Subtype /Image /Width 10 /Height 10 /ColorSpace /DeviceRGB /BitsPerComponent 8"
    )
    page = PaperPage(["q 400 0 0 500 50 100 cm /Im Do Q"], resources="/XObject << /Im 6 0 R >>")
    with pytest.raises(Unreadable, match="no text layer"):
        read_text_layer(pdf([page], more=[image]))


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"GIF89a", b"%PDF-1.4\n" + bytes(5000), pdf([SEEN])[:300]])
def test_what_is_no_pdf_or_damaged_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(Unreadable, match=r"damaged|no pages|no text layer"):
        read_text_layer(data)


def test_a_pdf_without_pages_or_with_thousands_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"no pages|damaged"):
        read_text_layer(pdf([]))
    with pytest.raises(Unreadable, match="5000 pages; at most 400"):
        read_text_layer(pdf([PaperPage()] * 5000))


def test_self_references_and_deep_nesting_come_to_an_end() -> None:
    page = PaperPage(["/Me Do"], resources="/XObject << /Me 6 0 R >>")
    me = stream(
        b"BT /F1 9 Tf 50 50 Td (x1) Tj ET /Me Do",
        "/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << /Me 6 0 R >> >>",
    )
    assert said(read_text_layer(pdf([page], more=[me]))) == ["x1"]
    loop = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [2 0 R] >>"]
    with pytest.raises(Unreadable):
        read_text_layer(bound(loop))
    deep = PaperPage(["[" * 100_000 + "]" * 100_000 + " TJ", *SEEN.content])
    assert "Gesamt 119,00" in said(read_text_layer(pdf([deep])))


@pytest.mark.parametrize(("password", "refused"), [("geheim", True), ("", False)])
def test_an_encrypted_file_is_read_only_where_it_opens_without_a_password(password: str, refused: bool) -> None:
    writer = PdfWriter(PdfReader(io.BytesIO(pdf([SEEN]))))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    if refused:
        with pytest.raises(Unreadable, match="opens with a password only"):
            read_text_layer(out.getvalue())
    else:
        assert said(read_text_layer(out.getvalue()))[0] == "Gesamt 119,00"


def test_a_font_that_does_not_say_its_letters_is_told() -> None:
    names = "".join(f"/g{code}" for code in range(65, 91))
    secret = b"".join(b"<%02x> <%04x>\n" % (code, 0xE000 + code) for code in range(65, 91))
    font = (
        f"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 7 0 R "
        f"/Encoding << /Type /Encoding /Differences [65 {names}] >> >>"
    )
    table = b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
    table += b"26 beginbfchar\n" + secret + b"endbfchar endcmap end"
    page = PaperPage([*SEEN.content, "BT /Odd 10 Tf 1 0 0 1 50 600 Tm (GESAMTSUMME) Tj ET"])
    data = pdf([page], more=[font.encode(), stream(table)]).replace(b"/F1 3 0 R", b"/F1 3 0 R /Odd 6 0 R")
    assert any("do not say which letters" in doubt for doubt in read_text_layer(mended(data)).doubts)


def test_a_text_layer_longer_than_any_invoice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_CHARACTERS", 30)
    with pytest.raises(Unreadable, match="more than 30 characters"):
        read_text_layer(pdf([SEEN]))
