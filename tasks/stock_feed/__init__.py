"""Stock feeds: each channel's sellable stock, delivered whole at a set interval."""
