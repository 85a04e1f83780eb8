"""Digits that a font draws otherwise than its table of letters says are told; honest fonts of every cut are not."""

import pytest

from blocks.documents.conversions import Outcome
from blocks.standards.pdf.digits import likenesses
from blocks.standards.pdf.layout import TextLayer
from blocks.standards.pdf.reading import read_text_layer
from blocks.standards.printed_invoices.reader import read_printed
from tests.paper import Case, printed
from tests.pdfs import FONTS, PaperPage, pdf, stream

CUTS = (
    *("Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Times-Roman", "Times-BoldItalic"),
    *("Courier", "Courier-BoldOblique"),
)
PAIRS = (("1", "7"), ("3", "8"), ("0", "9"), ("5", "6"))
FIGURES = ("1.234,50", "06.07.2089", "DE89370400440532013000", "4711")


def read(pages: list[PaperPage], font: str, letters: dict[str, str]) -> TextLayer:
    """Return the text layer of pages whose font F9 tells signs as other letters."""
    lines = "\n".join(f"<{ord(sign):02x}> <{ord(letter):04x}>" for sign, letter in sorted(letters.items()))
    table = (
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{len(letters)} beginbfchar\n{lines}\nendbfchar endcmap end"
    )
    entries = "" if font in {"ZapfDingbats", "Symbol"} else "/Encoding /WinAnsiEncoding"
    made = f"<< /Type /Font /Subtype /Type1 /BaseFont /{font} {entries} /ToUnicode 7 0 R >>".encode()
    for page in pages:
        others = " ".join(f"/{key} {at} 0 R" for at, key in enumerate(FONTS, 3))
        page.resources = f"/Font << /F9 6 0 R {others} >>"
    return read_text_layer(pdf(pages, more=[made, stream(table.encode())]))


def told(page: PaperPage, font: str, letters: dict[str, str]) -> tuple[list[str], tuple[str, ...]]:
    """Return what the text layer of a page says, and the doubts."""
    layer = read([page], font, letters)
    return [row.text for row in layer.rows], layer.doubts


def honest(**otherwise: str) -> dict[str, str]:
    """Return a table that tells each digit as itself, but for those named ``_7="1"``."""
    return {str(digit): otherwise.get(f"_{digit}", str(digit)) for digit in range(10)}


def written(*figures: str, before: str = "", size: float = 10) -> PaperPage:
    """Return a page with figures in the font in question under a line in another one."""
    page = PaperPage().text(50, 700, "Gesamt 119,00")
    for line, figure in enumerate(figures, 1):
        page.text(50, 700 - 30 * line, figure, font="F9", before=before, size=size)
    return page


@pytest.mark.parametrize("font", CUTS)
@pytest.mark.parametrize("pair", PAIRS, ids="".join)
def test_two_digits_told_as_each_other_are_a_doubt_that_names_page_value_and_font(
    font: str, pair: tuple[str, str]
) -> None:
    one, other = pair
    swap = str.maketrans(one + other, other + one)
    figure = f"{one}2{other}4,{other}{one}"
    rows, doubts = told(written(figure), font, honest() | {one: other, other: one})
    assert rows == ["Gesamt 119,00", figure.translate(swap)]
    [doubt] = doubts
    assert doubt == (
        f"Page 1 shows other digits than its text layer says: '{figure.translate(swap)}' of the text is drawn as"
        f" '{figure}' in the font {font}; read it by eye."
    )


@pytest.mark.parametrize("font", CUTS)
def test_honest_fonts_of_every_cut_raise_no_doubt(font: str) -> None:
    for size in (6, 10, 30):
        assert told(written(*FIGURES, "1234567890", size=size), font, honest())[1] == ()


