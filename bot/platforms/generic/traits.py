"""What others must know of any other feed, which a bridge brings."""

from bot.platforms.traits import Traits

TRAITS = Traits(label="another feed", example="generic:jane", repeats_safely=True)
