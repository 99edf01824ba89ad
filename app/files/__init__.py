"""Files that people hand in, read whatever way they were saved."""
