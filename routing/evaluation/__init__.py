"""Histories replayed, policies simulated, and what came of it in figures."""
