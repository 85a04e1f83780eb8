"""The conversion desk beyond one transaction: pages drawn and layouts learnt in worker processes that may die."""

from typing import TYPE_CHECKING

from blocks.database import conversions, supplier_layouts
from blocks.documents.conversions import Place
from blocks.documents.invoice_text import invoice_text
from blocks.errors import SomsError
from blocks.worker_pool import limited
from tasks.edi_conversion import review
from tasks.edi_conversion.desk_page import marks_of
from tasks.edi_conversion.page_pictures import Picture, drawn
from tasks.edi_conversion.teaching import lesson_of

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Database

SECONDS, MEGABYTES = 60, 1024
"""What drawing the pages of one file, or learning from it, may take."""


def pictures(database: "Database", look: review.Look) -> tuple[list[Picture], str]:
    """Return a conversion's pages with the values boxed, or in a sentence why none can be shown."""
    with database.connect() as connection:
        data = conversions.body(connection, look.row["inbox_id"])
    if b"%PDF-" not in data[:1024]:
        return [], "The file is no PDF: there is no page to show."
    marks = marks_of(look.row["provenance"], (*look.row["reasons"], *look.objections))
    try:
        return limited(drawn, data, marks, seconds=SECONDS, megabytes=MEGABYTES), ""
    except SomsError as error:
        return [], f"No page can be shown. {error}"


def remember(database: "Database", actor: "Actor", number: int, *, by: str) -> str:
    """Keep what a released conversion teaches of its supplier's layout; returns in a sentence what became of it."""
    with database.connect() as connection:
        found = review.look(connection, number, with_proposed=False)
        data = conversions.body(connection, found.row["inbox_id"])
        known = supplier_layouts.of_supplier(connection, found.row["supplier"])
    if found.row["outcome"] != "released" or b"%PDF-" not in data[:1024]:
        return ""
    provenance = {path: Place.model_validate(place) for path, place in found.row["provenance"].items()}
    try:
        lesson = limited(
            lesson_of, data, invoice_text(found.now), provenance, known, seconds=SECONDS, megabytes=MEGABYTES
        )
    except SomsError as error:
        return f"Nothing was learnt from conversion {number}. {error}"
    if not lesson.supplier or not lesson.layout:
        return f"Nothing was learnt from conversion {number}: it says too little of who sent it."
    with database.audited(actor) as (connection, trail):
        row = supplier_layouts.learn(
            connection, trail, supplier=lesson.supplier, layout=lesson.layout, conversion=number, by=by,
            hints=lesson.model_dump(mode="json"),
        )  # fmt: skip
    return f"The supplier's layout is remembered as layout {row}."
