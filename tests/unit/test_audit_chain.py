"""Events become COPY text that Postgres reads back as it was, each with the hash that the documentation says."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from blocks.database.audit_chain import FIRST_HASH, Chained, event_hash, told

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}
AT = "2026-01-01T00:00:00.000000Z"


def read_back(line: str) -> list[str]:
    """Read one line of COPY text as Postgres does."""
    fields, letters = [""], iter(line)
    for letter in letters:
        if letter == "\t":
            fields.append("")
        else:
            fields[-1] += ESCAPES[next(letters)] if letter == "\\" else letter
    return fields


@given(st.lists(st.tuples(WORDS, WORDS, st.dictionaries(WORDS, WORDS), st.dictionaries(WORDS, WORDS)), max_size=5))
def test_whatever_an_event_says_is_copied_and_hashed_as_it_is(events: list[tuple[str, str, dict, dict]]) -> None:
    chain = Chained(FIRST_HASH, 6, (AT, "a\tb", "p\\", "r\n"), [told(*event) for event in events])
    lines = b"".join(chain).decode().split("\n")[:-1]
    link = FIRST_HASH
    for number, (line, (kind, subject, digests, facts)) in enumerate(zip(lines, events, strict=True), 7):
        columns = read_back(line)
        assert columns[:7] == [str(number), AT, "a\tb", "p\\", "r\n", kind, subject]
        assert [json.loads(column) for column in columns[7:9]] == [digests, facts]
        assert columns[9:] == [link, event_hash(link, columns[:9])]
        link = columns[10]
    assert (chain.seq, chain.head) == (6 + len(events), link)


def test_facts_of_any_kind_become_the_same_text_every_time() -> None:
    facts = {
        "total": Decimal("119.00"),
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "day": date(2026, 1, 1),
        "many": {"b", "a"},
        "big": 2**70,
    }
    (line,) = b"".join(Chained(FIRST_HASH, 0, (AT, "", "", ""), [told("k", "s", {}, facts)])).decode().splitlines()
    text = (
        '{"at":"2026-01-01T00:00:00Z","big":1180591620717411303424,"day":"2026-01-01","many":["a","b"],"total":"119"}'
    )
    assert read_back(line)[8] == text
