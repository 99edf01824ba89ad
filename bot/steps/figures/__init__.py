"""Counting what was asked and answered, and looking whether it is as somebody wanted it."""
