"""DATEV's exchange format."""
