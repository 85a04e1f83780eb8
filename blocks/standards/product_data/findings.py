"""What must be said about a file of product data, gathered while it is read."""

from blocks.documents.product_data import Readability

_MOST = 200
"""Findings kept of one file; the rest is only counted, so that a hostile file cannot fill the report."""
_LONGEST = 500


class Findings:
    """The findings of one file, in whole sentences, and whether a part of it was lost."""

    def __init__(self) -> None:
        """Begin with nothing to say."""
        self.partly = False
        self._said: dict[str, None] = {}
        self._more = 0

    def say(self, sentence: str) -> None:
        """Note something about the content; the same sentence is kept once."""
        text = sentence if len(sentence) <= _LONGEST else f"{sentence[: _LONGEST - 1]}…"
        if text in self._said:
            return
        if len(self._said) < _MOST:
            self._said[text] = None
        else:
            self._more += 1

    def lost(self, sentence: str) -> None:
        """Note that a part of the file could not be read."""
        self.partly = True
        self.say(sentence)

    @property
    def verdict(self) -> Readability:
        """Whether all of the file was read, as far as is known by now."""
        return Readability.PARTLY if self.partly else Readability.READ

    def all(self) -> tuple[str, ...]:
        """Return the sentences in the order they were said."""
        rest = (f"{self._more:,} further findings are not listed.",) if self._more else ()
        return (*self._said, *rest)
