"""What is decided about departments, and what they say themselves."""
