"""What somebody gets whose request is refused: the page, what they typed, where they meant to go."""
