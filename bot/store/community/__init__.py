"""Customers who help each other: what the brand likes, and who is helpful."""
