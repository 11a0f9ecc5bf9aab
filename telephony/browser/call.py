"""A caller on the web page, as the rest of the program sees any caller."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Final, Protocol

import structlog

from telephony.browser import messages
from telephony.browser.messages import RATE_HZ, HungUp, PageFault, PageMessage, PlayedTo
from telephony.call import (
    CallEnded,
    Caller,
    CallEvent,
    Caption,
    EndReason,
    FrameReceived,
    KeyPressed,
    MarkCleared,
    MarkPlayed,
    Pcm16,
    TextTyped,
    TransferTarget,
)
from telephony.errors import CarrierRefused, LineClosed
from telephony.front_desk import Refusal
from telephony.inbox import Inbox
from telephony.playout import DueFrame, Playout
from telephony.transfer.request import WarmRequest

log = structlog.get_logger(__name__)

MOST_UNSENT: Final = 500
"""Messages a page may leave unread. A page that far behind is not there any more."""


class Wire(Protocol):
    """The sending half of a WebSocket."""

    async def send_text(self, data: str) -> None:
        """Send one text message."""
        ...

    async def send_bytes(self, data: bytes) -> None:
        """Send one binary message."""
        ...


class BrowserCall:
    """`telephony.call.Call` for the page: 16 kHz both ways.

    It owns no socket and starts no task: the router hands in what the page sent (`receive`) and lets `send_to` write.

    Args:
        caller: who is calling; `caller.line` is BROWSER.
        clock: seconds, monotonic; what playing is paced by.
    """

    def __init__(self, caller: Caller, clock: Callable[[], float]) -> None:
        self._caller = caller
        self._clock = clock
        self._inbox = Inbox(caller.call_id)
        self._playout = Playout(RATE_HZ)
        self._unsent: deque[str] = deque()
        self._changed = asyncio.Event()
        self._room = asyncio.Condition()
        self._at_page: dict[str, None] = {}
        """Marks the page has and has not reported, in order."""
        self.fault: PageFault | None = None

    @property
    def caller(self) -> Caller:
        """Who is calling."""
        return self._caller

    @property
    def rate_hz(self) -> int:
        """16 kHz."""
        return RATE_HZ

    @property
    def has_ended(self) -> bool:
        """Whether the call is over."""
        return self._inbox.has_ended

    async def wait_ended(self) -> None:
        """Wait until the call is over. Cancel it freely."""
        await self._inbox.wait_ended()

    def events(self) -> AsyncIterator[CallEvent]:
        """What happens on the line; see `Call.events`."""
        return self._inbox.events()

    def receive(self, message: PageMessage) -> None:
        """Take in what the page sent."""
        match message:
            case FrameReceived() | KeyPressed():
                self._inbox.put(message)
            case TextTyped():
                if message.text:
                    self._inbox.put(message)
            case PlayedTo(mark=name):
                # A mark that was cleared here while its report was under way is not heard, whatever the page says.
                if name in self._at_page:
                    del self._at_page[name]
                    self._inbox.put(MarkPlayed(name))
            case HungUp():
                self.end(EndReason.CALLER_HUNG_UP)
            case _:
                raise PageFault("bad_message", "a second hello")

    def end(self, reason: EndReason) -> None:
        """End the call for this reason; the first reason stays."""
        if self.has_ended:
            return
        self._inbox.put(CallEnded(reason))
        self._playout.clear(self._clock())
        self._post(messages.ended(reason.value))

    def end_for(self, fault: PageFault) -> None:
        """End the call because of what the page did, and tell the page so."""
        if not self.has_ended:
            self.fault = fault
            self._post(messages.error(fault))
        self.end(EndReason.LINE_LOST)

    def end_with_apology(self, refusal: Refusal) -> None:
        """End the call because the bot is broken; the page shows whom to ring instead."""
        if not self.has_ended:
            self._post(messages.refused(refusal))
        self.end(EndReason.LINE_LOST if refusal.target is None else EndReason.TRANSFERRED)

    async def play(self, pcm: Pcm16, mark: str) -> None:
        """Queue audio and its mark; see `Call.play`."""
        self._require_open()
        generation = self._playout.generation
        async with self._room:
            await self._room.wait_for(lambda: self._playout.has_room or self.has_ended)
        self._require_open()
        if generation != self._playout.generation:
            self._inbox.put(MarkCleared(mark))
            return
        self._playout.put(pcm, mark)
        self._changed.set()

    async def clear(self) -> None:
        """Drop everything not yet heard, here and on the page; see `Call.clear`."""
        self._require_open()
        dropped = [*self._at_page, *self._playout.clear(self._clock())]
        self._at_page.clear()
        for name in dropped:
            self._inbox.put(MarkCleared(name))
        self._post(messages.clear())
        await self._tell_room()

    async def show(self, caption: Caption) -> None:
        """Send a caption to the page; see `Call.show`."""
        if self.has_ended:
            return
        try:
            self._post(messages.caption(caption))
        except (TypeError, ValueError):
            log.warning("caption_not_json", call_id=self._caller.call_id, kind=caption.kind)

    async def send_text(self, text: str) -> None:
        """Show it on the page; see `Call.send_text`."""
        self._require_open()
        self._post(messages.caption(Caption("message", text)))

    async def ask_person(self, request: WarmRequest) -> None:
        """A web page can ring nobody.

        Raises:
            CarrierRefused: always.
        """
        raise CarrierRefused(0, None, "ring a person from a web page")

    def stop_asking(self) -> None:
        """Nobody is asked."""

    def person_takes(self, person: str) -> bool:
        """Nobody is asked."""
        return False

    def person_declines(self, person: str, reason: str) -> bool:
        """Nobody is asked."""
        return False

    async def join_person(self) -> None:
        """Nobody waits.

        Raises:
            CarrierRefused: always.
        """
        raise CarrierRefused(0, None, "let the caller of a web page go to a person")

    async def transfer(self, target: TransferTarget) -> None:
        """Show the number to ring and end the call: a page cannot be passed on. See `Call.transfer`."""
        self._require_open()
        self._post(messages.transfer(target))
        self.end(EndReason.TRANSFERRED)

    async def hang_up(self) -> None:
        """End the call at once; see `Call.hang_up`."""
        self._require_open()
        self.end(EndReason.WE_HUNG_UP)

    async def send_to(self, wire: Wire) -> None:
        """Write to the page what is due when it is due; returns when the call is over and everything is written.

        Raises:
            OSError, RuntimeError, WebSocketDisconnect: as the wire raises them.
        """
        while True:
            self._changed.clear()
            while self._unsent:
                await wire.send_text(self._unsent.popleft())
            due = self._playout.take(self._clock())
            if isinstance(due, DueFrame):
                await wire.send_bytes(messages.frames(due.pcm))
            elif due is not None:
                self._at_page[due.name] = None
                await wire.send_text(messages.mark(due.name))
            elif self._unsent:
                continue
            elif self.has_ended:
                return
            else:
                await self._tell_room()
                await self._wait_for_change(self._playout.wait_seconds(self._clock()))

    async def _wait_for_change(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(None if seconds == float("inf") else seconds):
                await self._changed.wait()
        except TimeoutError:
            return

    def _post(self, text: str) -> None:
        if len(self._unsent) >= MOST_UNSENT and not self.has_ended:
            self._unsent.clear()
            self.end(EndReason.LINE_LOST)
            return
        self._unsent.append(text)
        self._changed.set()

    async def _tell_room(self) -> None:
        async with self._room:
            self._room.notify_all()

    def _require_open(self) -> None:
        if self.has_ended:
            raise LineClosed("the call has ended")
