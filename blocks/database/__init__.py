"""What SOMS keeps: the engine, the tables and the mechanisms every process shares. SQL lives here and in records.py."""
