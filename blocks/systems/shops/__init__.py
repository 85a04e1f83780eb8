"""Shops: sources of orders and articles, targets of takeover marks."""
