"""Which connectors there are. A new one is one line here and one file in its kind's folder; no flow changes."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import httpx

from blocks.errors import Refused, TryAgainLater, WrongUse

if TYPE_CHECKING:
    from prefect.blocks.core import Block

CONNECTORS = {
    "edi-folder": "blocks.systems.partners.edi_folder:EdiFolder",
    "feed-endpoint": "blocks.systems.feeds.feed_endpoint:FeedEndpoint",
    "feed-folder": "blocks.systems.feeds.feed_folder:FeedFolder",
    "file-erp": "blocks.systems.erps.file_erp:FileErp",
    "invoice-folder": "blocks.systems.invoices.invoice_folder:InvoiceFolder",
    "invoice-mailbox": "blocks.systems.invoices.invoice_mailbox:InvoiceMailbox",
    "manufacturer-api": "blocks.systems.manufacturers.rest_api:ManufacturerApi",
    "manufacturer-folder": "blocks.systems.manufacturers.catalogue_folder:ManufacturerFolder",
    "manufacturer-site": "blocks.systems.manufacturers.website:ManufacturerSite",
    "order-folder": "blocks.systems.folders.order_folder:OrderFolder",
    "order-desk": "blocks.systems.desks.order_desk:OrderDesk",
    "pos-folder": "blocks.systems.tills.pos_folder:PosFolder",
    "smartstore-shop": "blocks.systems.shops.smartstore:SmartstoreShop",
    "smtp-mailbox": "blocks.systems.mailboxes.smtp:SmtpMailbox",
    "tryton-erp": "blocks.systems.erps.tryton:TrytonErp",
}
"""Block type slug → where its class is."""


def is_kind(name: str, kind: str) -> bool:
    """Return whether a connection's name, e.g. 'order-folder/branch', is of a kind, e.g. 'folders'; loads nothing."""
    return CONNECTORS.get(name.partition("/")[0], "").startswith(f"blocks.systems.{kind}.")


def connector(slug: str) -> "type[Block]":
    """Return the connector class for a block type slug.

    Raises:
        WrongUse: No connector has this slug.
    """
    if slug not in CONNECTORS:
        raise WrongUse(f"There is no connector '{slug}'. Known: {', '.join(sorted(CONNECTORS))}.")
    module, _, name = CONNECTORS[slug].partition(":")
    found: type[Block] = getattr(import_module(module), name)
    return found


def load_system(name: str) -> Any:
    """Load a connected system by its block name, e.g. 'smartstore-shop/berlin'.

    Raises:
        WrongUse: The name has no connector, or no such block was saved.
        TryAgainLater: Prefect's server cannot be reached.
        Refused: The saved block does not fit its connector any more.
    """
    slug, _, document = name.partition("/")
    block_type = connector(slug)
    if not document:
        raise WrongUse(f"'{name}' names no connection: write it as '{slug}/<name>'.")
    try:
        return block_type.load(document)
    except ValueError as error:
        if "Unable to find block document" in str(error):
            raise WrongUse(
                f"No connection '{name}' is saved: create a block of type '{slug}' named '{document}' in the UI."
            ) from error
        raise Refused(f"The saved connection '{name}' does not fit its connector: save the block anew.") from error
    except (OSError, httpx.HTTPError) as error:
        raise TryAgainLater(f"Prefect's server cannot be asked for '{name}'.") from error
