"""Whether an account is really one of ours: a customer asks about one, and is told of exactly that one."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request, Response

from app.public.caches import TtlCache, kept_by_app
from app.public.reading import QueryText, tidy
from app.web.html import render
from app.wiring.composition import Chorus, Here
from bot.platforms.accounts import accounts_meant, example_account
from bot.platforms.registry import traits_of
from bot.posts import PlatformError
from bot.store.people import identities
from bot.wording.compose import credit_line

LONGEST_ACCOUNT = 300
_HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}

router = APIRouter(include_in_schema=False, default_response_class=Response)


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account that is ours: an employee's, or the brand's own.

    ``signs`` is how its owner is named under answers; empty where the brand names nobody. ``since`` is when
    it was linked; None for the brand's own account.
    """

    platform: str
    handle: str
    profile: str
    signs: str = ""
    since: datetime | None = None

    @property
    def is_brands(self) -> bool:
        return self.since is None


@router.get("/staff")
def staff(request: Request, chorus: Here, account: QueryText = "") -> Response:
    """Whether this account is one of ours. Whoever is unknown, away or not listed gets the same answer."""
    asked = tidy(account)[:LONGEST_ACCOUNT]
    return render(
        request,
        "archive/staff.html",
        headers=_HEADERS,
        asked=asked,
        found=_ours(request, chorus, asked) if asked else [],
        example=example_account(chorus.platforms),
        longest=LONGEST_ACCOUNT,
    )


def _ours(request: Request, chorus: Chorus, asked: str) -> list[OwnAccount]:
    meant = accounts_meant(asked, chorus.platforms)
    found = [one for one in _brands(request) if _is_meant(one.platform, one.handle, meant)]
    with chorus.database.read() as session:
        for identity, employee in identities.listed_as(session, meant, chorus.database.now(session)):
            if _is_meant(identity.platform, identity.handle, meant):
                traits = traits_of(identity.platform)
                profile = traits.profile(identity.account_id, identity.handle)
                signs = credit_line(employee.name, identity.handle, chorus.settings.publish.credit)
                found.append(
                    OwnAccount(identity.platform, identity.handle, profile, signs, identity.linked_at)
                )
    return found


def _is_meant(platform: str, handle: str, meant: dict[str, str]) -> bool:
    return platform in meant and traits_of(platform).handle_of(handle) == meant[platform]


def _brands(request: Request) -> tuple[OwnAccount, ...]:
    """The brand's own accounts, asked for now and then rather than at every request."""
    state = request.app.state
    return kept_by_app(
        request, "brand_accounts", lambda: TtlCache(lambda: _brand_accounts(state.chorus))
    ).get()


def _brand_accounts(chorus: Chorus) -> tuple[OwnAccount, ...]:
    found = []
    for platform, adapter in chorus.platforms.items():
        try:
            brand = adapter.brand()
        except PlatformError:  # not connected now: nobody can be told of this account
            continue
        found.append(OwnAccount(platform, brand.handle, traits_of(platform).profile(brand.id, brand.handle)))
    return tuple(found)
