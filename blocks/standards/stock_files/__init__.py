"""How files of what happened to stock are written: slips of tills, delivery notes, counts."""
