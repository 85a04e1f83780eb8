"""Pictures and documents of products: what their bytes are, and whether a shop may be given them."""
