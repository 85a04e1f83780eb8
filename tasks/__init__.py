"""SOMS tasks: the work, one folder per business process."""
