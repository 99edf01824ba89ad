"""Whom to ask now, how many of them, and how long to wait for each."""
