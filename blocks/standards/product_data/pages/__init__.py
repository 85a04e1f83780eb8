"""Product pages of web shops: what a reader of the page sees, held against what its markup says."""
