"""EDI partners: where their interchanges come from and go to, and how their orders are read."""
