"""A Twilio call as the conversation sees it: `telephony.call.Call` over a media stream."""

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from telephony.call import (
    CallEnded,
    Caller,
    CallEvent,
    Caption,
    EndReason,
    FrameReceived,
    LineKind,
    MarkCleared,
    Pcm16,
    TransferTarget,
)
from telephony.errors import CarrierRefused, LineClosed
from telephony.g711 import RATE_HZ
from telephony.inbox import Inbox
from telephony.playout import DueFrame, Playout
from telephony.traffic import Traffic
from telephony.transfer.happenings import CallerStays
from telephony.transfer.request import WarmRequest
from telephony.twilio.call_book import CallRecord, EnterRoom, HangUp, NextStep, PassOn
from telephony.twilio.media_stream import MediaStream
from telephony.twilio.transfers import Transfers

E164: Final = re.compile(r"\+[1-9]\d{6,14}")
"""A hidden number comes as "anonymous", as a SIP address, or as nothing."""


class TwilioCall:
    """One caller on one stream. Implements `telephony.call.Call`.

    Everything that is sent goes through `next_message`, which one task empties: so a `clear` can never be overtaken by
    audio from before it.

    Args:
        record: the call; learns what we want next before the stream is closed.
        stream: the protocol of the stream, started.
        resumed: why this is not the call's first stream, or None.
        clock: seconds, monotonic.
        message: sends a text message: to, from, words.
        traffic: what is let through.
        transfers: asks people to take the caller.
    """

    def __init__(
        self,
        record: CallRecord,
        stream: MediaStream,
        resumed: str | None,
        clock: Callable[[], float],
        message: Callable[[str, str, str], Awaitable[None]],
        traffic: Traffic,
        transfers: Transfers,
    ) -> None:
        self._record = record
        self._message = message
        self._traffic = traffic
        self._transfers = transfers
        self._caller = Caller(record.call_sid, LineKind.TWILIO, record.number, record.called, resumed=resumed)
        self._stream = stream
        self._clock = clock
        self._inbox = Inbox(record.call_sid)
        self._tell = self._inbox.put
        self._asked = transfers.rejoin(record, self._tell) if resumed == "reconnect" else None
        self._playout = Playout(RATE_HZ)
        self._urgent: deque[str] = deque()
        self._marks: set[str] = set()
        self._work = asyncio.Event()
        self._room = asyncio.Event()
        self._left: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._end: EndReason | None = None
        self.leaving = asyncio.Event()
        self.wanted: NextStep | None = None
        self.sound_sent_at = clock()

    @property
    def caller(self) -> Caller:
        """Who is calling."""
        return self._caller

    @property
    def rate_hz(self) -> int:
        """8000: the phone network's."""
        return RATE_HZ

    @property
    def ended(self) -> EndReason | None:
        """Why the events have ended, or None while they go on."""
        return self._end

    @property
    def dropped_frames(self) -> int:
        """How many events the conversation was too slow for."""
        return self._inbox.dropped

    @property
    def taken_events(self) -> int:
        """How many events the conversation has taken: it stands still when the conversation does."""
        return self._inbox.taken

    def events(self) -> AsyncIterator[CallEvent]:
        """What happens on the line, ending with one `CallEnded`."""
        return self._inbox.events()

    async def play(self, pcm: Pcm16, mark: str) -> None:
        """Queue audio and a mark; waits while more than 30 s are queued, and is dropped by a `clear` meanwhile.

        Raises:
            LineClosed: the call is over.
            ValueError: the mark's name was used before.
        """
        self._check_open()
        if mark in self._marks:
            raise ValueError(f"the mark {mark!r} was used before in this call")
        self._marks.add(mark)
        generation = self._playout.generation
        while not self._playout.has_room and self._playout.generation == generation:
            self._room.clear()
            await self._room.wait()
            self._check_open()
        if self._playout.generation != generation:
            self._inbox.put(MarkCleared(mark))
            return
        self._playout.put(pcm, mark)
        self._work.set()

    async def clear(self) -> None:
        """Drop what is not yet played, here and at Twilio.

        Raises:
            LineClosed: the call is over.
        """
        self._check_open()
        unsent = self._playout.clear(self._clock())
        message, sent = self._stream.clear()
        self._urgent.append(message)
        for event in (*sent, *map(MarkCleared, unsent)):
            self._inbox.put(event)
        self._room.set()
        self._work.set()

    async def show(self, caption: Caption) -> None:
        """A phone shows nothing."""

    async def send_text(self, text: str) -> None:
        """Send a text message from the number that was called; see `Call.send_text`.

        Raises:
            LineClosed: the caller has gone.
            CarrierRefused: Twilio would not, the caller's number is hidden or abroad, or has had its messages today.
        """
        self._check_open()
        number, called = self._record.number, self._record.called
        if number is None or called is None or not E164.fullmatch(number):
            raise CarrierRefused(0, None, "send a text message: the caller's number is not known")
        if not self._traffic.admits_text(number):
            raise CarrierRefused(0, None, "send a text message: the limits do not allow it")
        await self._message(number, called, text)

    async def ask_person(self, request: WarmRequest) -> None:
        """Ring people who may take the caller, while the call goes on; see `Call.ask_person`.

        Raises:
            LineClosed: the caller has gone.
            CarrierRefused: nobody can be rung from the number that was called.
        """
        self._check_open()
        self.stop_asking()
        self._asked = self._transfers.begin(self._record, request, self._tell)

    def stop_asking(self) -> None:
        """The caller would rather stay."""
        asked, self._asked = self._asked, None
        if asked is not None and (transfer := self._transfers.find(asked)) is not None:
            transfer.happen(CallerStays())

    def person_takes(self, person: str) -> bool:
        """Somebody takes the caller on their screen; see `Call.person_takes`."""
        transfer = self._transfers.find(self._asked or "")
        return transfer is not None and transfer.person_takes(person)

    def person_declines(self, person: str, reason: str) -> bool:
        """Somebody says on their screen that they cannot; see `Call.person_declines`."""
        transfer = self._transfers.find(self._asked or "")
        return transfer is not None and transfer.person_declines(person, reason)

    async def join_person(self) -> None:
        """Leave the stream for the room where a person waits; see `Call.join_person`.

        Raises:
            LineClosed: the caller has gone.
            CarrierRefused: nobody waits, or Twilio would not; then the stream is gone, as with `transfer`.
        """
        self._check_open()
        if self._asked is None:
            raise CarrierRefused(0, None, "let the caller go to a person: nobody has been asked")
        self.leave(EnterRoom(self._asked))
        await asyncio.shield(self._left)

    async def transfer(self, target: TransferTarget) -> None:
        """Leave the stream for a person's phone; returns when Twilio has taken the call there.

        Raises:
            LineClosed: the caller has gone.
            CarrierRefused: Twilio neither asked for the next step nor took it by REST. The stream is gone by then, and
                the call's events have ended with `LINE_LOST`. Or the limits do not allow it, and the call goes on.
        """
        self._check_open()
        if not self._traffic.may_ring(target.number, self._record.number):
            raise CarrierRefused(0, None, "ring a person: the limits do not allow it")
        # The step comes first: the stream's end must never look like a hang-up to the webhook that asks about it.
        self.leave(PassOn(target))
        await asyncio.shield(self._left)

    async def hang_up(self) -> None:
        """End the call; the line sees to it that Twilio does.

        Raises:
            LineClosed: the call is over already.
        """
        self._check_open()
        self.leave(HangUp())
        self.end(EndReason.WE_HUNG_UP)

    def leave(self, step: NextStep) -> None:
        """Have the stream closed, and Twilio go on with another step. The first such wish counts."""
        if self.wanted is None:
            self.wanted = self._record.next_step = step
            self._record.moved.clear()
            self.leaving.set()
            if not isinstance(step, EnterRoom):
                self._record.caller_gone()

    def left(self, error: Exception | None = None) -> None:
        """The stream is closed and Twilio has gone on, or would not: `transfer` returns or raises."""
        if self._left.done():
            return
        if error is None:
            self._left.set_result(None)
        else:
            self._left.set_exception(error)
            # Nobody waits for it unless `transfer` was called.
            self._left.exception()

    def end(self, reason: EndReason) -> None:
        """End the events; whoever waits in `play` finds the line closed. The first reason counts."""
        if self._end is None:
            self._end = reason
            if (transfer := self._transfers.find(self._asked or "")) is not None:
                transfer.detach(self._tell)
            self._inbox.put(CallEnded(reason))
            self._room.set()
            self._work.set()

    def put(self, event: CallEvent) -> None:
        """Hand on what the stream brought."""
        if not (self.wanted is not None and isinstance(event, FrameReceived)):
            self._inbox.put(event)

    def next_message(self) -> str | None:
        """The next message to send now, or None while nothing is due."""
        if self._urgent:
            return self._urgent.popleft()
        now = self._clock()
        due = self._playout.take(now)
        if due is None:
            return None
        if self._playout.has_room:
            self._room.set()
        if isinstance(due, DueFrame):
            self.sound_sent_at = now
            return self._stream.media(due.pcm)
        return self._stream.mark(due.name)

    async def wait_for_work(self) -> None:
        """Wait until `next_message` may have something; returns early when there is something new."""
        wait = self._playout.wait_seconds(self._clock())
        if self._urgent or wait == 0.0:
            return
        self._work.clear()
        try:
            # Not `wait_for`: until Python 3.12 it swallows a cancellation that comes together with the event.
            async with asyncio.timeout(None if wait == float("inf") else wait):
                await self._work.wait()
        except TimeoutError:
            return

    def _check_open(self) -> None:
        if self._end is not None or self.wanted is not None:
            raise LineClosed("the call is over")
