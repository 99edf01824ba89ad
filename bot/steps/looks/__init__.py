"""Looks at what a platform has, before something is said on it."""
