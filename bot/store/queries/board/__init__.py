"""The board: everything that waits for a person, in one order, a page at a time."""
