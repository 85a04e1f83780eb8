"""A manufacturer to try against: API, web site, data sheets and catalogue files about the same products."""
