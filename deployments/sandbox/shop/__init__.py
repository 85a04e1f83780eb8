"""A web shop that speaks the Smartstore Web API, filled from a seed and wrong on demand."""
