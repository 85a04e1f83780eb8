"""What hosts allow robots to ask (RFC 9309): robots.txt fetched once a day per host, obeyed, its crawl-delay too."""

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from blocks.database.fetched import Answered, Known, key_of
from blocks.errors import Refused, SomsError, TryAgainLater, Unreadable
from blocks.systems.manufacturers.fetching import Answer, Fetcher, Question

if TYPE_CHECKING:
    from protego import Protego

TOKEN = "SOMS"  # noqa: S105 - the name by which robots.txt may address SOMS
_DAY = 24 * 3600.0
LONGEST_DELAY = 60.0
_LONGEST = 500 * 1024
"""Bytes of a robots.txt that are read, of a larger one too; RFC 9309 2.5 asks for no more."""


class Robots:
    """The robots.txt of the hosts of one connection; threads may share it."""

    def __init__(self, fetcher: Fetcher, kept: Mapping[str, tuple[Known, bytes, bool]]) -> None:
        """Take what is kept of earlier visits: how to ask again, the bytes, whether that is not due yet; by URL."""
        self._fetcher, self._kept = fetcher, kept
        self._rules: dict[str, Protego | SomsError] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._answered: list[Answered] = []

    def insist(self, url: str) -> None:
        """Raise why an address must not be asked.

        Raises:
            Refused: The host does not want it.
            TryAgainLater: What the host wants cannot be learnt now, which forbids everything until it can.
        """
        rules = self._of(url)
        if isinstance(rules, SomsError):
            raise TryAgainLater(str(rules), retry_after=getattr(rules, "retry_after", None))
        if (delay := _delay(rules)) > LONGEST_DELAY:
            raise Refused(
                f"{urlsplit(url).hostname} asks robots to wait {delay:.0f} seconds between two requests, too long for a"
                " visit: agree with the maker on another way."
            )
        if not rules.can_fetch(url, TOKEN):
            raise Refused(f"{urlsplit(url).hostname} asks robots not to visit some of its pages; these are left alone.")

    def delay(self, url: str) -> float:
        """Return the seconds that the host wants between two requests; 0 where it does not say."""
        rules = self._of(url)
        return 0.0 if isinstance(rules, SomsError) else _delay(rules)

    def answered(self) -> list[Answered]:
        """Return and forget what hosts answered since the last call."""
        with self._lock:
            found, self._answered = self._answered, []
        return found

    def _of(self, url: str) -> "Protego | SomsError":
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc}/robots.txt"
        with self._lock:
            lock = self._locks.setdefault(address, threading.Lock())
        with lock:
            if address not in self._rules:
                self._rules[address] = self._learnt(address)
            return self._rules[address]

    def _learnt(self, address: str) -> "Protego | SomsError":
        nothing = Known(key_of(address), address, "robots", 0, {}, "", "", "", 0)
        known, body, fresh = self._kept.get(address, (nothing, b"", False))
        if not fresh:
            try:
                answer = self._fetcher.get(Question(address, known.etag, known.last_modified, first=_LONGEST))
            except Refused:  # 2.3.1.3: what cannot be had forbids nothing
                answer = Answer(404, address)
            except (TryAgainLater, Unreadable) as error:  # 2.3.1.4: what cannot be reached forbids everything
                return error
            body = body if answer.status == 304 else answer.body  # noqa: PLR2004 - not modified
            with self._lock:
                self._answered.append(_to_note(known, answer))
        return _parsed(body)


def _delay(rules: "Protego") -> float:
    rate = rules.request_rate(TOKEN)
    apart = rate.seconds / rate.requests if rate is not None and rate.requests else 0.0
    return max(float(rules.crawl_delay(TOKEN) or 0.0), apart)


def _parsed(body: bytes) -> "Protego":
    from protego import Protego  # noqa: PLC0415 - only what visits web sites needs it

    read = body[:_LONGEST]
    if len(read) == _LONGEST:  # the rule that was cut through may say the opposite of what it was to say
        read = read[: max(read.rfind(b"\n"), read.rfind(b"\r")) + 1]
    found: Any = Protego.parse(read.decode("utf-8", "replace"))
    return found


def _to_note(known: Known, answer: Answer) -> Answered:
    new = answer.status == 200  # noqa: PLR2004
    return Answered(
        known, answer.status, answer.body if new else None, answer.content_type, answer.validator("etag"),
        answer.validator("last-modified"), _DAY,
    )  # fmt: skip
