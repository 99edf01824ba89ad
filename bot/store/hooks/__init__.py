"""Outgoing hooks as rows: what happened, who is told, and what has become of it."""
