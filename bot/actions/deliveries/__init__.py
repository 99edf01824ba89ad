"""Deeds on messages on their way out: whether they still may go, and what came of them."""
