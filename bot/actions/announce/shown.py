"""An announcement as each platform will have it: decided before anything is written, for preview and plan.

Pure. The guard judges it as it judges an answer; whatever it holds an answer for, whoever approves sees here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.actions.rules import Rules
from bot.platforms.base import Platform
from bot.wording import guard
from bot.wording.attachments import LONGEST_WARNING, Folded
from bot.wording.compose import CannotCompose, compose
from routing.model.phrases import phrase
from routing.model.text import own_words


@dataclass(frozen=True, slots=True)
class AnnouncedWords:
    """What is to be said. ``variants`` are other words for a platform, by its name."""

    text: str
    platforms: tuple[str, ...]
    warning: str = ""
    variants: Mapping[str, str] | None = None

    def on(self, platform: str) -> str:
        """What is said there, before it is composed."""
        return (self.variants or {}).get(platform) or self.text

    def as_said(self, rules: Rules) -> "AnnouncedWords":
        """The same without the tags that say something to Chorus alone, and the handles they begin with."""
        said = {name: own_words(text, *rules.unsaid_tags) for name, text in (self.variants or {}).items()}
        return replace(
            self,
            text=own_words(self.text, *rules.unsaid_tags),
            variants={name: text for name, text in said.items() if text},
        )


@dataclass(frozen=True, slots=True)
class PlatformPosts:
    """What would go out on one platform, and what speaks against it."""

    platform: str
    parts: tuple[str, ...] = ()
    """The posts it becomes; none where it is not to become any."""
    impossible: str | None = None
    """Why it cannot go out there, whoever approves it."""
    noticed: str | None = None
    """What the guard wants a person to look at."""


def shown_on_each(
    words: AnnouncedWords, platforms: Mapping[str, Platform], rules: Rules
) -> list[PlatformPosts]:
    """What would go out on each of its platforms, in their order."""
    return [_shown(words, name, platforms.get(name), rules) for name in words.platforms]


def _shown(words: AnnouncedWords, name: str, platform: Platform | None, rules: Rules) -> PlatformPosts:
    if platform is None:
        return PlatformPosts(
            name,
            impossible=phrase(
                "Chorus is not connected to %(platform)s now: nothing can be published there.", platform=name
            ),
        )
    text = words.on(name)
    verdict = guard.examine(text, rules.guard.on(platform.measure), words.warning)
    if verdict.outcome is guard.GuardAction.REFUSE:
        return PlatformPosts(name, impossible=verdict.words)
    try:
        parts = _composed(text, words.warning, platform, rules)
    except CannotCompose as error:
        return PlatformPosts(name, impossible=str(error))
    return PlatformPosts(name, tuple(parts), noticed=verdict.words or None)


def _composed(text: str, warning: str, platform: Platform, rules: Rules) -> list[str]:
    if len(warning) > LONGEST_WARNING:
        raise CannotCompose(
            phrase(
                "The content warning has %(length)s characters; at most %(most)s are allowed.",
                length=len(warning),
                most=LONGEST_WARNING,
            )
        )
    measure = Folded(platform.measure, warning) if warning else platform.measure
    return compose(text, credit="", measure=measure, tags=rules.unsaid_tags, max_parts=rules.max_parts)
