"""What a working process does."""
