"""The whole database, out and in again."""
