"""A web address that takes stock feeds: the whole picture in one PUT or POST."""

from base64 import b64encode
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, HttpUrl, SecretStr

from blocks.systems.feeds.contract import FeedFile, FeedTarget
from blocks.systems.http import open_client, send


class FeedEndpoint(FeedTarget):
    """A marketplace's or partner's web address for stock feeds.

    Each request carries the delivery's reference as ``Idempotency-Key`` and the digest of its body as
    ``Content-Digest`` (RFC 9530), so that a receiver can tell a repeated delivery and a damaged one.

    Example:
        >>> target = FeedEndpoint.load("marketplace")
    """

    _block_type_name = "Feed Endpoint"
    _block_type_slug = "feed-endpoint"
    _description = "A web address that SOMS sends stock feeds to."

    url: HttpUrl = Field(description="Where feeds are sent to, e.g. https://partner.example.com/stock.")
    method: Literal["PUT", "POST"] = Field(default="PUT", description="How they are sent.")
    token: SecretStr = Field(
        default=SecretStr(""), description="Sent as 'Authorization: Bearer …' where it is filled; stored encrypted."
    )
    timeout: float = Field(default=60.0, gt=0, le=600, description="Seconds to wait for each answer.")

    def replace(self, file: FeedFile) -> None:
        """Send the file; whatever answer but 2xx is an error."""
        token = self.token.get_secret_value()
        digest = b64encode(bytes.fromhex(file.sha256)).decode()
        headers = {
            "Content-Type": file.content_type,
            "Content-Length": str(file.path.stat().st_size),
            "Content-Digest": f"sha-256=:{digest}:",
            "Idempotency-Key": file.reference,
        } | ({"Authorization": f"Bearer {token}"} if token else {})
        system = f"The receiver of stock feeds at {self.url.host}"
        parts = urlsplit(str(self.url))
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        origin = f"{parts.scheme}://{parts.netloc}"
        with open_client(origin, timeout=self.timeout) as client, file.path.open("rb") as content:
            send(client, self.method, path, system=system, content=content, headers=headers)
