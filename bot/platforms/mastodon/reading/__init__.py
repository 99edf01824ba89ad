"""What reaches the brand: mentions, the employees' posts, the stream, posts looked up again."""
