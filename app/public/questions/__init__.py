"""Questions and what became of them, for programs that present a token."""
