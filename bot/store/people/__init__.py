"""Employees, their accounts, and how they sign in."""
