"""How a sale is handed over as a file exactly once, and how its answer is found.

1. The file is written whole into the drop folder under a hidden name of its own (``.<name>.<message>.part``).
2. A copy of it is placed in the folder of what was sent, under the name that follows from the reference; only one
   worker can do that, and it must be so before the next step.
3. The hidden file is renamed to its final name: from this moment the ERP may take it.

Whoever comes after a crash reads it off the folders: no copy, not handed over; copy and hidden file, step 3 is still
to be done; copy and no hidden file, handed over, wherever the ERP has put the file since. An answer lies in the
acknowledgements under the file's name. A refusal that was told is marked, and the next try is a new file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from blocks.documents.sales import Sale, SaleRequest
from blocks.errors import Outstanding, Refused, TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.erps.discretion import blotted
from blocks.systems.erps.file_erp_answers import LARGEST_ACKNOWLEDGEMENT, Acknowledgement, read_acknowledgement
from blocks.systems.erps.file_erp_folders import Folder, TooLarge
from blocks.systems.erps.file_erp_sales import (
    FileFormat,
    HandedOver,
    handed_over,
    plain_text,
    stem,
    sums,
    tolerance,
    written,
)

TOLD = ".told"
"""Ending of an acknowledgement whose refusal was told; the next try is a new file."""
LONGEST_PAUSE = 7200.0
LEFT_BEHIND = 86400.0


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of one ERP; ``taken`` is where it puts what it took, where that can be seen."""

    drop: Folder
    sent: Folder
    acknowledgements: Folder
    taken: Folder | None = None

    def check(self) -> None:
        """Raise TryAgainLater when one of them is gone."""
        for folder in (self.drop, self.sent, self.acknowledgements, self.taken):
            if folder:
                folder.check()


@dataclass(frozen=True, slots=True)
class Way:
    """One try at handing a sale over: the stem of its files' names, and the copy kept of it, if it was begun."""

    name: str
    copy: HandedOver | None

    def file(self, file_format: FileFormat) -> str:
        """Return the name of the file, which is also its acknowledgement's."""
        return f"{self.name}.{self.copy.format if self.copy else file_format}"

    def part(self, file_format: FileFormat) -> str:
        """Return the hidden name under which the file waits for its last step."""
        return f".{self.file(file_format)}.{self.copy.message if self.copy else ''}.part"


