"""A fault as data: which requests it strikes and what it does to them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

BODY_KINDS = frozenset({"duplicate_rows", "reorder_rows", "malformed_json", "drop_field"})
"""Kinds that change the body of the answer."""
KINDS = BODY_KINDS | {
    "latency", "status", "cut_before", "cut_after", "clock_skew", "commit_delay", "kill_before", "kill_after",
    "rate_limit",
}  # fmt: skip
"""Every kind of fault."""


@dataclass
class Fault:
    """One fault.

    Attributes:
        kind: What happens; one of `KINDS`.
        method: Strike only this HTTP method.
        path: Strike only addresses (path and query as sent) that contain this; with a slash in front, that start so.
        body: Strike only requests whose body contains this.
        nth: Strike the n-th matching request alone, from 1.
        every: Strike every so manieth matching request.
        first: Strike from this matching request on (``from`` in JSON).
        last: Strike up to this matching request (``to`` in JSON).
        times: Strike at most so often.
        seconds: For latency, clock_skew (may be negative) and commit_delay.
        status: For status.
        retry_after: For status: seconds in the Retry-After header.
        html: For status: answer with a page instead of JSON.
        name: For drop_field: the property to leave out.
        pid: For kill_before and kill_after: the process to kill.
        per_second: For rate_limit: answer 429 to whatever comes faster; as many may come at once.
        matched: Requests matched so far.
        fired: Requests struck so far.
        missed: Kills that found no such process.
    """

    kind: str
    method: str = ""
    path: str = ""
    body: str = ""
    nth: int | None = None
    every: int | None = None
    first: int | None = None
    last: int | None = None
    times: int | None = None
    seconds: float = 0.0
    status: int = 500
    retry_after: int | None = None
    html: bool = False
    name: str = ""
    pid: int = 0
    per_second: float = 0.0
    matched: int = 0
    fired: int = 0
    missed: int = 0
    _tokens: float = field(default=0.0, init=False, repr=False)
    _filled_at: float = field(default=0.0, init=False, repr=False)

    def fires(self, method: str, address: str, body: bytes) -> bool:
        """Count a request if it matches, and tell whether it is struck."""
        if not self._matches(method, address, body):
            return False
        self.matched += 1
        struck = (
            (self.nth is None or self.matched == self.nth)
            and (self.every is None or self.matched % self.every == 0)
            and (self.first is None or self.matched >= self.first)
            and (self.last is None or self.matched <= self.last)
            and (self.times is None or self.fired < self.times)
            and (self.kind != "rate_limit" or self._too_fast())
        )
        self.fired += struck
        return struck

    def _matches(self, method: str, address: str, body: bytes) -> bool:
        if self.method and self.method.upper() != method:
            return False
        if self.path and not (address.startswith(self.path) if self.path.startswith("/") else self.path in address):
            return False
        return not self.body or self.body.encode() in body

    def _too_fast(self) -> bool:
        """Take a token from a bucket that fills at the rate allowed; tell whether it was empty."""
        at = time.monotonic()
        gained = (at - self._filled_at) * self.per_second if self._filled_at else self.per_second
        self._tokens, self._filled_at = min(self._tokens + gained, max(self.per_second, 1.0)), at
        if self._tokens < 1:
            return True
        self._tokens -= 1
        return False

    def shown(self) -> dict[str, Any]:
        """Return the fault as JSON, without what it does not say."""
        names = {"first": "from", "last": "to"}
        said = {names.get(each.name, each.name): getattr(self, each.name) for each in fields(self) if each.init}
        counters = ("matched", "fired", "missed")
        return {name: value for name, value in said.items() if name in counters or value not in ("", None, False)}


_POSITIVE = ("nth", "every", "first", "last", "times", "pid")


def read_fault(given: Mapping[str, Any]) -> Fault:
    """Read one fault from JSON.

    Raises:
        ValueError: It names something unknown, or a number makes no sense.
    """
    if not isinstance(given, Mapping):
        raise ValueError("a fault is a JSON object")  # noqa: TRY004 - becomes the text of a 400
    renamed = {{"from": "first", "to": "last"}.get(name, name): value for name, value in given.items()}
    known = {each.name for each in fields(Fault) if each.init} - {"matched", "fired", "missed"}
    if unknown := set(renamed) - known:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    if renamed.get("kind") not in KINDS:
        raise ValueError(f"'kind' must be one of {', '.join(sorted(KINDS))}")
    for name in _POSITIVE:
        value = renamed.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise ValueError(f"'{name}' must be a whole number from 1")
    fault = Fault(**renamed)
    if fault.kind.startswith("kill_") and not fault.pid:
        raise ValueError(f"'{fault.kind}' needs a 'pid'")
    if fault.kind == "rate_limit" and not fault.per_second > 0:
        raise ValueError("'rate_limit' needs 'per_second', a number above zero")
    if fault.kind == "drop_field" and not fault.name:
        raise ValueError("'drop_field' needs a 'name'")
    return fault
