"""Folders that orders come from as files."""
