"""What a person sees at the conversion desk: pages, values with their places, doubts, corrections. Pure."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from blocks.documents.conversions import Conversion, Outcome
from blocks.documents.invoice_corrections import shown_place
from blocks.documents.invoices import Invoice
from blocks.markdown import plain, table
from tasks.edi_conversion.page_pictures import Mark, Picture

MOST_VALUES = 300


def values_of(invoice: Invoice) -> dict[str, str]:
    """Return every value that the published form of an invoice holds, by its path as people write it."""
    told = Conversion(file="", outcome=Outcome.REVIEW, invoice=invoice).as_json()["invoice"]
    return {path: str(value) for path, value in _leaves(told, "") if value is not None}


def _leaves(value: Any, path: str) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for name, part in value.items() for leaf in _leaves(part, f"{path}.{name}" if path else name)]
    if isinstance(value, list):
        return [leaf for place, part in enumerate(value, 1) for leaf in _leaves(part, f"{path}[{place}]")]
    return [(path, value)]


def marks_of(provenance: Mapping[str, Mapping[str, Any]], doubts: Sequence[str]) -> dict[int, list[Mark]]:
    """Return what to box on which page; a value is doubted where a doubt names its path or its text."""
    found: dict[int, list[Mark]] = {}
    for number, (path, place) in enumerate(provenance.items(), 1):
        doubted = any(path in doubt or shown_place(path) in doubt for doubt in doubts)
        left, bottom, right, top = place["box"]
        found.setdefault(int(place["page"]), []).append(Mark(number, (left, bottom, right, top), doubted))
    return found


def page(look: Any, pictures: Sequence[Picture], form: str, unseen: str = "") -> str:
    """Return all about one conversion in Markdown.

    Args:
        look: ``row, read, now, corrections, objections, remarks`` of a conversion.
        pictures: Its pages with the values boxed.
        form: Address of the desk's form, filled in; empty where there is none.
        unseen: Why no page can be shown, if so.
    """
    row = look.row
    parts = [f"# Conversion {row['id']}: {plain(row['file_name'])}, {row['outcome']}"]
    parts.append(f"From {plain(row['source'])}, read {row['converted_at']:%Y-%m-%d %H:%M:%S} UTC.")
    parts += [f"- {plain(reason)}" for reason in row["reasons"]]
    if row["outcome"] in {"review", "unreadable"}:
        closes = "Its arithmetic closes as it stands now." if not look.objections else "What speaks against it now:"
        parts += [f"**{closes}**", *(f"- {plain(text)}" for text in look.objections)]
    if look.remarks:
        parts += ["**To know, though it stops nothing:**", *(f"- {plain(text)}" for text in look.remarks)]
    if form:
        parts.append(f"[Correct, release or reject it]({form})")
    parts += [_picture(each) for each in pictures]
    parts += [plain(unseen)] if unseen else []
    parts.append(_values(look))
    if look.corrections:
        rows = [_correction(each) for each in look.corrections]
        parts.append(table(("correction", "places", "state", "by", "approved by", "why"), rows))
    return "\n\n".join(parts)


def _picture(each: Picture) -> str:
    return f"![Page {each.page}](data:image/jpeg;base64,{b64encode(each.image).decode('ascii')})"


def _values(look: Any) -> str:
    """Return the table field, value, place; what a correction changed is marked."""
    provenance = {
        shown_place(path): (number, place) for number, (path, place) in enumerate(look.row["provenance"].items(), 1)
    }
    before = values_of(look.read)
    rows = []
    for path, value in list(values_of(look.now).items())[:MOST_VALUES]:
        number, place = provenance.get(path, ("", None))
        where = f"page {place['page']}: {plain(place['text'])}" if place else ""
        changed = "" if before.get(path) == value else f" (was {plain(before.get(path, 'nothing'))})"
        rows.append([str(number), plain(path), plain(value) + changed, where])
    return table(("no.", "field", "value", "where it stands"), rows)


def _correction(made: Mapping[str, Any]) -> list[str]:
    places = ", ".join(change.place for change in made["changes"])
    money = " (money)" if made["money"] else ""
    told = (made["state"], made["by"], made["approved_by"] or "", made["reason"])
    return [str(made["id"]), plain(places) + money, *map(plain, told)]


def queue_page(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what waits: ``id, file_name, outcome, reasons, form`` each."""
    told = [
        [
            str(row["id"]), plain(row["file_name"]), row["outcome"], " ".join(plain(each) for each in row["reasons"]),
            f"[Look]({row['form']})" if row["form"] else "",
        ]
        for row in rows
    ]  # fmt: skip
    return "\n\n".join(["# What waits for a person", table(("no.", "file", "outcome", "why", ""), told)])


def layouts_page(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what is remembered of suppliers' layouts."""
    told = [
        [
            str(row["id"]), plain(row["supplier"]), row["layout"], str(row["version"]),
            "withdrawn" if row["withdrawn"] else f"{len(row['hints'].get('hints', ()))} hints",
            str(row["conversion_id"] or ""), plain(row["by"]), f"{row['at']:%Y-%m-%d}",
        ]
        for row in rows
    ]  # fmt: skip
    head = ("no.", "supplier", "layout", "version", "says", "from conversion", "by", "at")
    return "\n\n".join(["# What is remembered of suppliers' layouts", table(head, told)])
