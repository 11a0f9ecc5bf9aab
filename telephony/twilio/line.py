"""The Twilio line: everything between a phone number at Twilio and the house's conversations."""

import asyncio
import logging
import time
from collections.abc import Callable

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from telephony.call import EndReason
from telephony.errors import CarrierRefused, NotAuthentic, ProtocolViolation
from telephony.front_desk import FrontDesk
from telephony.traffic import Traffic
from telephony.twilio import twiml
from telephony.twilio.call_book import CallBook, CallRecord, Decline, NextStep
from telephony.twilio.callback_calls import CallbackCalls
from telephony.twilio.callback_door import callback_router
from telephony.twilio.callback_request import CallbackRequest, Recall, Tell
from telephony.twilio.counters import TwilioCounters
from telephony.twilio.hold_music import hold_music
from telephony.twilio.media_stream import MediaStream, StreamStarted
from telephony.twilio.rest import TwilioRest
from telephony.twilio.router import WebhookDoor, raw_target
from telephony.twilio.settings import TwilioSettings
from telephony.twilio.signature import Signatures
from telephony.twilio.steady_desk import SteadyDesk
from telephony.twilio.stream_session import StreamSession, receive
from telephony.twilio.stream_tokens import StreamPass, StreamTokens
from telephony.twilio.transfer_answers import TransferAnswers
from telephony.twilio.transfer_door import transfer_router
from telephony.twilio.transfers import Transfers
from telephony.twilio.webhooks import DIAL_ENDED_PATH, Webhooks

# Before `accept` any code makes the server answer the handshake with HTTP 403.
_REFUSED = 1008

_log = logging.getLogger(__name__)


