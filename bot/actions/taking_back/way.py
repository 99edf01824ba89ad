"""How what is out is put right on its platform: edited, posted anew, or by a correction below."""

from collections.abc import Sequence
from dataclasses import replace

from bot.actions.rules import Rules
from bot.platforms.registry import traits_of
from bot.states import CorrectionWay
from bot.store.tables.conversations import DeliveryRow
from bot.store.tables.values import BrandPost


def way_of(wrong: Sequence[DeliveryRow], parts: int, rules: Rules) -> CorrectionWay:
    """Edited, where the platform has that and it stays as many posts; else as the operator says."""
    is_post = all(one.sends.repost_of is None for one in wrong)
    if traits_of(wrong[0].platform).edits and is_post and parts == len(wrong):
        return CorrectionWay.EDIT
    return rules.correction


def send_that_way(queued: Sequence[DeliveryRow], wrong: Sequence[DeliveryRow], way: CorrectionWay) -> None:
    """Say in messages of which nothing is out which posts they edit, or below which one they go."""
    if way is CorrectionWay.EDIT:
        for one, old in zip(queued, wrong, strict=True):
            post = BrandPost(old.external_id or "", old.url, old.refs)
            one.payload = replace(one.sends, edits=post).stored()
    elif way is CorrectionWay.BELOW:
        last = wrong[-1]
        below = replace(queued[0].sends, in_reply_to=last.external_id, refs=last.refs)
        queued[0].payload = below.stored()


def stays(sent: Sequence[DeliveryRow]) -> bool:
    """Whether what is wrong stays where these have gone out: they have edited it, or stand below."""
    return bool(sent[0].sends.in_reply_to) or any(one.sends.edits is not None for one in sent)
