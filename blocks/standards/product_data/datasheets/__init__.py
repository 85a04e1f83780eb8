"""Data sheets: product data out of the text layer of a PDF, with page and box for every value."""
