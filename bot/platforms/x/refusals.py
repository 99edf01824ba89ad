"""What X's refusals mean, and the link with which a person posts by hand what X refuses to an app.

Sources: https://docs.x.com/x-api/fundamentals/response-codes-and-errors and the wording of recorded answers.
"""

from http import HTTPStatus
from urllib.parse import urlencode

from bot.platforms.http import Answer, Caller
from bot.platforms.x.tweets import post_url
from bot.posts import Outgoing, PlatformError, Reconnect, Rejected

_APP_PROBLEMS = ("client-forbidden", "oauth1-permissions", "unsupported-authentication", "usage-capped")
_GONE_WORDS = ("deleted or not visible", "not visible to you", "does not exist", "could not be found")


def detail(answer: Answer) -> str:
    """Why X refuses, in its own words."""
    told = answer.mapping()
    errors = told.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    said = told.get("detail") or first.get("message") or first.get("detail") or told.get("title") or ""
    return str(said)[:300]


def is_duplicate(answer: Answer) -> bool:
    """Whether X says that it has this text already: "maybe posted", not "refused"."""
    return answer.status == HTTPStatus.FORBIDDEN and "duplicate content" in detail(answer).lower()


def is_repeated_repost(answer: Answer) -> bool:
    """Whether X says that the account has reposted this already."""
    said = detail(answer).lower()
    return answer.status in (400, 403) and "already" in said and ("retweet" in said or "repost" in said)


def by_hand(outgoing: Outgoing) -> str:
    """Where a person signed in as the brand posts (or reposts) this by hand, everything filled in."""
    if outgoing.repost_of is not None:
        return post_url(outgoing.repost_of)
    query = {"in_reply_to": outgoing.in_reply_to, "text": outgoing.text}
    return "https://x.com/intent/post?" + urlencode({name: value for name, value in query.items() if value})


def refusal(caller: Caller, answer: Answer, *, writes: bool) -> PlatformError:
    """The error for an answer without success to anything but a publication."""
    said = detail(answer)
    if answer.status == HTTPStatus.PAYMENT_REQUIRED:
        return Reconnect(f"The app's credit on X is used up: {said or 'buy more in the developer console'}.")
    if answer.status == HTTPStatus.FORBIDDEN and _is_about_the_app(answer):
        return Reconnect(
            f"X refuses the app itself: {said} Check its plan and permissions with `chorus doctor`."
        )
    return caller.refusal(answer, writes=writes, detail=said)


def publish_refusal(caller: Caller, answer: Answer, outgoing: Outgoing) -> PlatformError:
    """The error for a publication that X refuses for another reason than being a duplicate."""
    said = detail(answer)
    if any(words in said.lower() for words in _GONE_WORDS) or answer.status == HTTPStatus.NOT_FOUND:
        return Rejected("The post to reply to is no longer on X, or not visible to the brand.", "gone")
    if answer.status == HTTPStatus.FORBIDDEN and not _is_about_the_app(answer):
        link = by_hand(outgoing)
        return Rejected(
            f"X does not permit this to an app ({said or 'no reason given'}). By hand: {link}",
            "not_permitted",
            link,
        )
    return refusal(caller, answer, writes=True)


def _is_about_the_app(answer: Answer) -> bool:
    told = answer.mapping()
    kind = f"{told.get('type', '')} {told.get('reason', '')}"
    return any(problem in kind for problem in _APP_PROBLEMS) or "client-not-enrolled" in kind
