"""Replenishment: learn demand from what happened, say when stock will not last, propose what to buy."""
