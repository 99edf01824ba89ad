"""Matters as rows, and the questions that are gathered into them."""
