"""Tills: what was sold, taken back, voided and counted in the stores."""
