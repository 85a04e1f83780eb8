"""Lists as Postgres arrays: the short way says the same as psycopg's own."""

from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.adapt import PyFormat, Transformer
from psycopg.types.array import ListDumper

from blocks.database.arrays import TextsDumper
from blocks.database.engine import Database
from tests import stack


def dumped(value: list[Any]) -> tuple[bytes, int]:
    transformer = Transformer()
    transformer.adapters.register_dumper(list, TextsDumper)
    dumper = transformer.get_dumper(value, PyFormat.AUTO)
    assert isinstance(dumper, ListDumper)
    return bytes(dumper.dump(value) or b""), dumper.oid


ELSE = [[], [1, 2], [-3, 2**70], [None, "a"], [["a"], ["b"]], [Decimal("1.50")], [b"a"], [True]]


@pytest.mark.parametrize("value", ELSE, ids=str)
def test_what_is_no_list_of_texts_is_what_psycopg_makes_of_it(value: list[Any]) -> None:
    own = Transformer().get_dumper(value, PyFormat.AUTO)
    assert dumped(value) == (bytes(own.dump(value) or b""), own.oid)


def test_a_text_that_no_array_can_hold_is_refused() -> None:
    with pytest.raises(psycopg.DataError):
        dumped(["a", "b\x00c"])


@given(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))))
def test_every_text_needs_at_most_quotes_or_goes_psycopgs_own_way(texts: list[str]) -> None:
    text = dumped(texts)[0].decode()
    if texts and not any(sign in each for each in texts for sign in '"\\'):
        assert text[2:-2].split('","') == texts


def test_postgres_reads_back_what_was_sent(database_url: stack.DatabaseUrls) -> None:
    texts = ["", " a ", "null", "NULL", "a,b", "{a}", 'a"b', "a\\b", "a\nb", "\t", "ä€😀", "\u2003", "'"]
    with Database(database_url.app).connect() as connection:
        for sent in (texts, [text for text in texts if not {'"', "\\"} & set(text)]):
            row = connection.execute("SELECT %s::text[] AS got", (sent,)).fetchone()
            assert row is not None
            assert row["got"] == sent
