"""The board: everything that waits for a person, settled where it stands."""
