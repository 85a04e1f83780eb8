"""Invoice validation: incoming invoices judged in form, in law and against the supply; people decide the rest."""
