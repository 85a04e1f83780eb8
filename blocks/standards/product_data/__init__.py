"""How product data is written: web pages, catalogues, price lists, data sheets. Pure: bytes in, findings out."""
