"""Counting: what was asked and answered, kept by day, and read for pages."""
