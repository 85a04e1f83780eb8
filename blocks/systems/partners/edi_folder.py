"""A folder that interchanges are exchanged by with an EDI partner: on this machine, an FTP or an SFTP server."""

import base64
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from pydantic import Field

from blocks.documents.money import Rate
from blocks.documents.orders import Order
from blocks.errors import Unreadable
from blocks.systems.answers import Answer
from blocks.systems.folders.handing_over import Handed, Note, hand_over
from blocks.systems.folders.places import FolderPlaces

if TYPE_CHECKING:
    from blocks.database.inbox import Delivery

CONTENT_TYPE = "application/edifact"


@dataclass(frozen=True, slots=True)
class InterchangeRecord:
    """One interchange of a file; rows are counted as segments of it."""

    external_id: str
    first_row: int
    last_row: int
    body: bytes
    content_type: str = CONTENT_TYPE


@dataclass(frozen=True, slots=True)
class NoProfile:
    """EDIFACT says itself how it is written, so files are read by no profile."""

    name: str = "edifact"
    version: int = 0


class EdiFolder(FolderPlaces):
    """A partner's folder: SOMS takes interchanges from incoming, archives them, and puts its own into results.

    Its orders go through order intake like a shop's: name this connection as the source of order intake.

    Example:
        >>> folder = EdiFolder.load("acme")
    """

    _block_type_name = "EDI Folder"
    _block_type_slug = "edi-folder"
    _description = "A folder, FTP or SFTP server by which EDIFACT interchanges are exchanged with a partner."
    tells_takeover: ClassVar[bool] = False

    channel: str = Field(
        default="",
        pattern=r"^[a-z0-9-]*$",
        description="The channel its orders belong to; empty: a channel of its own, named as this connection is.",
    )
    assortment: str = Field(
        default="", pattern=r"^[a-z0-9-]*$", description="The channel whose articles are ordered; empty: its own's."
    )
    tax_rate: Rate = Field(description="Per cent of tax on ordered goods whose line names no rate, e.g. 19.")
    hold_prices: bool = Field(
        default=False,
        description="Orders wait until a person agrees to the partner's prices; they are not compared with a list.",
    )
    currency: str = Field(
        default="EUR", pattern=r"^[A-Z]{3}$", description="Currency of orders that name none (ISO 4217)."
    )
    payment_methods: dict[str, str] = Field(
        default_factory=lambda: {"invoice": "invoice"}, description="What SOMS calls payment by 'invoice'."
    )
    shipping_methods: dict[str, str] = Field(
        default_factory=lambda: {"delivery": "delivery"}, description="What SOMS calls the shipping method 'delivery'."
    )
    time_zone: str = Field(default="Europe/Berlin", description="The merchant's zone: an order's day is a day there.")
    sends_confirmation_mail: bool = Field(
        default=True, description="Partners are answered by ORDRSP, not by mail; switch off to write mails as well."
    )

    def profile_in_force(self) -> NoProfile:
        """Return what stands for a profile."""
        return NoProfile()

    def profile_of(self, name: str, version: int) -> NoProfile:
        """Return what stands for the profile a file was begun by."""
        return NoProfile(name, version)

    def split(self, stream: BinaryIO, _profile: NoProfile) -> Iterator[InterchangeRecord]:
        """Cut a file into its interchanges. Raises Unreadable where it holds none."""
        from blocks.standards.edifact.cutting import interchanges_of  # noqa: PLC0415 - only where files are read

        for cut in interchanges_of(stream.read()):
            yield InterchangeRecord(cut.name, cut.first, cut.last, cut.octets)

    def read_order(self, received: "Delivery", channel: str) -> Order:
        """Translate one ORDERS message. Raises Unreadable with every defect found. Touches no network."""
        from blocks.standards.edifact.messages.orders import OrderTerms, read_order  # noqa: PLC0415 - as above

        try:
            content = json.loads(received.body)
            octets, articles = base64.b64decode(content["interchange"]), dict(content["articles"])
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable("The record is none that the EDI exchange has kept.") from error
        terms = OrderTerms(channel, self.tax_rate, self.currency, self.time_zone, articles, self.hold_prices)
        return read_order(octets, terms)

    def put(self, files: Sequence[Handed], *, begun: Collection[str], note: Note) -> list[Answer]:
        """Put interchanges into the results folder, each whole and once; those that lie there already are adopted."""
        with self.opened() as place:
            return hand_over(place, files, begun=begun, note=note)
