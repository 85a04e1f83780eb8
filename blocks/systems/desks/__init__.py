"""Desks: where people enter orders by a form."""
