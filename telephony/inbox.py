"""What has happened on a line and has not been taken yet."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from telephony.call import CallEnded, CallEvent, FrameReceived

log = logging.getLogger(__name__)

MOST_FRAMES: Final = 150
"""Three seconds of audio: a listener further behind than that answers what was said long ago."""
MOST_OTHERS: Final = 500
"""Keys, lines and marks: nobody produces so many in one call without meaning harm."""


class Inbox:
    """The bounded queue between a line and whoever holds the conversation; one of each, on one event loop.

    When it is full of frames the oldest frame goes (the receive loop must never wait, and old audio matters least to
    somebody who is behind already), and when it is full of other events the newest goes; both are counted. `CallEnded`
    always has room, and nothing is taken in after it.

    Args:
        call_id: for the log.
    """

    def __init__(self, call_id: str) -> None:
        self._call_id = call_id
        self._events: deque[CallEvent] = deque()
        self._frames = 0
        self._iterated = False
        self._ended = asyncio.Event()
        self._arrived = asyncio.Event()
        self.dropped = 0
        self.taken = 0

    @property
    def has_ended(self) -> bool:
        """Whether `CallEnded` is in, taken or not."""
        return self._ended.is_set()

    async def wait_ended(self) -> None:
        """Wait for the call to end. Cancel it freely."""
        await self._ended.wait()

    def put(self, event: CallEvent) -> None:
        """Take an event in; never waits."""
        if self.has_ended:
            return
        match event:
            case FrameReceived():
                self._put_frame(event)
            case CallEnded():
                self._events.append(event)
                self._ended.set()
            case _ if len(self._events) - self._frames < MOST_OTHERS:
                self._events.append(event)
            case _:
                self._drop()
        self._arrived.set()

    def _put_frame(self, frame: FrameReceived) -> None:
        if self._frames == MOST_FRAMES:
            oldest = next(i for i, event in enumerate(self._events) if isinstance(event, FrameReceived))
            del self._events[oldest]
            self._frames -= 1
            self._drop()
        self._events.append(frame)
        self._frames += 1

    def _drop(self) -> None:
        if self.dropped == 0:
            log.warning("call %s: the conversation does not keep up; some events are dropped", self._call_id)
        self.dropped += 1

    async def events(self) -> AsyncIterator[CallEvent]:
        """Everything in order, ending with `CallEnded`.

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
            if isinstance(event, FrameReceived):
                self._frames -= 1
            self.taken += 1
            yield event
            if isinstance(event, CallEnded):
                return