@pytest.mark.parametrize("before", ["70 Tz", "1 Tr", "2 Tr", "3 Ts", "2 Tc", "0.6 g"])
def test_honest_figures_set_narrow_outlined_raised_or_grey_raise_no_doubt(before: str) -> None:
    page = written(*FIGURES, before=before).text(300, 670, "1.234,50", font="F9")
    assert told(page, "Times-Roman", honest())[1] == ()


@pytest.mark.parametrize("matrix", ["0 1 -1 0", "0.97 0.24 -0.24 0.97", "0.7 0 0 1", "1 0 0.3 1"])
def test_honest_figures_turned_narrow_or_slanted_raise_no_doubt(matrix: str) -> None:
    page = PaperPage().text(50, 700, "Gesamt 119,00").text(300, 400, "1.370,58", font="F9", matrix=matrix)
    assert told(page, "Helvetica", honest())[1] == ()


@pytest.mark.parametrize("pair", PAIRS, ids="".join)
def test_a_second_glyph_told_as_the_same_digit_is_given_away_by_its_size(pair: tuple[str, str]) -> None:
    one, other = pair
    figure = f"{other}2{one}4,00"
    rows, doubts = told(written(figure, f"{one}{one},{one}0"), "Helvetica", honest() | {other: one})
    assert rows[1] == figure.replace(other, one)
    assert len(doubts) == 1
    assert f"'{rows[1]}' of the text is drawn as '{figure}'" in doubts[0]


def test_a_second_glyph_is_given_away_on_a_turned_page_as_well() -> None:
    page = PaperPage(entries="/Rotate 90").text(100, 100, "Gesamt", matrix="0 1 -1 0")
    for line, figure in enumerate(("71,00", "11,50"), 1):
        page.text(100 + 30 * line, 100, figure, font="F9", matrix="0 1 -1 0")
    rows, doubts = told(page, "Helvetica", honest(_7="1"))
    assert "11,00" in " ".join(rows)
    assert [doubt.count("is drawn as '71,00'") for doubt in doubts] == [1]


def test_a_digit_that_lies_only_within_a_word_of_several_texts_is_found() -> None:
    page = PaperPage().text(50, 700, "1", font="F3").text(56, 700, "7", font="F9").text(62, 700, "0,00", font="F3")
    rows, doubts = told(page, "Courier", honest(_7="1"))
    assert rows == ["110,00"]
    assert "'110,00' of the text is drawn as '170,00' in the font Courier" in doubts[0]


def test_small_raised_digits_and_ornaments_told_as_digits_are_no_lie() -> None:
    page = written("12,50\xb9", "11,00")
    assert told(page, "Helvetica", honest() | {"\xb9": "1"})[1] == ()
    assert told(written(*FIGURES), "ZapfDingbats", honest())[1] == ()


def test_a_lie_on_a_later_page_is_told_of_that_page() -> None:
    pages = [PaperPage().right(300, 700, "1.070,00"), PaperPage().text(50, 700, "1.070,00", font="F9")]
    assert [doubt[:6] for doubt in read(pages, "Courier", honest(_1="7", _7="1")).doubts] == ["Page 2"]


def test_outlines_that_are_none_get_no_verdict() -> None:
    assert likenesses([b"", bytes(12 * 5)]) == [None, None]


@pytest.mark.parametrize("swapped", ["", *map("".join, PAIRS)])
def test_an_invoice_that_closes_in_its_text_but_shows_other_digits_goes_to_review(swapped: str) -> None:
    page, swap = PaperPage(), str.maketrans(swapped, swapped[::-1])
    for row in printed(Case()).rows:
        for word in row.words:
            page.text(word.left, row.bottom + 2, word.text.translate(swap), font="F9", size=word.size * 5 / 6)
    letters = {digit: digit.translate(swap) for digit in honest()}
    found = read_printed(read([page], "Courier", letters))
    assert found.outcome is (Outcome.REVIEW if swapped else Outcome.PROVEN), found.reasons
    assert [reason for reason in found.reasons if "shows other digits" not in reason] == []
