"""The archive searched by words."""
