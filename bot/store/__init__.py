"""Rows and SQL, nothing else: tables, ingest, claims, changes, and the queries of pages, deeds and steps."""
