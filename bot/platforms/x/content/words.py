"""What the author of a post of X wrote, out of what X makes of it.

X escapes ``&``, ``<`` and ``>`` in the text alone, puts a short link of its own in the place of every
address, and appends one more for pictures, which is no word of the author's.
Source: https://docs.x.com/x-api/fundamentals/data-dictionary.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from bot.platforms.x.content.field_names import Json, objects, text_of

_ESCAPES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_ESCAPED = re.compile("|".join(_ESCAPES))
_MEDIA_PAGE = re.compile(
    r"https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/\w+/status/(\d+)/(?:photo|video)/\d+/?(?:\?\S*)?",
    re.IGNORECASE,
)
_LAST_SHORT_LINK = re.compile(r"https?://t\.co/\w+\s*\Z")


def unescaped(text: str) -> str:
    """The text without X's three escapes; ``&copy`` stays what it is."""
    return _ESCAPED.sub(lambda match: _ESCAPES[match.group()], text)


def written(text: str, urls: Iterable[Json], media_links: Collection[str]) -> str:
    """The words of the author: escapes undone, then short links replaced by whole addresses.

    ``urls`` are the text's link entities, ``media_links`` the short links that X appended by itself. An
    address is put in as it is, for it was never escaped.
    """
    whole: dict[str, str] = {
        str(one["url"]): str(one["expanded_url"])
        for one in urls
        if one.get("url") and one.get("expanded_url")
    }
    whole |= dict.fromkeys(media_links, "")
    text = unescaped(text)
    if whole:
        # The longest first: one short link may begin like another.
        pattern = "|".join(map(re.escape, sorted(whole, key=len, reverse=True)))
        text = re.sub(
            rf"(?P<gap>(?:(?<!\s)\s+)?)(?P<link>{pattern})",
            lambda match: match["gap"] + whole[match["link"]] if whole[match["link"]] else "",
            text,
        )
    return text.strip() if media_links else text


def media_links(
    text: str, urls: Iterable[Json], ids: Collection[str], shown: Any, *, has_media: bool
) -> set[str]:
    """The short links that stand for a post's own pictures.

    Args:
        text: The text as X tells it.
        urls: Its link entities.
        ids: The post's versions.
        shown: X's ``display_text_range``, at whose end the author's words end.
        has_media: Whether anything is attached.
    """
    urls = list(urls)
    known = {str(one["url"]) for one in urls if one.get("url")}
    found = {str(one["url"]) for one in urls if one.get("url") and _is_media(one, ids)}
    last = _LAST_SHORT_LINK.search(text)
    # Some envelopes append the link and have no entity for it.
    if has_media and last is not None and last.group().strip() not in known and last.start() >= _end(shown):
        found.add(last.group().strip())
    return found


def _is_media(url: Json, ids: Collection[str]) -> bool:
    page = _MEDIA_PAGE.fullmatch(text_of(url.get("expanded_url")))
    return bool(url.get("media_key")) or (page is not None and page[1] in ids)


def _end(shown: Any) -> int:
    is_range = isinstance(shown, list) and len(shown) == 2 and isinstance(shown[1], int)
    return shown[1] if is_range else 0


def with_choices(text: str, choices: Collection[str]) -> str:
    """The text with a poll's choices at its end."""
    return f"{text}\n\n" + "\n".join(f"• {one}" for one in choices) if choices else text


def choices(post: Json, polls: Mapping[str, Json]) -> tuple[str, ...]:
    """What the poll lets people choose from; ``…`` where X tells of a poll but not of its choices."""
    found: list[str] = []
    for poll_id in _attached(post, "poll_ids"):
        options = sorted(objects(polls.get(poll_id, {}).get("options")), key=_place)
        found += [text_of(one.get("label")) for one in options] or ["…"]
    return tuple(found)


def pictures(post: Json, media: Mapping[str, Json], urls: Iterable[Json]) -> tuple[str, ...]:
    """One description for each picture or film; a card that only X can show counts as one, too."""
    keys = _attached(post, "media_keys") or [str(one["media_key"]) for one in urls if one.get("media_key")]
    found = [text_of(media.get(key, {}).get("alt_text")) for key in dict.fromkeys(keys)]
    if text_of(post.get("card_uri")).startswith("card://") and not _attached(post, "poll_ids"):
        found.append("")
    return tuple(found)


def _attached(post: Json, kind: str) -> list[str]:
    attachments = post.get("attachments")
    ids = attachments.get(kind) if isinstance(attachments, dict) else None
    return [str(one) for one in ids] if isinstance(ids, list) else []


def _place(option: Json) -> int:
    place = option.get("position")
    return place if isinstance(place, int) else 0
