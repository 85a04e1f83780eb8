"""The business rules of EN 16931 over the canonical invoice: small pure functions, each with id, texts and places."""
