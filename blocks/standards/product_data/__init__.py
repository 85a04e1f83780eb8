"""How product data is written: web pages, BMEcat catalogues, price lists and data sheets. Pure: bytes in, findings out."""
