"""What everything that orders come from has in common: shops, folders of files, desks where people enter them."""

from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from blocks.documents.orders import Order
    from blocks.systems.shops.contract import Received


class OrderSource(Protocol):
    """Where orders come from; ``read_order`` is pure translation and touches no network."""

    tells_takeover: ClassVar[bool]
    """Whether the source is told that an order was taken over (a shop is, a folder answers by a result file)."""

    @property
    def channel(self) -> str:
        """The channel its orders belong to, e.g. 'berlin'; empty: named as the source is."""

    @property
    def payment_methods(self) -> dict[str, str]:
        """The source's name of each payment method → the merchant's own. Orders with any other are put aside."""

    @property
    def shipping_methods(self) -> dict[str, str]:
        """The source's name of each shipping method → the merchant's own. Orders with any other are put aside."""

    @property
    def time_zone(self) -> str:
        """The merchant's zone, e.g. 'Europe/Berlin': an order's day is a day there."""

    @property
    def assortment(self) -> str:
        """The channel whose articles can be ordered here, e.g. 'berlin'; empty: the source's own."""

    @property
    def sends_confirmation_mail(self) -> bool:
        """Whether the source itself confirms orders to the customer by mail."""

    def read_order(self, received: "Received", channel: str) -> "Order":
        """Translate one raw order. Raises Unreadable with every defect found."""
