"""What every desk has at which orders are entered by hand: mappings, prices, and how an entry becomes an order."""

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from prefect.blocks.core import Block

from blocks.documents.orders import Order

if TYPE_CHECKING:
    from blocks.database.inbox import Delivery


class Desk(Block):
    """A desk. Connectors raise TryAgainLater, Refused or Unreadable and nothing else; they never sleep."""

    _block_type_name = "Desk"
    tells_takeover: ClassVar[bool] = False

    if TYPE_CHECKING:
        # Every desk has these settings; each declares them among its own fields, where its form is to show them.
        payment_methods: dict[str, str]
        shipping_methods: dict[str, str]
        time_zone: str
        channel: str
        assortment: str
        sends_confirmation_mail: bool

    @abstractmethod
    def read_order(self, received: "Delivery", channel: str) -> Order:
        """Translate one entry. Raises Unreadable with every defect found. Touches no network."""
