"""Customers are asked how it went, and say so: by a link, or in a reply."""
