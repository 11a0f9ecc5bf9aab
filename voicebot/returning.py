"""Callers who come back within the same call: after a lost stream, a person who did not pick up, a restart of ours."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import structlog

from dialog import Bot
from dialog.serial import StateInvalid, from_json, without_proof
from telephony.call import Caller
from voicebot.identity.who import Who
from voicebot.keeping import Keeping, Noting
from voicebot.records.entries import Recalled

log = structlog.get_logger(__name__)

REMEMBERED_CALLS = 256
"""Conversations kept in memory of calls that left us."""

RECALL_SECONDS = 1.0
"""How long a caller who has come back may wait for the store: a conversation begun anew is better than silence."""


class Recalling(Noting, Protocol):
    """`voicebot.records.ledger.Ledger`."""

    async def recall(self, call_id: str) -> Recalled | None:
        """A conversation of this call that is not properly over, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Left:
    """What stood when a call left us.

    Args:
        state: the dialog's, or None to begin anew in the same conversation.
        keeping: writes the conversation down.
        who: who the caller is; None when that is not known any more, and must be proven again.
    """

    state: Any
    keeping: Keeping
    who: Who | None = None


class Returning:
    """Knows whom we have been talking to.

    Args:
        bot: whose conversations they are.
        records: where conversations are written down.
        now: the time entries are given.
    """

    def __init__(self, bot: Bot, records: Recalling, now: Callable[[], datetime]) -> None:
        self._bot = bot
        self._records = records
        self._now = now
        self._left: OrderedDict[str, Left] = OrderedDict()
        self._before_restart: frozenset[str] = frozenset()

    def expect(self, call_ids: frozenset[str]) -> None:
        """Calls that an earlier process was talking to when it ended."""
        self._before_restart = call_ids

    def remembers(self, call_id: str) -> bool:
        """Whether a conversation with this call can go on."""
        return call_id in self._left or call_id in self._before_restart

    def remember(self, call_id: str, left: Left) -> None:
        """The call has left us; it may come back."""
        self._left[call_id] = left
        while len(self._left) > REMEMBERED_CALLS:
            self._left.popitem(last=False)

    async def welcome(self, caller: Caller) -> Left:
        """What stands with this caller now: where we left off, or nothing yet."""
        left = self._left.pop(caller.call_id, None)
        if left is not None:
            known = left.who is not None or left.state is None
            return left if known else replace(left, state=without_proof(left.state, self._bot))
        if caller.resumed is not None:
            left = await self._from_records(caller.call_id)
        return left or Left(None, Keeping(self._records, self._now))

    async def _from_records(self, call_id: str) -> Left | None:
        try:
            async with asyncio.timeout(RECALL_SECONDS):
                recalled = await self._records.recall(call_id)
        except TimeoutError:
            log.warning("the store is too slow to go on with a conversation", call_id=call_id)
            return None
        if recalled is None:
            return None
        keeping = Keeping(self._records, self._now, recalled.conversation, recalled.turns)
        try:
            state = without_proof(await asyncio.to_thread(from_json, recalled.state, self._bot), self._bot)
        except StateInvalid:
            log.warning("a conversation cannot go on where it was", call_id=call_id)
            state = None
        return Left(state, keeping)
