"""Gathering questions into matters."""
