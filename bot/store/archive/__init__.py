"""Entries: written, read by the search, imported, cared for."""
