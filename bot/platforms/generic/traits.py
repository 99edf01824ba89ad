"""What others must know of any other feed, which a bridge brings."""

from bot.platforms.traits import Traits
from routing.model.phrases import phrase

LONGEST_POST = 500
"""Characters of a post, where the operator says nothing else."""
TRAITS = Traits(label=phrase("another feed"), example="generic:jane", repeats_safely=True)
