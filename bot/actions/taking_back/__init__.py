"""What the brand has said and takes back or puts right: posts, archive, author, customer and question."""
