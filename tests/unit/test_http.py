"""What an HTTP answer means, apart from any network."""

import httpx
import pytest

from blocks.errors import Refused, TryAgainLater
from blocks.systems.http import LONGEST_WAIT, retry_after, status_error, user_agent


def answer(status: int, method: str = "GET", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return httpx.Response(status, headers=named, request=httpx.Request(method, "https://shop.example/Orders?$filter=x"))


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 408])
def test_a_busy_or_failing_server_is_to_be_asked_again(status: int) -> None:
    assert isinstance(status_error(answer(status), "Shop: GET Orders"), TryAgainLater)


@pytest.mark.parametrize("status", [301, 302, 400, 401, 403, 404, 409, 421, 422])
def test_what_a_person_must_look_at_is_refused(status: int) -> None:
    error = status_error(answer(status), "Shop: GET Orders")
    assert isinstance(error, Refused)
    assert str(error).startswith(f"Shop: GET Orders answered {status}")


@pytest.mark.parametrize(
    ("status", "method", "maybe"), [(500, "GET", False), (500, "POST", True), (429, "POST", False)]
)
def test_only_a_write_that_may_have_arrived_is_maybe_done(status: int, method: str, maybe: bool) -> None:
    error = status_error(answer(status, method), "Shop")
    assert isinstance(error, TryAgainLater)
    assert error.maybe_done is maybe


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("Sat, 22 Aug 2026 10:00:30 GMT", 30.0),
        ("Sat, 22 Aug 2026 09:00:00 GMT", 0.0),
        ("9" * 400, LONGEST_WAIT),
        ("soon", None),
        ("", None),
        ("-3", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(text: str, seconds: float | None) -> None:
    assert retry_after(answer(429, Retry_After=text, Date="Sat, 22 Aug 2026 10:00:00 GMT")) == seconds


def test_soms_gives_its_own_name() -> None:
    assert user_agent().startswith("SOMS")
