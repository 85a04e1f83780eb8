"""What everybody who takes a stock feed can do: take a whole picture that replaces the one before."""

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path

from prefect.blocks.core import Block


@dataclass(frozen=True, slots=True)
class FeedFile:
    """One picture of stock, ready to be handed over.

    Attributes:
        name: What the receiver knows it by, with its ending, e.g. 'stock.csv'; the same each time.
        path: Where it lies.
        content_type: Its media type.
        sha256: The digest of its bytes, as hex.
        reference: Which delivery it is, e.g. 'SOMS-feed-marketplace-20270110T1500Z'; the same when it is sent again.
    """

    name: str
    path: Path
    content_type: str
    sha256: str
    reference: str


class FeedTarget(Block):
    """A receiver of stock feeds. Raises TryAgainLater or Refused and nothing else; never sleeps."""

    _block_type_name = "Feed Target"

    @abstractmethod
    def replace(self, file: FeedFile) -> None:
        """Put the picture in the place of the one before, whole or not at all. Safe to call again."""