@dataclass(slots=True)
class Handover:
    """Hands sales over one by one and reads their answers."""

    folders: Folders
    format: FileFormat
    delimiter: str

    def answers(self, requests: Sequence[SaleRequest]) -> list[Answer]:
        """Return one answer per request, in order; when a folder cannot be used, the rest is not tried."""
        answers: list[Answer] = []
        seen: set[str] = set()
        try:
            self.folders.check()
            self.folders.drop.remove_older(".", ".part", LEFT_BEHIND)
            for request in requests:
                answer = self._refuse_twice(request, seen) or self._answer_or_refusal(request)
                answers.append(answer)  # at once: what was answered before a folder fails must stay
        except TryAgainLater as error:
            began = bool(seen)
            answers.append(TryAgainLater(str(error), retry_after=error.retry_after, maybe_done=began))
            later = TryAgainLater(
                "A folder of the file ERP failed for an earlier sale; not tried yet.", maybe_done=began
            )
            answers += [later] * (len(requests) - len(answers))
        except Refused as error:
            return [error] * len(requests)
        return answers

    @staticmethod
    def _refuse_twice(request: SaleRequest, seen: set[str]) -> Refused | None:
        if request.reference in seen:
            return Refused(f"Sale {request.reference}: the same reference stands twice in one batch.")
        seen.add(request.reference)
        return None

    def _answer_or_refusal(self, request: SaleRequest) -> Answer:
        try:
            return self._answer(request)
        except Refused as error:
            return error

    def _answer(self, request: SaleRequest) -> Answer:
        way = self.way(request.reference)
        if way.copy is None and self.folders.acknowledgements.holds(way.file(self.format)):
            return self._told(way, request, adopted=True)
        way = way if way.copy else self._strange(way, request)
        adopted = way.copy is not None
        if way.copy is None:
            way = self._hand_over(way, request)
        elif way.copy.total != request.total:
            raise Refused(
                f"Sale {request.reference} was handed over with a total of {way.copy.total:f} instead of"
                f" {request.total:f}: cancel it in the ERP, or correct the order."
            )
        self._finish(way)
        return self._told(way, request, adopted=adopted)

    def way(self, reference: str) -> Way:
        """Return the try that counts for a reference: the first whose refusal was not told yet."""
        beginning = stem(reference)
        if not beginning:
            raise Refused("A sale without a reference cannot be handed over: nobody could look it up.")
        number = 1
        while True:
            name = beginning if number == 1 else f"{beginning}.{number}"
            body = self.folders.sent.read(f"{name}.sale")
            way = Way(name, self._copy(name, reference, body) if body is not None else None)
            if way.copy is None or not self.folders.acknowledgements.holds(way.file(self.format) + TOLD):
                return way
            number += 1

    @staticmethod
    def _copy(name: str, reference: str, body: bytes) -> HandedOver:
        try:
            copy = handed_over(body)
        except ValueError as error:
            raise Refused(f"What was sent as {name} is no sale any more ({error}): restore it, then retry.") from error
        if copy.reference != reference.strip():
            raise Refused(f"What was sent as {name} is another sale, {copy.reference}: two references share one name.")
        return copy

    def _strange(self, way: Way, request: SaleRequest) -> Way:
        """Adopt what lies in the ERP's folders although no copy of it was kept, e.g. because a backup was restored."""
        for folder in (self.folders.drop, self.folders.taken):
            for file_format in ("xml", "csv") if folder else ():
                body = folder.read(f"{way.name}.{file_format}") if folder else None
                if body is not None:
                    copy = self._copy(way.name, request.reference, body)
                    self._keep(way.name, body, copy.message)
                    return Way(way.name, copy)
        return way

    def _hand_over(self, way: Way, request: SaleRequest) -> Way:
        found = sums(request)
        if abs(found.rounding) > tolerance(request):
            raise Refused(
                f"Sale {request.reference}: its lines come to {found.net + found.tax:f} where {request.total:f} was"
                " agreed, more than rounding explains."
            )
        message = uuid4().hex
        body = written(request, message, self.format, self.delimiter)
        new = Way(way.name, handed_over(body))
        self.folders.drop.write(new.part(self.format), body)
        if self._keep(way.name, body, message):
            return new
        self.folders.drop.remove(new.part(self.format))  # another worker was quicker, with a message of its own
        return self.way(request.reference)

    def _keep(self, name: str, body: bytes, message: str) -> bool:
        temporary = f".{name}.{message}.part"
        self.folders.sent.write(temporary, body)
        return self.folders.sent.place(temporary, f"{name}.sale")

    def _finish(self, way: Way) -> None:
        """Give the hidden file its final name, if that is still to be done."""
        part = way.part(self.format)
        if self.folders.drop.holds(part):
            self.folders.drop.rename(part, way.file(self.format))

    def _told(self, way: Way, request: SaleRequest, *, adopted: bool) -> Answer:
        name = way.file(self.format)
        try:
            answer = self.acknowledged(way, request.reference)
        except ValueError as error:
            return self._later(way, f"its acknowledgement {name} is there but not whole or not readable: {error}")
        if answer is None:
            return self._later(way, "handed over, acknowledgement outstanding")
        if answer.outcome == "refused":
            self.folders.acknowledgements.rename(name, name + TOLD)
            reason = blotted(answer.reason or "no reason given", request).rstrip(". ")
            return Refused(f"The ERP refused sale {request.reference}: {reason}.")
        if answer.total != request.total:
            return Refused(
                f"Sale {request.reference} comes to {answer.total:f} in the ERP ({answer.number}) instead of"
                f" {request.total:f}: correct it there or cancel it."
            )
        rounding = answer.rounding if answer.rounding is not None else sums(request).rounding
        facts = {"number": answer.number, "state": answer.state, "total": f"{answer.total:f}"}
        return Done(answer.number, facts | {"rounding": f"{rounding:f}", "file": name}, adopted=adopted)

    def acknowledged(self, way: Way, reference: str) -> Acknowledgement | None:
        """Return the ERP's answer to a try; None when there is none yet.

        Raises:
            ValueError: It is not whole yet, or nobody can read it, or it answers another sale.
        """
        try:
            body = self.folders.acknowledgements.read(way.file(self.format), LARGEST_ACKNOWLEDGEMENT)
        except TooLarge as error:
            raise ValueError(f"it has more than {LARGEST_ACKNOWLEDGEMENT} bytes") from error
        if body is None:
            return None
        answer = read_acknowledgement(body)
        if reference.strip() not in (answer.reference, plain_text(answer.reference)):
            raise ValueError(f"it answers {answer.reference[:100]}")
        return answer

    def _later(self, way: Way, what: str) -> Outstanding:
        """Ask again the later the longer it has been waiting: an ERP that answers every night is asked often enough."""
        age = self.folders.sent.age(f"{way.name}.sale") or 0.0
        return Outstanding(
            f"Sale file {way.file(self.format)}: {what}.", retry_after=min(age / 2, LONGEST_PAUSE), maybe_done=True
        )

    def sale(self, reference: str) -> Sale | None:
        """Return the sale of a reference as it stands; None when it was not handed over or was refused."""
        way = self.way(reference)
        if way.copy is None:
            return None
        try:
            answer = self.acknowledged(way, reference)
        except ValueError:
            answer = None
        if answer is None:
            return _sale(way, self.format, way.copy)
        if answer.outcome == "refused":
            return None
        return Sale(
            reference=reference, external_id=way.file(self.format), number=answer.number, state=answer.state,
            total=answer.total if answer.total is not None else way.copy.total,
            rounding=answer.rounding if answer.rounding is not None else way.copy.rounding,
        )  # fmt: skip


def _sale(way: Way, file_format: FileFormat, copy: HandedOver) -> Sale:
    return Sale(
        reference=copy.reference, external_id=way.file(file_format), number="", state="handed over", total=copy.total,
        rounding=copy.rounding,
    )  # fmt: skip
