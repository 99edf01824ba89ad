"""What is said about the brand without addressing it, by ``app.bsky.feed.searchPosts``.

The search is best effort: what it has not indexed, or what is dated back, it does not bring. Hashtags are
found as words (``q=#tag`` works, ``tag=`` does not, seen).
"""

from collections.abc import Sequence

from bot.platforms.bluesky.api import Api
from bot.platforms.bluesky.content import listed, post_from_view, uri_of
from bot.platforms.bluesky.reading.notifications import as_reply_to_quoted
from bot.platforms.search_rounds import SearchRound
from bot.platforms.wire.listing import readable
from bot.posts import Page, Post
from routing.dialogue.brand_words import BrandWord

WORDS_A_CALL = 10
PAGE_SIZE = 100
_NAME = "app.bsky.feed.searchPosts"


def search(api: Api, words: Sequence[BrandWord], cursor: str | None, most: int) -> Page:
    """At most ``most`` posts with the next few of these words, the oldest first; each may bring its share.

    The server gives the newest first: what does not fit any more is of before, and ``cut`` says that there
    was some.

    Raises:
        Retry: when the server does not answer.
        Reconnect: when the brand's session has ended for good.
        Rejected: when the server cannot search.
    """
    brand = api.session()["did"]
    turn = SearchRound.resume(cursor, api.clock(), len(words))
    batch = words[turn.at : turn.at + WORDS_A_CALL]
    share = max(most // max(len(batch), 1), 1)
    found: dict[str, Post] = {}
    cut = False
    for word in batch:
        left = min(share, most - len(found), PAGE_SIZE)
        if left <= 0:
            cut = True
            break
        told = api.query(_NAME, _asked(word, turn, left))
        views = [view for view in listed(told, "posts") if view.get("uri")]
        fresh = [view for view in views if turn.is_new(str(view["uri"]))]
        posts = readable(
            "bluesky", fresh, lambda view: as_reply_to_quoted(post_from_view(view), view, brand), uri_of
        )
        found.update({post.external_id: post for post in posts if post.author.id != brand})
        cut = cut or (bool(told.get("cursor")) and len(views) >= left)
    following = turn.on(turn.at + len(batch), len(words), found)
    now = api.clock()
    posts_in_order = sorted(found.values(), key=lambda post: post.posted_at or now)
    return Page(tuple(posts_in_order), following.cursor(), more=following.at > 0, cut=cut)


def _asked(word: BrandWord, turn: SearchRound, most: int) -> dict[str, str]:
    since = turn.after.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    return {"q": f'"{word.text}"', "sort": "latest", "since": since, "limit": str(most)}
