"""Where stock feeds go to."""
