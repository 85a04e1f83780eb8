"""EDI conversion: files that are invoices become documents, proven or put before a person."""
