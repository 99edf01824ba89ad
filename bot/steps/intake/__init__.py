"""Stop 2a: what a new post is."""
