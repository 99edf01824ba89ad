"""Posts that ask us nothing and hold a word that is listened for: they come onto the tray.

Whichever way a post came, by a search or by itself, it is judged here and in the same way: one that addresses
the brand is a mention and never comes this far.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from bot.platforms.planner import day_of
from bot.posts import Visibility
from bot.states import ListeningCut, PostKind
from bot.store.engine import Session
from bot.store.listening import days, tray, words
from bot.store.listening.tray import Overheard
from bot.store.tables.conversations import PostRow
from routing.dialogue.brand_words import BrandWords


@dataclass(slots=True)
class Overhearing:
    """What is listened for in the posts of one transaction, and what was found in them.

    ``room`` is how many more may come onto the tray today, by platform.
    """

    words: BrandWords = field(default_factory=BrandWords)
    room: dict[str, int] = field(default_factory=dict)
    heard: list[Overheard] = field(default_factory=list)
    _cut: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, session: Session, posts: Sequence[PostRow], most: int, now: datetime) -> Self:
        """Ready for these posts; at most ``most`` a day and platform come onto the tray."""
        found = words.active(session) if most else BrandWords()
        if not found.all:
            return cls()
        return cls(found, days.room(session, {post.platform for post in posts}, most, now))

    def hear(self, post: PostRow, language: str | None) -> bool:
        """Whether a post that asks us nothing, in this language (ISO 639), comes onto the tray.

        Only what its author lets everybody find does: unlisted posts are not.
        """
        if post.visibility != Visibility.PUBLIC or not self.words.on(post.platform):
            return False
        found = self.words.found_in(post.platform, post.text, post.tags, language)
        if not found:
            return False
        is_there = post.verdict == PostKind.LISTENED
        if not is_there and self.room.get(post.platform, 0) <= 0:
            self._cut.add(post.platform)
            return False
        if not is_there:
            self.room[post.platform] -= 1
        self.heard.append(Overheard(post, tuple(found), language))
        return True

    def write(
        self, session: Session, done: Sequence[tuple[PostRow, Mapping[str, Any]]], now: datetime
    ) -> None:
        """What was heard is on the tray; what is something else by now is not."""
        gone = [
            post.id
            for post, values in done
            if post.verdict == PostKind.LISTENED and values.get("verdict") != PostKind.LISTENED
        ]
        tray.take_out(session, gone)
        for platform, kept in tray.put_all(session, self.heard, day_of(now), now).items():
            days.note(session, platform, now, kept=kept)
        for platform in self._cut:
            days.note(session, platform, now, cut=ListeningCut.DAY)