class TwilioLine:
    """Serves one Twilio account. Mount `router` in the application, and `close` before the server stops.

    Args:
        settings: the account and its limits.
        desk: the house.
        clock: seconds, monotonic.
    """

    def __init__(self, settings: TwilioSettings, desk: FrontDesk, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._desk = SteadyDesk(desk)
        self._clock = clock
        self._book = CallBook(clock)
        self._tokens = StreamTokens(settings.patience.token_seconds, clock)
        self._signatures = Signatures(settings.auth_tokens, settings.public_url)
        self._sessions: set[StreamSession] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._unproven = 0
        self.counters = TwilioCounters()
        self._rest = TwilioRest(settings, self.counters)
        self._traffic = Traffic(settings.traffic, clock, self.counters.limited)
        self._transfers = Transfers(
            settings,
            self._rest,
            self._traffic,
            self._render_after_room,
            self._desk.transfer_noted,
            self._desk.transfers_written,
            self._desk.voice,
        )
        answers = TransferAnswers(self._transfers, hold_music())
        self._callbacks = CallbackCalls(settings, self._rest, self._traffic, self._desk.voice, clock)
        self._webhooks = Webhooks(
            settings,
            self._desk,
            self._book,
            self._tokens,
            self._traffic,
            answers.enter_room,
            self.counters,
            clock,
        )
        # Made now, while everything is known to work: the answer for when it no longer is.
        last = self._desk.fallback()
        plan = twiml.DialPlan(settings.url(DIAL_ENDED_PATH), settings.ring_seconds, caller_id=None)
        last_resort = twiml.decline(last.apology, last.target, plan)
        door = WebhookDoor(settings.account_sid, self._signatures, self._webhooks, self.counters, last_resort)
        self.router: APIRouter = door.router(self._serve_media)
        self.router.include_router(callback_router(door, self._callbacks))
        self.router.include_router(transfer_router(door, answers, self._book, self._render_after_room))

    def _render_after_room(self, record: CallRecord, step: NextStep) -> str:
        return self._webhooks.render(record, self._webhooks.out_of_room(step))

    @property
    def calls(self) -> int:
        """How many streams are open."""
        return len(self._sessions)

    async def send_text(self, number: str, sender: str, text: str) -> None:
        """Send a text message to somebody who does not call; counted with those to callers.

        Args:
            number: E.164.
            sender: one of the account's own numbers, E.164.
            text: at most 1600 characters.

        Raises:
            CarrierRefused: Twilio would not, or the number may have no more messages.
        """
        if not self._traffic.admits_text(number):
            raise CarrierRefused(0, None, "send a text message: no more may go to this number")
        await self._rest.message(number, sender, text)

    def place_callback(self, request: CallbackRequest) -> None:
        """Ring an agent, and after them somebody who asked to be called back; see `report_callbacks`.

        Raises:
            CarrierRefused: the limits do not allow it, or it is being done already.
        """
        self._callbacks.place(request)

    def report_callbacks(self, tell: Tell, recall: Recall) -> None:
        """Who is told how such calls go, and who remembers those that an earlier process of ours began."""
        self._callbacks.report_to(tell, recall)

    def restore(self) -> None:
        """Take up the transfers of an earlier process: on the event loop of the line, before the first call."""
        for transfer, saved in self._desk.saved_transfers():
            self._transfers.restore(transfer, saved, self._book)

    async def close(self, reason: str, grace_seconds: float = 0.0) -> None:
        """Stop taking calls, give those in progress some time, then pass the rest on to a person.

        Call it while the server still answers: Twilio asks for each call's next step.

        Args:
            reason: for the log.
            grace_seconds: how long calls in progress may go on.
        """
        _log.info("the Twilio line closes (%s) with %d calls in progress", reason, self.calls)
        self._webhooks.closed = True
        try:
            async with asyncio.timeout(grace_seconds):
                await self._idle.wait()
        except TimeoutError:
            step = Decline(self._desk.fallback())
            for session in self._sessions:
                session.leave(step, EndReason.TRANSFERRED)
            await self._idle.wait()
        self._callbacks.close()
        await self._transfers.close()
        self._rest.close()

    async def _serve_media(self, socket: WebSocket) -> None:
        try:
            granted, record = self._admit(socket)
        except NotAuthentic as refused:
            _log.warning("refused a media stream: %s", refused)
            await socket.close(_REFUSED)
            return
        stream = MediaStream(self._settings.account_sid, granted.call_sid)
        self._unproven += 1
        try:
            await socket.accept()
            async with asyncio.timeout(self._settings.patience.start_seconds):
                await _start(socket, stream)
        except (TimeoutError, ProtocolViolation, WebSocketDisconnect) as error:
            _log.warning("call %s: no valid start: %s", granted.call_sid, error or type(error).__name__)
            await _close_quietly(socket)
            return
        finally:
            self._unproven -= 1
            self.counters.ignored_messages.update(stream.ignored)
            stream.ignored.clear()
        await self._carry(socket, stream, record, granted)

    def _admit(self, socket: WebSocket) -> tuple[StreamPass, CallRecord]:
        """Who may come in, decided before the handshake is answered.

        Raises:
            NotAuthentic: too many unproven sockets, no valid signature, no valid token, or the call is over.
        """
        if self._unproven >= self._settings.max_sockets:
            self.counters.limited["sockets"] += 1
            raise NotAuthentic("too many sockets that have not shown who they are")
        try:
            self._signatures.check_handshake(raw_target(socket.scope), socket.headers)
        except NotAuthentic:
            self.counters.refused_signatures += 1
            raise
        try:
            granted = self._tokens.redeem(socket.path_params["token"])
            record = self._book.find(granted.call_sid)
            if record is None or record.ended:
                raise NotAuthentic("the call is over")
        except NotAuthentic:
            self.counters.refused_tokens += 1
            raise
        return granted, record

    async def _carry(
        self,
        socket: WebSocket,
        stream: MediaStream,
        record: CallRecord,
        granted: StreamPass,
    ) -> None:
        session = StreamSession(
            socket,
            stream,
            record,
            granted.resumed,
            self._desk,
            self._rest,
            self._traffic,
            self._transfers,
            self._webhooks.render,
            self._settings,
            self.counters,
            self._clock,
        )
        record.begin_stream(session)
        self.counters.streams += 1
        self._sessions.add(session)
        self._idle.clear()
        try:
            await session.run()
        finally:
            self.counters.ignored_messages.update(stream.ignored)
            self._sessions.discard(session)
            if not self._sessions:
                self._idle.set()


async def _start(socket: WebSocket, stream: MediaStream) -> None:
    """Read until `start`."""
    while True:
        for event in stream.receive(await receive(socket)):
            if isinstance(event, StreamStarted):
                return


async def _close_quietly(socket: WebSocket) -> None:
    try:
        await socket.close(_REFUSED)
    except (RuntimeError, WebSocketDisconnect):
        # Gone already.
        return
