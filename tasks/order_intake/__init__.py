"""Order intake: takes in what one source has sold and books each order exactly once."""
