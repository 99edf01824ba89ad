"""What pages show, read in one go each: the public ones, the desk, those in charge, the built-in feed."""
