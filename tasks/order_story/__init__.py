"""The order story: everything that is known of one order, in time order, each with who did it."""
