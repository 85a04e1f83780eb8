"""The rules of VAT law over the canonical invoice, by subject: small functions, each with id, source and texts."""
