"""Order entry: what a person types at a desk becomes an inbox record like any other."""
