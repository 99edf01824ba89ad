"""What X's refusals mean, and the link with which a person posts by hand what X refuses to an app.

Sources: https://docs.x.com/x-api/fundamentals/response-codes-and-errors, .../getting-started/pricing and the
wording of recorded answers. A refusal of the whole account or app is not the fault of any one post: it waits.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from bot.platforms.wire.http import Caller, HttpResponse
from bot.platforms.wire.limits import retry_at
from bot.platforms.x.content.field_names import objects, text_of
from bot.platforms.x.content.tweets import post_url
from bot.platforms.x.intent import intent
from bot.posts import Outgoing, PlatformError, Reconnect, Refusal, Rejected, Retry

_APP_PROBLEMS = (
    "client-forbidden",
    "client-not-enrolled",
    "oauth1-permissions",
    "unsupported-authentication",
)
_READ_ONLY_APP = 261
_REFUSALS_OF_ALL = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.PAYMENT_REQUIRED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
_GONE_WORDS = ("deleted or not visible", "not visible to you", "does not exist", "could not be found")
_GOES_ON = "What waits goes on by itself then."


@dataclass(frozen=True, slots=True)
class _Wait:
    """A refusal of the whole account: how it is known, how long until the next try, and what to do."""

    codes: frozenset[int]
    words: tuple[str, ...]
    pause: timedelta
    advice: str


_NO_CREDIT = _Wait(
    frozenset(),
    ("creditsdepleted",),
    timedelta(minutes=15),
    f"The app's credit on X is used up: buy more in X's developer console. {_GOES_ON}",
)
_WAITS = (
    _NO_CREDIT,
    _Wait(
        frozenset(),
        ("spendcapreached", "spend-cap", "spend cap"),
        timedelta(hours=1),
        f"The spending limit set in X's developer console is reached: raise it there, or wait for the next "
        f"billing cycle. {_GOES_ON}",
    ),
    _Wait(
        frozenset(),
        ("usagecapexceeded", "usage-capped", "usage cap"),
        timedelta(hours=1),
        f"X's cap on the plan's usage is reached: raise the plan, or wait for the next period. {_GOES_ON}",
    ),
    _Wait(
        frozenset({326}),
        ("temporarily locked",),
        timedelta(minutes=15),
        f"X has locked the brand's account: sign in to X as the brand and unlock it. {_GOES_ON}",
    ),
    _Wait(
        frozenset({64}),
        ("your account is suspended",),
        timedelta(hours=1),
        f"X has suspended the brand's account: sign in to X as the brand and see why. {_GOES_ON}",
    ),
    _Wait(
        frozenset({226}),
        ("might be automated",),
        timedelta(minutes=15),
        "X takes the brand's account for an unwelcome robot just now: look at it on X, and at its Automated "
        f"label. {_GOES_ON}",
    ),
    _Wait(
        frozenset({185}),
        ("daily status update limit", "daily limit"),
        timedelta(hours=1),
        f"X's daily limit of posts for the brand's account is reached. {_GOES_ON}",
    ),
)


def detail(answer: HttpResponse) -> str:
    """Why X refuses, in its own words: ``errors`` holds what is specific, ``detail`` what is general."""
    told = answer.mapping()
    specific = (one.get("message") or one.get("detail") for one in objects(told.get("errors")))
    said = "; ".join(dict.fromkeys(text_of(one) for one in specific if text_of(one)))
    return (said or text_of(told.get("detail")) or text_of(told.get("title")))[:300]


def account_refusal(answer: HttpResponse, now: datetime) -> Retry | None:
    """A refusal of the whole account or app, which may end by itself or by a person; None for any other."""
    if answer.status not in _REFUSALS_OF_ALL:
        return None
    told = answer.mapping()
    codes = {one.get("code") for one in objects(told.get("errors"))}
    kinds = [told.get(name) for name in ("title", "type", "reason", "detail")]
    said = " ".join([*map(text_of, kinds), detail(answer)]).lower()
    wait = next(
        (one for one in _WAITS if codes & one.codes or any(words in said for words in one.words)), None
    )
    if wait is None and answer.status == HTTPStatus.PAYMENT_REQUIRED:
        wait = _NO_CREDIT
    if wait is None:
        return None
    return Retry(_in_words(answer, wait.advice), retry_at(answer.headers, now) or now + wait.pause)


def _in_words(answer: HttpResponse, advice: str) -> str:
    said = detail(answer)
    return f"{advice} X says: {said}" if said else advice


def is_duplicate(answer: HttpResponse) -> bool:
    """Whether X says that it has this text already: "maybe posted", not "refused"."""
    return answer.status == HTTPStatus.FORBIDDEN and "duplicate content" in detail(answer).lower()


def is_repeated_repost(answer: HttpResponse) -> bool:
    """Whether X says that the account has reposted this already."""
    said = detail(answer).lower()
    return answer.status in (400, 403) and "already" in said and ("retweet" in said or "repost" in said)


def by_hand(outgoing: Outgoing) -> str:
    """Where a person signed in as the brand posts (or reposts) this by hand, everything filled in."""
    if outgoing.repost_of is not None:
        return post_url(outgoing.repost_of)
    return intent(outgoing.in_reply_to, outgoing.text)


def refusal(caller: Caller, answer: HttpResponse, *, writes: bool) -> PlatformError:
    """The error for an answer without success to anything but a publication."""
    said = detail(answer)
    waits = account_refusal(answer, caller.now())
    if waits is not None:
        return waits
    if answer.status == HTTPStatus.FORBIDDEN and _is_about_the_app(answer):
        return Reconnect(
            f"X refuses the app itself: {said} Check its plan and permissions with `chorus doctor`."
        )
    return caller.refusal(answer, writes=writes, detail=said)


def publish_refusal(caller: Caller, answer: HttpResponse, outgoing: Outgoing) -> PlatformError:
    """The error for a publication that X refuses for another reason than being a duplicate."""
    said = detail(answer)
    if any(words in said.lower() for words in _GONE_WORDS) or answer.status == HTTPStatus.NOT_FOUND:
        return Rejected("The post to reply to is no longer on X, or not visible to the brand.", Refusal.GONE)
    if answer.status == HTTPStatus.FORBIDDEN and not _is_about_the_app(answer):
        link = by_hand(outgoing)
        return Rejected(
            f"X does not permit this to an app ({said or 'no reason given'}). By hand: {link}",
            Refusal.NOT_PERMITTED,
            link,
        )
    return refusal(caller, answer, writes=True)


def _is_about_the_app(answer: HttpResponse) -> bool:
    told = answer.mapping()
    kind = f"{told.get('type', '')} {told.get('reason', '')}"
    codes = {one.get("code") for one in objects(told.get("errors"))}
    return any(problem in kind for problem in _APP_PROBLEMS) or _READ_ONLY_APP in codes
