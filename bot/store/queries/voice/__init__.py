"""What pages read of what the brand says of its own accord."""
