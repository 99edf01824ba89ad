"""Bluesky at the front: its settings and its app password."""
