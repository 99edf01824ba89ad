"""Somebody wants to know what is stored about them, or to be forgotten."""
