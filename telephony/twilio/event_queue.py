"""Call events on their way to the conversation, bounded: the receive loop must never wait for whoever listens.

When it is full the oldest caller frame goes (counted): Twilio would drop audio itself if we read more slowly, and old
audio is the part that matters least to somebody who is behind already.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from telephony.call import CallEnded, CallEvent, FrameReceived

MAX_EVENTS: Final = 500
"""Ten seconds of frames."""

_log = logging.getLogger(__name__)


class EventQueue:
    """One call's events.

    Args:
        call_id: for the log.
        max_events: above this the oldest frame is dropped, or the oldest event if there is no frame.
    """

    def __init__(self, call_id: str, max_events: int = MAX_EVENTS) -> None:
        self._call_id = call_id
        self._max_events = max_events
        self._events: deque[CallEvent] = deque()
        self._arrived = asyncio.Event()
        self._closed = False
        self._iterated = False
        self.dropped = 0
        self.taken = 0

    def put(self, event: CallEvent) -> None:
        """Add an event; nothing is added behind a `CallEnded`."""
        if self._closed:
            return
        self._closed = isinstance(event, CallEnded)
        if len(self._events) >= self._max_events:
            self._drop_oldest()
        self._events.append(event)
        self._arrived.set()

    async def events(self) -> AsyncIterator[CallEvent]:
        """All events up to and with `CallEnded`.

        Raises:
            RuntimeError: iterated a second time.
        """
        if self._iterated:
            raise RuntimeError("a call's events can be iterated only once")
        self._iterated = True
        while True:
            while not self._events:
                self._arrived.clear()
                await self._arrived.wait()
            event = self._events.popleft()
            self.taken += 1
            yield event
            if isinstance(event, CallEnded):
                return

    def _drop_oldest(self) -> None:
        if self.dropped == 0:
            _log.warning("call %s: the conversation does not keep up; dropping its oldest frames", self._call_id)
        self.dropped += 1
        for index, event in enumerate(self._events):
            if isinstance(event, FrameReceived):
                del self._events[index]
                return
        self._events.popleft()
