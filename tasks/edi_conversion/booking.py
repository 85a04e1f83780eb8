"""Books what was read of a chunk of files: each file once, each invoice of a supplier proven once, its delivery due."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from blocks.database import conversions, effects
from blocks.database.conversions import Goal, Read
from blocks.documents.conversions import Conversion, Outcome

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

PROCESS = "edi_conversion"
DELIVERY = "invoice.delivery"


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of files: counts that add up to ``files``."""

    files: int = 0
    proven: int = 0
    review: int = 0
    unreadable: int = 0
    left: int = 0
    """Files that another run has booked meanwhile."""

    def __add__(self, other: "Converted") -> "Converted":
        """Return the sums."""
        return Converted(
            self.files + other.files, self.proven + other.proven, self.review + other.review,
            self.unreadable + other.unreadable, self.left + other.left,
        )  # fmt: skip

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], *, left: int = 0) -> "Converted":
        """Count outcomes."""
        return cls(
            len(outcomes) + left, outcomes.count(Outcome.PROVEN), outcomes.count(Outcome.REVIEW),
            outcomes.count(Outcome.UNREADABLE), left,
        )  # fmt: skip


def book(connection: "Connection", trail: "Trail", *, source: str, goal: Goal, reads: Sequence[Read]) -> Converted:
    """Book what was read in the caller's transaction; files that another run has booked meanwhile are left out."""
    conversions.hold_booking(connection)
    free = conversions.still_open(connection, [read.file.inbox_id for read in reads])
    ours = [read for read in reads if read.file.inbox_id in free]
    keys = {_key(read) for read in ours}
    known = {key: f"conversion {number}" for key, number in conversions.known_numbers(connection, keys).items()}
    judged = once_only(ours, known)
    ids = conversions.book(connection, trail, source=source, goal=goal, reads=judged)
    outcomes = [read.conversion.outcome for read in judged]
    proven = [number for number, outcome in zip(ids, outcomes, strict=True) if outcome is Outcome.PROVEN]
    put_due(connection, trail, proven, goal)
    return Converted.of(outcomes, left=len(reads) - len(ours))


def once_only(reads: Sequence[Read], known: dict[tuple[str, str], str]) -> list[Read]:
    """Return what was read, with every second proof of one invoice of a supplier put before a person."""
    seen = dict(known)
    judged = []
    for read in reads:
        key = _key(read)
        if read.conversion.outcome is Outcome.PROVEN and all(key):
            if key in seen:
                judged.append(replace(read, conversion=_again(read.conversion, seen[key])))
                continue
            seen[key] = "another file of the same run"
        judged.append(read)
    return judged


def _key(read: Read) -> tuple[str, str]:
    invoice = read.conversion.invoice
    return conversions.key(read.supplier), conversions.key(invoice.number) if invoice else ""


def _again(conversion: Conversion, where: str) -> Conversion:
    reason = f"An invoice of this supplier with this number was converted already, as {where}."
    return conversion.model_copy(update={"outcome": Outcome.REVIEW, "reasons": (reason, *conversion.reasons)})


def put_due(connection: "Connection", trail: "Trail", numbers: Sequence[int], goal: Goal) -> None:
    """Write the delivery of conversions as due; nothing where they go nowhere."""
    if not goal.target:
        return
    due = [
        effects.Due(
            business_key=f"{DELIVERY}:{number}", process=PROCESS, system=goal.target, kind=DELIVERY,
            subject=f"conversion/{number}",
            payload={"conversion": number, "form": goal.form, "recipient": goal.recipient},
        )
        for number in numbers
    ]  # fmt: skip
    effects.put(connection, trail, due)
