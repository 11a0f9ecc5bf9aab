"""How pages learn of changes without the board ever waiting for them."""

import asyncio
from typing import Self

from voicebot.agents.live_call import Change

MOST_CHANGES = 256
"""Different changes that a slow page may leave unread; then it is told to look at everything again."""

EVERYTHING = (Change("calls"), Change("people"), Change("callbacks"))


class Watch:
    """The changes since one page last looked: each once, however often it happened."""

    def __init__(self) -> None:
        self._changes: dict[Change, None] = {}
        self._news = asyncio.Event()

    def tell(self, change: Change) -> None:
        """Something is different now; never waits."""
        self._changes[change] = None
        if len(self._changes) > MOST_CHANGES:
            self._changes = dict.fromkeys(EVERYTHING)
        self._news.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        """The next change; waits for it. Cancel it freely: nothing is lost."""
        while not self._changes:
            self._news.clear()
            await self._news.wait()
        change = next(iter(self._changes))
        del self._changes[change]
        return change
