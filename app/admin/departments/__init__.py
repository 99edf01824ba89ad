"""Departments: for whoever makes them, and for those who are in charge of one."""
