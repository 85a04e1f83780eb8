"""Stock history: everything that happened to the stock of one article, as a list and as a picture."""
