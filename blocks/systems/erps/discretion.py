"""Blots out what is personal in an ERP's own words, because refusals go to logs, effects and artifacts. Pure."""

from blocks.documents.sales import SaleRequest


def blotted(text: str, request: SaleRequest) -> str:
    """Return an ERP's words about a sale with everything personal in its request replaced by asterisks."""
    party = request.party
    secrets = [party.name, party.vat_id, party.email, party.phone, request.comment]
    for address in (request.invoice_address, request.shipment_address):
        secrets += [value for name, value in address if isinstance(value, str) and name != "country"]
    secrets += [line for secret in secrets for line in secret.splitlines()]  # an ERP may write line breaks its own way
    # The longest first, so that a name within an address leaves no rest behind.
    for secret in sorted({text for text in secrets if len(text) > 1}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
