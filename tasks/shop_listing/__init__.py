"""Shop listing: each shop shows what can be sold and hides what cannot, within seconds and within its limits."""
