"""Departments: which there are, what they answer for, and who is in them."""
