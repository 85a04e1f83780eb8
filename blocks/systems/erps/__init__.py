"""ERPs: keepers of sales, parties and stock."""
