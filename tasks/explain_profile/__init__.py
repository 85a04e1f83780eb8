"""Explaining a mapping profile: what it makes of a sample file, before orders depend on it."""
