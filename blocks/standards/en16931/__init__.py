"""How an invoice of EN 16931 is written: UBL 2.1, CII D16B, and PDFs with one of them inside."""
