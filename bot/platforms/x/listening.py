"""What is said about the brand without addressing it, by X's recent search.

X charges for each post that a search brings, with its author and what it replies to, so the queries leave
out what needs no reading: reposts, the brand's own posts and those that mention it, which the mentions bring.
What a search brings is known to be no more than a guess at our words: intake looks at them again.
"""

from collections.abc import Iterator, Sequence

from bot.platforms.search_rounds import SearchRound
from bot.platforms.x.reading import FEWEST, XReading
from bot.platforms.x.search import id_at
from bot.posts import Page, Post
from routing.dialogue.brand_words import BrandWord

_MOST_EXCLUDED = 8


def search(
    reading: XReading,
    longest: int,
    queries_a_call: int,
    words: Sequence[BrandWord],
    cursor: str | None,
    most: int,
) -> Page:
    """At most ``most`` posts with these words, some queries at a time; each may bring its share.

    A query has ``longest`` characters at the most. X gives the newest first: what does not fit any more is of
    before, and ``cut`` says that there was some.
    """
    brand = reading.brand()
    every = queries(words, brand.id, brand.handle, longest)
    turn = SearchRound.resume(cursor, reading.now(), len(every))
    share = max(most // max(min(queries_a_call, len(every) - turn.at), 1), FEWEST)
    found: list[tuple[int, Post]] = []
    at, cut = turn.at, False
    for query in every[turn.at : turn.at + queries_a_call]:
        left = min(most - len(found), share)
        if left < FEWEST:
            cut = True
        else:
            some = reading.found(query, id_at(turn.after), left)
            cut = cut or some.cut
            found += some.posts
        at += 1
    new = [post for _, post in sorted(found, key=lambda one: one[0]) if turn.is_new(post.external_id)]
    following = turn.on(at, len(every), (post.external_id for post in new))
    return Page(tuple(new), following.cursor(), more=following.at > 0, cut=cut)


def queries(words: Sequence[BrandWord], brand_id: str, handle: str, longest: int) -> list[str]:
    """Queries that together find all of these words, each at most ``longest`` long."""
    tail = f" -is:retweet -from:{brand_id}" + (f" -@{handle}" if handle else "")
    room = longest - len(tail) - 2
    batches: list[list[str]] = []
    for clause in _clauses(words, room):
        if batches and len(" OR ".join([*batches[-1], clause])) <= room:
            batches[-1].append(clause)
        else:
            batches.append([clause])
    return [f"({' OR '.join(batch)}){tail}" for batch in batches]


def _clauses(words: Sequence[BrandWord], room: int) -> Iterator[str]:
    for word in words:
        names = [_quoted(word.text)]
        if " " in word.text and word.hashtag:
            names.append(f"#{word.hashtag}")
        text = f"({' OR '.join(names)})" if len(names) > 1 else names[0]
        without = "".join(f" -{_quoted(one)}" for one in word.without[:_MOST_EXCLUDED])
        spoken = " OR ".join(f"lang:{one}" for one in word.languages)
        spoken = f" ({spoken})" if spoken else ""
        whole = f"({text}{without}{spoken})"
        yield whole if len(whole) <= room else text


def _quoted(text: str) -> str:
    return text if text.isalnum() else f'"{text}"'
