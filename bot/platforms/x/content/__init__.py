"""What X says, in our words: posts and accounts in the shapes of its APIs, old and new (pure)."""
