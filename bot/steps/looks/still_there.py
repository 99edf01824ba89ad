"""Whether a post of the brand's that was to be taken down is still there."""

from bot.platforms.base import Platform
from bot.posts import KnownPost, PlatformError, Refusal, Rejected
from bot.store.tables.conversations import DeliveryRow


def is_there(platform: Platform | None, row: DeliveryRow) -> bool | Exception:
    """Whether a post that was to be taken down is still there, as far as its platform tells; or why not."""
    if platform is None:
        return Rejected("Chorus is not connected there (any more).", Refusal.NOT_PERMITTED)
    post = row.takes_down
    try:
        known = {post.external_id: KnownPost(platform.brand().id, post.refs)}
        looks = platform.fetch([post.external_id], known)
    except PlatformError as error:
        return error
    return not any(one.external_id == post.external_id and one.gone for one in looks)
