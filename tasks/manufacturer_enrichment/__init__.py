"""Manufacturer enrichment: item information from APIs, web pages and files, with proof for every value."""
