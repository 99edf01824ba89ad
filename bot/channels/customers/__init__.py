"""What customers are told by mail, where they asked for it."""
