"""SOMS building blocks: documents, standards, systems, database."""
