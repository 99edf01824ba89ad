"""What a person wants to decide and cannot (any more)."""


class Undecidable(ValueError):
    """It cannot be decided like that (any more); ``str(error)`` tells whoever tried why."""


class NotAsGiven(Undecidable):
    """What was typed or chosen does not do: it can be decided as soon as that is put right."""
