"""Benchmarks: each measures its yardstick in the same run and reports ratios; none is run as a test."""
