"""What is said without addressing the brand: the words, and the posts that hold one."""
