"""What open pages are told, without end in the product: here it ends, for a client that reads to the end."""

from collections.abc import AsyncIterator, Mapping

from app.wiring.publish_subscribe import Member, Told


class FakeLive:
    """Says once that everything moved, and ends."""

    def seen(self, topic: str | None = None) -> int:
        return 0

    async def follow(
        self, names: Mapping[str, str], since: int = 0, member: Member | None = None
    ) -> AsyncIterator[Told]:
        yield Told(1, tuple(sorted(names.values())))
        yield Told(1)
