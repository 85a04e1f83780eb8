"""EDIFACT messages and the documents they stand for, both ways; codes and lengths as data."""
