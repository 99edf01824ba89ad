"""The database: tables, ingest, claims, changes and the queries of pages and steps."""
