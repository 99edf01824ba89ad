"""Entries as rows: as pages, exports and the search read them, and what is noted beside them."""
