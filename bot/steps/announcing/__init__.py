"""What goes out of its own accord, beside the platforms."""
