"""Which questions are about the same thing, what that is, and whether it is more than usual."""
