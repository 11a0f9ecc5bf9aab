"""One open media stream: the tasks that read, write, watch and converse, and how they end. Nothing outlives `run`."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from telephony.call import CallEvent, EndReason, FrameReceived, KeyPressed
from telephony.errors import CarrierRefused, LineClosed, ProtocolViolation
from telephony.front_desk import FrontDesk
from telephony.traffic import Traffic
from telephony.twilio.call_book import CallRecord, Decline, HangUp, NextStep
from telephony.twilio.counters import TwilioCounters
from telephony.twilio.media_stream import MediaLost, MediaStream, StreamStarted, StreamStopped
from telephony.twilio.rest import ALREADY_OVER, TwilioRest
from telephony.twilio.settings import TwilioSettings
from telephony.twilio.transfers import Transfers
from telephony.twilio.twilio_call import TwilioCall
from telephony.twilio.watchdog import Limits, Trouble, Watchdog

_NORMAL_CLOSE = 1000
_VIOLATION_CLOSE = 1008

_log = logging.getLogger(__name__)


class StreamSession:
    """A started stream and its conversation. `record.stream` while it runs.

    Args:
        socket: accepted.
        stream: the protocol, started.
        record: the call.
        resumed: why this is not the call's first stream, or None.
        desk: the house.
        rest: the way out when Twilio does not ask.
        traffic: what is let through.
        transfers: asks people to take the caller.
        render: the document for a step.
        settings: limits and waits.
        counters: what happened.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        socket: WebSocket,
        stream: MediaStream,
        record: CallRecord,
        resumed: str | None,
        desk: FrontDesk,
        rest: TwilioRest,
        traffic: Traffic,
        transfers: Transfers,
        render: Callable[[CallRecord, NextStep], str],
        settings: TwilioSettings,
        counters: TwilioCounters,
        clock: Callable[[], float],
    ) -> None:
        self._socket = socket
        self._stream = stream
        self._record = record
        self._desk = desk
        self._rest = rest
        self._render = render
        self._patience = settings.patience
        self._counters = counters
        self._clock = clock
        self._call = TwilioCall(record, stream, resumed, clock, rest.message, traffic, transfers)
        limits = Limits(settings.call_seconds, settings.idle_seconds, settings.quiet_seconds)
        self._watchdog = Watchdog(limits, record.began_at, clock())
        self._over = asyncio.Event()
        self._close_code = _NORMAL_CLOSE

    def caller_gone(self) -> None:
        """Twilio says that the call is over."""
        if self._call.wanted is None:
            self._call.end(EndReason.CALLER_HUNG_UP)
        self._record.caller_gone()
        self._over.set()

    def lose(self) -> None:
        """Twilio says that the stream is over."""
        if self._call.wanted is None:
            self._call.end(EndReason.LINE_LOST)
        self._over.set()

    def leave(self, step: NextStep, reason: EndReason) -> None:
        """End the stream from our side, and have Twilio go on with `step`."""
        if self._call.ended is None:
            self._call.leave(step)
            self._call.end(reason)

    async def run(self) -> None:
        """Carry the call until it is over and its conversation has ended."""
        converse = self._task("conversation", self._converse())
        carrying = [
            self._task("reader", self._guarded(self._read())),
            self._task("writer", self._guarded(self._write())),
            self._task("watchdog", self._guarded(self._watch())),
            self._task("leave", self._wait_for_leave()),
        ]
        try:
            await self._over.wait()
            # The watchdog goes too: what follows has its own deadlines.
            await self._cancel(carrying)
            await self._close_socket()
            await self._settle()
            await self._finish(converse)
        finally:
            await self._cancel([*carrying, converse])
            self._call.end(EndReason.LINE_LOST)
            self._call.left()
            self._counters.dropped_frames += self._call.dropped_frames
            if self._record.stream is self:
                self._record.stream = None

    def _task(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return asyncio.create_task(work, name=f"{name} {self._record.call_sid}")

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        # A fault of our own ends the stream, so that Twilio asks what next; without it the call would hang in silence.
        try:
            await work
        except Exception:
            _log.exception("call %s: the line itself failed", self._record.call_sid)
            self.lose()

    async def _read(self) -> None:
        try:
            while True:
                for event in self._stream.receive(await receive(self._socket)):
                    match event:
                        case StreamStopped():
                            self.caller_gone()
                            return
                        case MediaLost(frames):
                            self._counters.lost_frames += frames
                        case StreamStarted():
                            pass
                        case _:
                            self._take(event)
        except WebSocketDisconnect:
            self.lose()
        except ProtocolViolation as violation:
            _log.warning("call %s: closing the stream: %s", self._record.call_sid, violation)
            self._close_code = _VIOLATION_CLOSE
            self.lose()

    def _take(self, event: CallEvent) -> None:
        if isinstance(event, FrameReceived):
            self._watchdog.heard(event.pcm, self._clock())
        elif isinstance(event, KeyPressed):
            self._watchdog.sensed(self._clock())
        self._call.put(event)

    async def _write(self) -> None:
        try:
            while True:
                message = self._call.next_message()
                if message is None:
                    await self._call.wait_for_work()
                else:
                    await self._socket.send_text(message)
        except (WebSocketDisconnect, RuntimeError):
            # Starlette raises RuntimeError for a socket that was closed under us.
            self.lose()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._patience.tick_seconds)
            now = self._clock()
            self._watchdog.sensed(self._call.sound_sent_at)
            self._watchdog.taken(self._call.taken_events, now)
            trouble = self._watchdog.trouble(now)
            if trouble is not None:
                self._counters.watchdog[trouble] += 1
                _log.warning("call %s: ended by the watchdog: %s", self._record.call_sid, trouble)
                self.leave(self._way_out(trouble), EndReason.TIME_LIMIT)
                return

    def _way_out(self, trouble: Trouble) -> NextStep:
        if trouble in (Trouble.TOO_LONG, Trouble.NOBODY_SPEAKS):
            return HangUp()
        # The caller may well be there, waiting for a bot that does not hear: a person then.
        return Decline(self._desk.fallback())

    async def _wait_for_leave(self) -> None:
        await self._call.leaving.wait()
        self._over.set()

    async def _converse(self) -> None:
        # The one broad catch of the line: whatever a conversation raises, the caller hears an apology and reaches a
        # person.
        try:
            await self._desk.converse(self._call)
        except Exception:
            self._counters.failed_conversations += 1
            _log.exception("call %s: the conversation failed", self._record.call_sid)
            if self._call.ended is None:
                self.leave(Decline(self._desk.fallback()), EndReason.TRANSFERRED)
            return
        self.leave(HangUp(), EndReason.WE_HUNG_UP)

    async def _close_socket(self) -> None:
        try:
            async with asyncio.timeout(self._patience.close_seconds):
                await self._socket.close(self._close_code)
        except (TimeoutError, RuntimeError, WebSocketDisconnect):
            # Closed already, or the other side does not answer: either way there is no socket any more.
            return

    async def _settle(self) -> None:
        """See that Twilio takes the next step: it asks us, or we tell it by REST."""
        step = self._call.wanted
        if step is None:
            return
        try:
            async with asyncio.timeout(self._patience.action_seconds):
                await self._record.moved.wait()
        except TimeoutError:
            await self._insist(step)
        else:
            if self._record.ended and not isinstance(step, HangUp):
                self._gone()
        self._call.end(EndReason.TRANSFERRED)
        self._call.left()

    async def _insist(self, step: NextStep) -> None:
        call_sid = self._record.call_sid
        _log.info("call %s: Twilio did not ask for the next step; telling it by REST", call_sid)
        try:
            if isinstance(step, HangUp):
                await self._rest.end(call_sid)
            else:
                await self._rest.move(call_sid, self._render(self._record, step))
        except CarrierRefused as refused:
            if refused.code in ALREADY_OVER:
                self._gone()
                return
            _log.error("call %s: %s", call_sid, refused)
            self._call.end(EndReason.LINE_LOST)
            self._call.left(refused)

    def _gone(self) -> None:
        self._call.end(EndReason.CALLER_HUNG_UP)
        self._call.left(LineClosed("the caller has gone"))

    async def _finish(self, converse: asyncio.Task[None]) -> None:
        _, pending = await asyncio.wait({converse}, timeout=self._patience.grace_seconds)
        if pending:
            self._counters.stuck_conversations += 1
            _log.error("call %s: the conversation goes on after its call; cancelling it", self._record.call_sid)

    async def _cancel(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        _, pending = await asyncio.wait(tasks, timeout=self._patience.grace_seconds)
        if pending:
            _log.error("call %s: a task ignores its cancellation and is left behind", self._record.call_sid)


async def receive(socket: WebSocket) -> str | bytes:
    """One message.

    Raises:
        WebSocketDisconnect: the other side has closed.
    """
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text = message.get("text")
    return text if text is not None else bytes(message.get("bytes") or b"")
