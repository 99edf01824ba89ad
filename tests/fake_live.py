"""What open pages are told, without end in the product: here it ends, for a client that reads to the end."""

from typing import Any


class FakeLive:
    """Says once that something changed, and ends."""

    async def changes(self, channels: frozenset[str]) -> Any:
        for channel in sorted(channels):
            yield channel
        yield ""
