"""Campaigns: many want that something changes; people in charge say what is asked for, and open its page.

Who joined is who asked about the matter, and who posted the words of its page: each account once. What the
brand says on it goes the way of all statements (``bot.actions.statements``).
"""

from datetime import datetime, timedelta

from bot.actions.undecidable import Undecidable
from bot.states import ChangeKind, MatterState, StatementKind
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.matters import campaigns, gathered, statements
from bot.store.row_locks import lock_row, locked_row
from bot.store.tables.matters import (
    CampaignRow,
    MatterDecisionKind,
    MatterDecisionRow,
    MatterRow,
    StatementRow,
)
from bot.text.personal import find as find_personal
from routing.campaigns.nets import Net, nets
from routing.campaigns.states import ENDS_CAMPAIGN, CampaignState

LONGEST_DEMAND = 110
"""Characters of what is asked for: with a handle and an address it fits into a post everywhere."""
NOTHING_TO_SAY = "This matter is no campaign with an open page, or the campaign is over."
_MOST_JUDGED = 5_000
"""So many of a campaign's latest posts are looked at for nets."""


class Unaskable(ValueError):
    """These words cannot be what a campaign asks for; ``str(error)`` says why."""


def make(
    session: Session, matter: MatterRow, demand: str, by: int, goal_days: int, now: datetime
) -> CampaignRow:
    """A matter is a campaign from now on; nobody outside sees that yet. Raises Unaskable and Undecidable."""
    words = _checked(demand)
    lock_row(session, matter)
    if matter.state == MatterState.MERGED:
        raise Undecidable("This matter is part of another one: make that a campaign.")
    if campaigns.find(session, matter.id) is not None:
        raise Undecidable("This matter is a campaign already.")
    campaign = CampaignRow(matter_id=matter.id, demand=words, made_by=by, made_at=now, goal_days=goal_days)
    rows.keep(session, campaign)
    changes.append(session, ChangeKind.WORK, 0, now)
    return campaign


def make_by_hand(session: Session, demand: str, by: int, goal_days: int, now: datetime) -> CampaignRow:
    """A campaign about which nobody has asked yet. Raises Unaskable."""
    words = _checked(demand)
    matter = gathered.open_by_hand(session, words, now)
    opened = MatterDecisionRow(
        kind=MatterDecisionKind.OPEN, matter=matter.id, decided_by=str(by), decided_at=now
    )
    rows.keep(session, opened)
    return make(session, matter, words, by, goal_days, now)


def reword(session: Session, campaign: CampaignRow, demand: str, now: datetime) -> None:
    """Say otherwise what is asked for, until its page is open. Raises Unaskable and Undecidable."""
    words = _checked(demand)
    lock_row(session, campaign)
    if campaign.opened_at is not None:
        raise Undecidable("People have joined what its page says: close the page first.")
    campaign.demand = words
    changes.append(session, ChangeKind.WORK, 0, now)


def _checked(demand: str) -> str:
    words = " ".join(demand.split())
    if not words or len(words) > LONGEST_DEMAND:
        raise Unaskable(f"Say in 1 to {LONGEST_DEMAND} characters what is asked for.")
    if find_personal(words):
        raise Unaskable("It holds personal data: say it without.")
    return words


def open_page(session: Session, campaign: CampaignRow, now: datetime) -> None:
    """Everybody sees it and can join; the brand's first word is due within the goal. Raises Undecidable."""
    matter = _matter(session, campaign)
    lock_row(session, campaign)
    if campaign.opened_at is not None or campaign.state in ENDS_CAMPAIGN:
        raise Undecidable("Its page is open already, or the campaign is over.")
    campaign.opened_at, matter.is_public = now, True
    campaign.due_at = now + timedelta(days=campaign.goal_days)
    changes.append(session, ChangeKind.WORK, 0, now)


def close_page(session: Session, campaign: CampaignRow, now: datetime) -> None:
    """Nobody can join any more; its page goes, unless the brand has said something there.

    Raises Undecidable.
    """
    matter = _matter(session, campaign)
    lock_row(session, campaign)
    if campaign.opened_at is None or campaign.state in ENDS_CAMPAIGN:
        raise Undecidable("Its page is not open, or the campaign is over.")
    campaign.opened_at = campaign.due_at = None
    matter.is_public = any(one.approved_at for one in statements.of_matter(session, matter.id))
    changes.append(session, ChangeKind.WORK, 0, now)


def _matter(session: Session, campaign: CampaignRow) -> MatterRow:
    matter = locked_row(session, MatterRow, campaign.matter_id)
    if matter is None or matter.state == MatterState.MERGED:
        raise Undecidable("This matter is part of another one by now.")
    return matter


def may_say(campaign: CampaignRow | None, kind: str) -> bool:
    """Whether this is something to say on it: on an open one everything, after a no that it is changed."""
    if campaign is None or campaign.opened_at is None:
        return False
    is_late_yes = campaign.state == CampaignState.DECLINED and kind == StatementKind.CHANGED
    return campaign.state not in ENDS_CAMPAIGN or is_late_yes


def spoken(session: Session, statement: StatementRow, now: datetime) -> None:
    """The brand has said something on a campaign: where it stands, and until when it has to say more.

    Raises Undecidable where the matter is no campaign with an open page.
    """
    campaign = locked_row(session, CampaignRow, statement.matter_id)
    if campaign is None or not may_say(campaign, statement.kind):
        raise Undecidable(NOTHING_TO_SAY)
    campaign.state = CampaignState(statement.kind)
    is_over = statement.kind in ENDS_CAMPAIGN
    campaign.due_at = None if is_over else now + timedelta(days=campaign.goal_days)


def nets_in(session: Session, campaign: CampaignRow) -> tuple[Net, ...]:
    """Accounts that joined and look like a net, with the reasons."""
    return nets(campaigns.joiners(session, campaign.matter_id, _MOST_JUDGED))


def leave_out_nets(session: Session, campaign: CampaignRow, now: datetime) -> int:
    """In public it counts without the accounts that look like a net by now; how many those are.

    Nothing else follows for them: their posts stay, they are answered and told like everybody.
    """
    lock_row(session, campaign)
    accounts = {one.account for net in nets_in(session, campaign) for one in net.members}
    campaigns.mark_nets(session, campaign.matter_id, accounts)
    campaign.leaves_out_nets = True
    changes.append(session, ChangeKind.WORK, 0, now)
    return len(accounts)


def count_all(session: Session, campaign: CampaignRow, now: datetime) -> None:
    """In public it counts everybody, whatever they look like."""
    lock_row(session, campaign)
    campaigns.unmark_nets(session, campaign.matter_id)
    campaign.leaves_out_nets = False
    changes.append(session, ChangeKind.WORK, 0, now)
