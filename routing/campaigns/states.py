"""Where a campaign stands: by what the brand said on it last, and which of that ends it."""

from enum import StrEnum


class CampaignState(StrEnum):
    """What the brand said on a campaign last; its statements of these kinds are named alike."""

    NEW = "new"
    """Nothing yet."""
    HEARD = "heard"
    LOOKED_AT = "looked_at"
    CHANGED = "changed"
    DECLINED = "declined"


ENDS_CAMPAIGN = (CampaignState.CHANGED, CampaignState.DECLINED)
"""What is told to everybody who joined a campaign; nobody joins it any more afterwards."""
ON_CAMPAIGN = (CampaignState.HEARD, CampaignState.LOOKED_AT, *ENDS_CAMPAIGN)
