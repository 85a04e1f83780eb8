"""Audit verification: proves the trail against itself, its anchors and the tables."""
