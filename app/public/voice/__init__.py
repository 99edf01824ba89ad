"""What the brand says of its own accord, for everybody to read."""
