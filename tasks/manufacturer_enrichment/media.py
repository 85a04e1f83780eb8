"""Pictures and documents: which files of makers a shop may show, and what follows for each. A file is its bytes."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from blocks.database import product_media
from blocks.documents.product_content import MEDIUM
from blocks.documents.product_values import Believed, Wanted
from blocks.errors import SomsError
from blocks.systems.registry import load_system
from tasks.manufacturer_enrichment.choosing import TEXT, Choice, Kept, choose
from tasks.manufacturer_enrichment.deciding import NOBODY, PERSON, SOMS, STATES, Bench, Decided, is_open

if TYPE_CHECKING:
    from blocks.database.engine import Connection

_DIGITS = 16
"""Of a file's digest; they tell the files of one article apart."""

Permits = Callable[[str], bool]


def permitted(source: str) -> bool:
    """Return whether a source's licence lets the shop show its pictures and documents, as its connection says now."""
    try:
        system = load_system(source)
    except SomsError:
        return False
    return bool(getattr(system, "shows_media", False) and system.licence.strip())


def files_of(connection: "Connection", claims: Sequence[Mapping[str, Any]], permits: Permits) -> dict[int, str]:
    """Return the file that each claim on a picture or document is about: number of the claim → sha256.

    What no licence permits, or what was not fetched, is not among it: it is named on the article's page and no more.
    """
    media = [row for row in claims if row["attribute"].startswith(MEDIUM) and row["value"]]
    allowed = {source for source in {row["source"] for row in media} if permits(source)}
    named = {(row["source"], row["value"]) for row in media if row["source"] in allowed}
    if not named:
        return {}
    found = product_media.kept(connection, named)
    return {row["id"]: found[key] for row in media if (key := (row["source"], row["value"])) in found}


def value_name(attribute: str, digest: str) -> str:
    """Return the attribute that one file of an article is the value of, e.g. 'medium:normal:0a1b…'."""
    return f"{attribute}:{digest[:_DIGITS]}"


def decide_medium(
    bench: Bench, attribute: str, digest: str, claims: Sequence[tuple[Kept, str]], last: Mapping[str, Any]
) -> Decided | None:
    """Return what follows from sources naming a file: shown unless a person took it away, or it is shown already.

    Args:
        bench: The article and the rules.
        attribute: As ``value_name`` says.
        digest: Of the file's bytes.
        claims: Who names it, each with its licence.
        last: What was changed of it before, as for other values.
    """
    choice = choose([claim for claim, _ in claims], bench.rules.rule_for(attribute), TEXT, now=bench.now)
    if choice is None:
        return None
    licence = next(licence for claim, licence in claims if claim.id == choice.chosen.id)
    shows, by = _whose(bench, digest, last)
    believed = Believed(
        sku=bench.sku, attribute=attribute, language="", value=choice.chosen.value, unit="", claim_id=choice.chosen.id,
        losers=[], conflict=False, why=f"{choice.chosen.sentence()}; its licence: {licence[:200]}.",
        rules_version=bench.rules.version, shop_value=shows or "", shop_by=by, seen=shows is not None,
    )  # fmt: skip
    wanted = _wanted(believed, choice, digest, last)
    opened = last.get("open")
    if opened and opened["state"] in {"proposed", "held"} and (wanted is None or not is_open(wanted, opened)):
        return Decided(believed, wanted, opened["id"], choice.apply)
    return Decided(believed, None if opened else wanted, None, choice.apply)


def _whose(bench: Bench, digest: str, last: Mapping[str, Any]) -> tuple[str | None, str]:
    """Return the digest where the shop shows the file, and whose doing it is that it does or does not."""
    opened, settled = last.get("open"), last.get("settled")
    if bench.content is None or (opened and opened["state"] == "approved"):
        return None, NOBODY
    if bench.content.shows(f"{MEDIUM}{digest}"):
        return digest, SOMS
    return "", PERSON if settled else NOBODY  # it was shown once, and somebody took it away


def _wanted(believed: Believed, choice: Choice, digest: str, last: Mapping[str, Any]) -> Wanted | None:
    if not believed.seen or believed.shop_value or believed.shop_by == PERSON or digest in last.get("declined", ()):
        return None
    return Wanted(
        sku=believed.sku, attribute=believed.attribute, language="", old="", new=digest, unit="",
        claim_id=believed.claim_id, why=believed.why, rules_version=believed.rules_version, state=STATES[choice.apply],
    )  # fmt: skip
