"""What reaches the brand: mentions, the employees' posts, posts looked up again."""
