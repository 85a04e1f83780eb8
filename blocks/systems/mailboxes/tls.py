"""Encryption towards mail servers: certificates and names are always checked."""

import ssl

from blocks.errors import Refused


def context(trusted: str) -> ssl.SSLContext:
    """Return TLS settings that check the server's certificate and its name; there are none that don't.

    Args:
        trusted: A mailbox's own trusted certificates as PEM text; empty for those of the system.

    Raises:
        Refused: They are no PEM text.
    """
    try:
        return ssl.create_default_context(cadata=trusted or None)
    except (ssl.SSLError, ValueError) as error:
        raise Refused("The mailbox's own trusted certificates are no PEM text: correct the mailbox's block.") from error
