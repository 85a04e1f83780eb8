"""Inventory reconciliation: compares what every system says of stock, finds the cause of each difference, repairs."""
