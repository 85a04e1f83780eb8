"""SOMS flows: the way through, one file per business process."""
