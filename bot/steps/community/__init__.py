"""Customers who help each other: what the brand does for them by itself."""
