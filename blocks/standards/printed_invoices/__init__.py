"""Invoices that were printed for people: their text with its places, read without a template of the supplier."""
