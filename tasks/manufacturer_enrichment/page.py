"""The page of one article: what the shop shows now, what is believed or proposed, and what every source says. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from blocks.documents.claims import UNMAPPED
from blocks.documents.product_content import MEDIUM
from blocks.documents.product_schemas import Schema
from blocks.markdown import plain, table

LONGEST = 160
_WHO = {"person": "a person", "soms": "SOMS", "": ""}
_BECOMES = {
    "proposed": "proposed, no. {id}", "held": "held back, no. {id}", "approved": "goes to the shop, no. {id}",
    "applied": "written, no. {id}", "kept": "left to the person who wrote it",
    "failed": "refused by the shop, no. {id}", "declined": "declined, no. {id}",
}  # fmt: skip


def article_page(look: Mapping[str, Any], schema: Schema, *, form: str = "") -> str:
    """Return an article's page in Markdown: now, proposed, sources.

    Args:
        look: ``sku, name, gtin, category, values, claims, changes``.
        schema: The article's.
        form: Address of the desk's form, filled in; '' for none.
    """
    head = f"# {plain(look['sku'])}: {plain(look['name'])}"
    known = {(row["attribute"], row["language"]): row for row in look["values"]}
    missing = schema.missing(name for (name, _), row in known.items() if row["value"] or row["shop_value"])
    parts = [head, f"GTIN {look['gtin'] or 'unknown'}, category {plain(look['category'] or 'none')}."]
    if missing:
        names = ", ".join(schema.features[name].label("en") for name in missing)
        parts.append(f"Nobody says anything of {plain(names)}, which is required.")
    if form:
        parts.append(f"[Choose, approve or undo]({form})")
    changes = {(row["attribute"], row["language"]): row for row in look["changes"]}
    sources = _sources(look["claims"])
    rows = [_row(key, row, changes.get(key), sources, schema) for key, row in known.items()]
    parts.append(table(("attribute", "in the shop now", "believed", "what becomes of it", "sources"), rows))
    reasons = [f"- **{_label(key, schema)}**: {plain(row['why'])}" for key, row in known.items() if row["conflict"]]
    if reasons:
        parts += ["## Where sources differ", "\n".join(reasons)]
    unmapped = [claim for claim in look["claims"] if claim["attribute"].startswith(UNMAPPED)]
    if unmapped:
        listed = [[plain(claim["attribute"][1:]), _short(claim["value"]), plain(claim["source"])] for claim in unmapped]
        parts += ["## Names that no schema knows", table(("name", "value", "source"), listed)]
    return "\n\n".join(parts)


def _sources(claims: Sequence[Mapping[str, Any]]) -> Mapping[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for claim in claims:
        found[claim["attribute"]].append(claim)
    return found


def _row(
    key: tuple[str, str], row: Mapping[str, Any], change: Mapping[str, Any] | None,
    sources: Mapping[str, Sequence[Mapping[str, Any]]], schema: Schema,
) -> list[str]:  # fmt: skip
    now = _short(row["shop_value"]) + (f" ({_WHO[row['shop_by']]})" if row["shop_by"] else "")
    believed = _short(f"{row['value']} {row['unit']}".strip())
    said = [_said(claim) for claim in _about(key[0], row, sources) if claim["language"] == key[1] or not key[1]]
    return [_label(key, schema), now, believed, _becomes(row, change), "<br>".join(said)]


def _about(
    name: str, row: Mapping[str, Any], sources: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Sequence[Mapping[str, Any]]:
    """Return the claims on a value; a file's value is named by its digest too, and its claims by its address."""
    if not name.startswith(MEDIUM):
        return sources.get(name, ())
    return [claim for claim in sources.get(name.rpartition(":")[0], ()) if claim["value"] == row["value"]] or [
        claim for claim in sources.get(name, ()) if claim["value"] == row["value"]
    ]


def _becomes(row: Mapping[str, Any], change: Mapping[str, Any] | None) -> str:
    if change is not None and change["state"] in _BECOMES and (change["state"] != "applied" or row["shop_by"]):
        return _BECOMES[change["state"]].format(id=change["id"])
    if row["shop_by"] == "person" and row["value"]:
        return "a person's value stays"
    return ""


def _label(key: tuple[str, str], schema: Schema) -> str:
    name, language = key
    feature = schema.features.get(name)
    return plain((feature.label("en") if feature else name) + (f" ({language})" if language else ""))


def _said(claim: Mapping[str, Any]) -> str:
    """Return one claim with its number, place and doubt; addresses stand as text, for they come from outside."""
    place = claim["place"]
    where = ", ".join(
        part for part in (
            str(place.get("address", "")), f"page {place['page']}" if place.get("page") else "",
            str(place.get("selector", "")),
        ) if part
    )  # fmt: skip
    text = f"no. {claim['id']}: {_short(claim['value'])} ({plain(claim['source'])}, {claim['confidence']:.2f})"
    text += f" at {plain(where[:LONGEST])}" if where else ""
    text += f"; licence: {plain(claim['licence'][:80])}" if claim["licence"] else ""
    return text + (f"; {plain(claim['doubt'])}" if claim["doubt"] else "")


def _short(text: str) -> str:
    return plain(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")
