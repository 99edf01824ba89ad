"""What others must know of the feed that is built in."""

from urllib.parse import quote

from bot.platforms.traits import Traits, bare_handle
from routing.model.phrases import phrase


def _post_id(path: str, fragment: str) -> str:
    return fragment.removeprefix("post-") or path.rpartition("/")[2]


TRAITS = Traits(
    label=phrase("the local feed"),
    example="local:jane",
    poll_interval=0.5,
    repeats_safely=True,
    own_record=True,
    edits=True,
    post_id=_post_id,
    handle_of=lambda text: bare_handle(text).casefold(),
    composer=lambda text, _server: f"/local?text={quote(text, safe='')}",
)
