"""Tells the shop: each approved change is one call, made once, and never over what a person wrote meanwhile."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from blocks.database import product_changes, product_media
from blocks.database.effect_delivery import Delivery
from blocks.database.product_changes import KIND, MEDIA_KIND, PROCESS
from blocks.documents.product_content import ContentChange, MediumChange
from blocks.documents.product_schemas import Feature, FeatureKind, shop_field
from blocks.errors import Refused, TryAgainLater, Unreadable
from blocks.standards.product_data.media.judging import judge
from blocks.systems.answers import Answer, Done
from blocks.systems.limits import Limits, limits_of
from blocks.systems.registry import load_system
from tasks.manufacturer_enrichment import rulebooks
from tasks.manufacturer_enrichment.choosing import TEXT
from tasks.manufacturer_enrichment.media import Permits, permitted
from tasks.manufacturer_enrichment.normalising import numbers_of

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.effects import Claimed, Settled
    from blocks.database.engine import Connection, Database


MOST_FILES = 8
"""At once in memory, each of at most 10 MB."""


class Writes(Protocol):
    """A shop that can be told what to show."""

    def write_content(self, changes: Sequence[ContentChange]) -> list[Answer]: ...  # noqa: D102 - said by the class


class ShowsMedia(Protocol):
    """A shop that can be given pictures and documents."""

    def write_media(self, changes: Sequence[MediumChange]) -> list[Answer]: ...  # noqa: D102 - said by the class


def tell(database: "Database", claimed: "Sequence[Claimed]") -> list[Answer]:
    """Have the connected shop show what the changes say; one answer per call, in order."""
    return tell_to(database, claimed, load_system(claimed[0].system))


def tell_to(database: "Database", claimed: "Sequence[Claimed]", shop: Writes) -> list[Answer]:
    """Have a shop show what the changes say; one answer per call, in order."""
    with database.connect() as connection:
        rows = product_changes.to_make(connection, [int(effect.payload["change"]) for effect in claimed])
        schemas = rulebooks.in_force(connection).schemas
    made: list[ContentChange | Refused] = []
    for effect in claimed:
        row = rows.get(int(effect.payload["change"]))
        schema = schemas.schema_of(schemas.category_of((row or {}).get("category") or ""))
        made.append(_change(row, schema.feature((row or {}).get("attribute", "")) or TEXT))
    ready = [each for each in made if isinstance(each, ContentChange)]
    told = iter(shop.write_content(ready) if ready else [])
    return [each if isinstance(each, Refused) else next(told) for each in made]


def tell_of_media(database: "Database", claimed: "Sequence[Claimed]") -> list[Answer]:
    """Have the connected shop show pictures and documents, or no longer; one answer per call, in order."""
    return tell_media_to(database, claimed, load_system(claimed[0].system), permitted)


def tell_media_to(
    database: "Database", claimed: "Sequence[Claimed]", shop: ShowsMedia, permits: Permits
) -> list[Answer]:
    """Have a shop show pictures and documents, or no longer; one answer per call, in order."""
    with database.connect() as connection:
        rows = product_changes.to_make(connection, [int(effect.payload["change"]) for effect in claimed])
        made = [_medium(connection, rows.get(int(effect.payload["change"])), permits) for effect in claimed]
    ready = [each for each in made if isinstance(each, MediumChange)]
    told = iter(shop.write_media(ready) if ready else [])
    return [each if isinstance(each, Refused) else next(told) for each in made]


def _medium(connection: "Connection", found: dict[str, Any] | None, permits: Permits) -> MediumChange | Refused:
    """Return a file as a shop is given it, if its licence still permits it and its bytes are fit to be shown."""
    if isinstance(row := _approved(found), Refused):
        return row
    named = {"key": f"product_change/{row['id']}", "article": row["sku"], "product_id": row["product_id"],
             "variant_id": row["variant_id"]}  # fmt: skip
    if not row["new"]:
        return MediumChange(**named, sha256=row["old"], shown=False)
    if not row["source"] or not permits(row["source"]):
        whose = row["source"] or "its source"
        return Refused(f"The licence noted at {whose} does not let the shop show its files: see its settings.")
    body = product_media.body(connection, (row["source"], row["said"]), row["new"])
    if body is None:
        return Refused(f"{row['source']} offers another file at this address by now: the next run decides on that.")
    try:
        medium = judge(body)
    except Unreadable as error:
        return Refused(str(error))
    return MediumChange(
        **named, sha256=row["new"], shown=True, kind=medium.kind.value, extension=medium.extension,
        content_type=medium.content_type, body=body,
    )  # fmt: skip


def _change(found: dict[str, Any] | None, feature: Feature) -> ContentChange | Refused:
    """Return a change as a shop is told it."""
    if isinstance(row := _approved(found), Refused):
        return row
    numbers = numbers_of(row["believed"] or "") if feature.kind is FeatureKind.NUMBER and row["new"] else None
    return ContentChange(
        key=f"product_change/{row['id']}", article=row["sku"], product_id=row["product_id"],
        variant_id=row["variant_id"], old=row["old"], new=row["new"], language=row["language"], reason=row["why"],
        field=row["attribute"] if feature is TEXT else shop_field(row["attribute"], feature),
        label=feature.label(row["language"] or "de") if feature is not TEXT else row["attribute"],
        number=numbers[0][0] if numbers and len(numbers[0]) == 1 else None, unit=feature.unit if numbers else "",
    )  # fmt: skip


def _approved(row: dict[str, Any] | None) -> dict[str, Any] | Refused:
    if row is None or row["state"] not in {"approved", "failed"}:
        return Refused("This change is not approved any more: abandon the call.")
    if not row["product_id"]:
        return Refused(f"The shop has no article {row['sku']} any more.")
    return row


def book(connection: "Connection", trail: "Trail", settled: "Sequence[Settled]") -> None:
    """Book what became of each change, and note in the golden record what the shop shows now."""
    outcomes = {}
    for entry in settled:
        if not isinstance(entry.answer, TryAgainLater):
            outcomes[int(entry.effect.payload["change"])] = _outcome(entry.answer)
    product_changes.settle(connection, trail, outcomes)
    applied = [number for number, state in outcomes.items() if state == "applied"]
    product_changes.note_shown(connection, trail, applied)


def _outcome(answer: Answer) -> str:
    if isinstance(answer, Done):
        return "kept" if "kept" in answer.facts else "applied"
    return "failed"


def _limits(system: str) -> Limits:
    return limits_of(load_system, system)


DELIVERIES = Delivery(
    process=PROCESS, calls={KIND: tell, MEDIA_KIND: tell_of_media},
    names={KIND: "Values written in the shop", MEDIA_KIND: "Pictures and documents"},
    per_call={KIND: 500, MEDIA_KIND: MOST_FILES}, book=book, limits=_limits, in_bulk=(KIND, MEDIA_KIND),
)  # fmt: skip
