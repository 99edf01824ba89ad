"""Publishing on X, which has no idempotency key: what may be there already is read back and adopted."""

import re
import threading
from collections import OrderedDict
from datetime import timedelta
from typing import Any

from bot.platforms.wire.http import HttpResponse
from bot.platforms.x.access.calls import XCalls
from bot.platforms.x.access.refusals import is_duplicate, is_repeated_repost, publish_refusal, refusal
from bot.platforms.x.content import field_names, tweets
from bot.platforms.x.content.field_names import Json
from bot.platforms.x.reading import XReading
from bot.posts import Ambiguous, Outgoing, Published, Refusal, Rejected
from bot.text.twitter_text import CASHTAG
from routing.model import entities

_HANDLES_IN_FRONT = re.compile(r"^(?:@\w+(?:\s+|$))+")
_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
EARLIER = timedelta(minutes=5)
"""How far before the message's own time its post is looked for: clocks differ."""
_REMEMBERED = 1000


class XPublishing:
    """Publishes, reads back, reposts and deletes as the brand account."""

    def __init__(self, calls: XCalls, reading: XReading) -> None:
        self._calls = calls
        self._reading = reading
        self._duplicates: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def publish(self, outgoing: Outgoing, timeout: float) -> Published:
        """Post a reply or a post, or repost; see ``Platform.publish``.

        Raises Rejected("not_permitted") with a link to post by hand where X lets no app reply, and
        Ambiguous where X has the text already but does not (yet) show it.
        """
        if outgoing.repost_of is not None:
            return self._repost(outgoing, outgoing.repost_of, timeout)
        if len(CASHTAG.findall(outgoing.text)) > 1:
            raise Rejected(
                "X allows one cashtag ($NAME) in a post, and this text has more.", Refusal.CASHTAGS
            )
        body: dict[str, Any] = {"text": outgoing.text}
        if outgoing.in_reply_to:
            body["reply"] = {"in_reply_to_tweet_id": outgoing.refs.get("version", outgoing.in_reply_to)}
        answer = self._calls.as_brand("POST", "/2/tweets", bucket="publish", json=body, timeout=timeout)
        if answer.ok:
            return self._published(answer)
        if is_duplicate(answer):
            return self._adopt(outgoing)
        raise publish_refusal(self._calls.caller, answer, outgoing)

    def find(self, outgoing: Outgoing) -> Published | None:
        """The post among the brand's own that replies to the same post with the same words."""
        wanted = {outgoing.in_reply_to, outgoing.refs.get("version")} - {None}
        for tweet in self._reading.own(outgoing.created_at - EARLIER):
            if self._is_it(tweet, outgoing, wanted):
                identity = tweets.first_id(tweet)
                return (
                    self._at(identity) if outgoing.repost_of is None else self._reposted(outgoing.repost_of)
                )
        return None

    def delete(self, published: Published) -> None:
        """Delete a post or undo a repost; one that is gone already is fine."""
        source = published.refs.get("repost_of")
        path = f"/2/tweets/{published.external_id}"
        if source:
            path = f"/2/users/{self._reading.brand().id}/retweets/{source}"
        answer = self._calls.as_brand("DELETE", path, bucket="delete")
        if not answer.ok and answer.status not in (404, 410):
            raise refusal(self._calls.caller, answer, writes=True)

    def _adopt(self, outgoing: Outgoing) -> Published:
        """X says that the text is there already: find it, doubt once, then give up.

        The post may take a moment to show up, so the first time is ambiguous (it will be read back). When
        X still says so after that, the twin is another post of ours, and this one will never be accepted.
        """
        found = self.find(outgoing)
        if found is not None:
            return found
        if self._is_second_time(outgoing.key):
            raise Rejected(
                "X refuses the text as a duplicate of another post of the brand's; say it in other words.",
                Refusal.DUPLICATE,
            )
        raise Ambiguous("X says that it has this text already, but does not show it among the brand's posts.")

    def _is_second_time(self, key: str) -> bool:
        with self._lock:
            seen = key in self._duplicates
            self._duplicates[key] = None
            if len(self._duplicates) > _REMEMBERED:
                self._duplicates.popitem(last=False)
        return seen

    def _repost(self, outgoing: Outgoing, source: str, timeout: float) -> Published:
        """Repost; doing it again changes nothing on X."""
        path = f"/2/users/{self._reading.brand().id}/retweets"
        body = {"tweet_id": source}
        answer = self._calls.as_brand("POST", path, bucket="repost", json=body, timeout=timeout)
        if answer.ok or is_repeated_repost(answer):
            return self._reposted(source)
        raise publish_refusal(self._calls.caller, answer, outgoing)

    def _published(self, answer: HttpResponse) -> Published:
        data = answer.mapping().get("data")
        if not isinstance(data, dict) or not data.get("id"):
            raise self._calls.caller.garbled(writes=True)
        return self._at(str(data["id"]))

    def _at(self, post_id: str) -> Published:
        handle = self._calls.account.handle.lstrip("@")
        return Published(post_id, tweets.post_url(post_id, handle))

    @staticmethod
    def _reposted(source: str) -> Published:
        return Published(f"repost-{source}", tweets.post_url(source), {"repost_of": source})

    @staticmethod
    def _is_it(tweet: Json, outgoing: Outgoing, wanted: set[str | None]) -> bool:
        referenced = field_names.references(tweet)
        if outgoing.repost_of is not None:
            return outgoing.repost_of in (referenced.get("retweeted"), referenced.get("reposted"))
        parent = referenced.get("replied_to")
        same_parent = parent in wanted if wanted else parent is None
        return same_parent and same_words(tweets.full_text(tweet), outgoing.text)


def same_words(shown: str, sent: str) -> bool:
    """Whether X shows the text that was sent: it puts handles in front and rewrites links and white space."""
    return _comparable(shown) == _comparable(sent)


def _comparable(text: str) -> str:
    plain = _HANDLES_IN_FRONT.sub("", _SCHEME.sub("", entities.normalise(text).strip()))
    return " ".join(word.rstrip("/") for word in plain.split())
