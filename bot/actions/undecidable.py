"""What a person wants to decide and cannot (any more)."""


class Undecidable(ValueError):
    """It cannot be decided like that (any more); ``str(error)`` tells whoever tried why."""
