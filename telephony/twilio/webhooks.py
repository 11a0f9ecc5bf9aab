"""What Twilio is told when it asks: plain decisions over the record of a call. No HTTP, no waiting.

Every answer is a function of the record, so a webhook that arrives twice gets the same answer twice; only requests that
Twilio makes anew count as new.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, assert_never

from telephony.call import TransferTarget
from telephony.front_desk import FrontDesk, Refusal
from telephony.traffic import Traffic
from telephony.twilio import twiml
from telephony.twilio.call_book import (
    FINAL_STATUSES,
    Apologise,
    CallBook,
    CallRecord,
    Connect,
    Decline,
    EnterRoom,
    HangUp,
    Hold,
    NextStep,
    PassOn,
    e164,
)
from telephony.twilio.counters import TwilioCounters
from telephony.twilio.settings import TwilioSettings
from telephony.twilio.stream_tokens import StreamTokens

VOICE_PATH: Final = "/twilio/voice"
STREAM_ENDED_PATH: Final = "/twilio/stream-ended"
DIAL_ENDED_PATH: Final = "/twilio/dial-ended"
STATUS_PATH: Final = "/twilio/status"
STREAM_STATUS_PATH: Final = "/twilio/stream-status"
FALLBACK_PATH: Final = "/twilio/fallback"
MEDIA_PATH: Final = "/twilio/media"

_MAX_RECONNECTS: Final = 2
_MAX_RESUMPTIONS: Final = 1
# Twilio repeats a request 5 times at most (connection override `rc`). Without an idempotency token a repeat cannot be
# told from a stream that fails again and again before it starts.
_MAX_REPEATS: Final = 5
# After a restart the models are there in ten to twenty seconds.
_MAX_HOLDS: Final = 6
_HOLD_SECONDS: Final = 4
# The idempotency token is not signed: a replayed request with ever new ones must not fill the memory.
_MAX_ANSWERS: Final = 50

_STREAM_EVENTS: Final = frozenset({"stream-started", "stream-stopped", "stream-error"})

_log = logging.getLogger(__name__)


class Webhooks:
    """The answers to each kind of webhook.

    Args:
        settings: the account and its addresses.
        desk: the house.
        book: the calls.
        tokens: the passes for streams.
        traffic: what is let through.
        enter_room: the document that takes a caller into the room of a transfer.
        counters: what happened.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        settings: TwilioSettings,
        desk: FrontDesk,
        book: CallBook,
        tokens: StreamTokens,
        traffic: Traffic,
        enter_room: Callable[[str], str],
        counters: TwilioCounters,
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._desk = desk
        self._book = book
        self._tokens = tokens
        self._traffic = traffic
        self._enter_room = enter_room
        self._counters = counters
        self._clock = clock
        self.closed = False

    def voice(self, call_sid: str, fields: Mapping[str, str], idempotency: str) -> str:
        """A phone rings: the bot, or whoever takes its place."""
        if self._book.was_over(call_sid):
            # Twilio never calls twice under one id: somebody sends an old request again.
            self._counters.limited["replayed"] += 1
            return twiml.hang_up()
        record = self._book.open(call_sid, fields)
        if fields.get("CallStatus") in FINAL_STATUSES or record.ended:
            return twiml.hang_up()
        return self._answer(record, ("voice", ""), idempotency, self._greet)

    def stream_ended(self, call_sid: str, fields: Mapping[str, str], idempotency: str) -> str:
        """A `<Connect>` is over: because we wanted it, or because the stream was lost."""
        record = self._book.find(call_sid)
        if record is None:
            # We have been restarted in the middle of the call, and know nothing of it but that somebody is waiting.
            remembered = self._desk.remembers(call_sid)
            _log.warning("a stream of an unknown call ended; %s", "going on" if remembered else "passing the caller on")
            record = self._book.open(call_sid, fields)
            if remembered and fields.get("CallStatus") not in FINAL_STATUSES:
                return self._answer(record, ("stream-ended", "restart"), idempotency, self._go_on)
            return self._answer(record, ("stream-ended", "unknown"), idempotency, self._fall_back)
        record.moved.set()
        if fields.get("CallStatus") in FINAL_STATUSES or record.ended:
            return twiml.hang_up()
        key = ("stream-ended", str(record.streams))
        return self._answer(record, key, idempotency, self._go_on)

    def dial_ended(self, call_sid: str, fields: Mapping[str, str], idempotency: str) -> str:
        """A `<Dial>` is over: the talk with a person, or nobody took the call."""
        record = self._book.open(call_sid, fields)
        status = fields.get("DialCallStatus", "")
        # An answered leg that was never bridged is a rejected whisper; accounts without the option omit the field.
        reached = status in ("completed", "answered") and fields.get("DialBridged", "true") != "false"
        if reached or status == "canceled" or fields.get("CallStatus") in FINAL_STATUSES or record.ended:
            return twiml.hang_up()
        key = ("dial-ended", fields.get("DialCallSid") or str(record.dials))
        return self._answer(record, key, idempotency, self._take_back)

    def fallback(self, call_sid: str, fields: Mapping[str, str]) -> str:
        """Twilio could not use our answer: a person, without asking anything that may be broken."""
        record = self._book.open(call_sid, fields)
        return self.render(record, self._fall_back(record))

    def status(self, call_sid: str, fields: Mapping[str, str]) -> None:
        """A call has changed its state; its end may be told before the answers to its other webhooks are read."""
        record = self._book.find(call_sid)
        # A leg that we dialled reports its own end, which is not the caller's.
        if record is None or record.ended or fields.get("ParentCallSid"):
            return
        if fields.get("CallStatus") in FINAL_STATUSES:
            self._tokens.revoke(call_sid)
            record.end(self._clock())

    def stream_status(self, fields: Mapping[str, str]) -> None:
        """A stream has started, stopped or failed."""
        event = fields.get("StreamEvent", "")
        self._counters.stream_events[event if event in _STREAM_EVENTS else "other"] += 1
        if event == "stream-error":
            _log.warning("Twilio reports an error of a stream of call %s", fields.get("CallSid"))

    def out_of_room(self, step: NextStep) -> NextStep:
        """What comes for a caller who is out of the room of a transfer, when the bot may not be there to take them."""
        refusal = self._refusal() if isinstance(step, Connect) else None
        if refusal is None:
            return step
        talked = isinstance(step, Connect) and step.resumed == "after-person"
        return HangUp() if talked else Decline(refusal)

    def render(self, record: CallRecord, step: NextStep) -> str:
        """The document for a step. A stream's token is the one that is out and unused, if there is one."""
        match step:
            case Connect(resumed):
                token = self._tokens.issue(record.call_sid, resumed)
                address = twiml.StreamAddress(
                    self._settings.stream_url(f"{MEDIA_PATH}/{token}"),
                    self._settings.url(STREAM_ENDED_PATH),
                    self._settings.url(STREAM_STATUS_PATH),
                    resumed,
                )
                return twiml.connect(address)
            case PassOn(target):
                if not self._rings(record, step, target):
                    return twiml.decline(target.apology or self._traffic.rules.too_often, None, self._plan(record))
                return twiml.pass_on(target, self._plan(record))
            case EnterRoom(transfer):
                return self._enter_room(transfer)
            case Decline(refusal):
                if refusal.target is None or not self._rings(record, step, refusal.target):
                    words = self._traffic.rules.too_often if refusal.target is not None else ()
                    return twiml.decline(refusal.apology + words, None, self._plan(record))
                return twiml.decline(refusal.apology, refusal.target, self._plan(record))
            case Apologise(apology):
                return twiml.decline(apology, None, self._plan(record))
            case Hold(moment):
                return twiml.hold(moment, _HOLD_SECONDS, self._settings.url(STREAM_ENDED_PATH))
            case HangUp():
                return twiml.hang_up()
            case _:
                assert_never(step)

    def _answer(
        self,
        record: CallRecord,
        key: tuple[str, str],
        idempotency: str,
        decide: Callable[[CallRecord], NextStep],
    ) -> str:
        key = (key[0], idempotency) if idempotency else key
        step = record.answered.get(key)
        if step is None:
            step = decide(record) if len(record.answered) < _MAX_ANSWERS else self._fall_back(record)
            # A question that is to be asked again gets a new answer each time.
            if len(record.answered) < _MAX_ANSWERS and not isinstance(step, Hold):
                record.answered[key] = step
            return self.render(record, step)
        self._counters.repeated_webhooks += 1
        record.repeats[key] += 1
        if record.repeats[key] > _MAX_REPEATS:
            step = self._fall_back(record)
        return self.render(record, step)

    def _greet(self, record: CallRecord) -> NextStep:
        refusal = self._refusal()
        if refusal is None and not self._traffic.admits_call(record.number):
            # No apology: whoever rings often is passed on at once, as long as there is somebody who may be rung.
            target = self._desk.fallback().target
            refusal = Refusal("too_often", () if target is not None else self._traffic.rules.too_often, target)
        if refusal is None:
            return Connect()
        self._counters.refusals[refusal.reason] += 1
        return Decline(refusal)

    def _go_on(self, record: CallRecord) -> NextStep:
        if record.next_step is not None:
            return record.next_step
        if record.transfer is not None and record.transfer.waits:
            return EnterRoom(record.transfer.id)
        if record.stream is not None:
            record.stream.lose()
        refusal = self._refusal()
        moment = None if refusal is None or record.holds >= _MAX_HOLDS else refusal.moment
        if moment is not None and self._desk.remembers(record.call_sid):
            record.holds += 1
            return Hold(moment)
        if refusal is None and record.reconnects < _MAX_RECONNECTS:
            record.reconnects += 1
            self._counters.reconnects += 1
            return Connect("reconnect")
        return Decline(refusal or self._desk.fallback())

    def _take_back(self, record: CallRecord) -> NextStep:
        if record.resumptions < _MAX_RESUMPTIONS and self._refusal() is None:
            record.resumptions += 1
            return Connect("no-answer")
        apology = record.dialled.apology if record.dialled is not None else ()
        return Apologise(apology or self._desk.fallback().apology)

    def _fall_back(self, record: CallRecord) -> NextStep:
        refusal = self._desk.fallback()
        self._counters.refusals[refusal.reason] += 1
        return Decline(refusal)

    def _refusal(self) -> Refusal | None:
        if self.closed:
            return replace(self._desk.fallback(), reason="closed")
        return self._desk.refusal()

    def _rings(self, record: CallRecord, step: NextStep, target: TransferTarget) -> bool:
        """Whether a person's phone may ring now; notes that it does."""
        # The same step given twice is one dial; another step to the same person is another.
        if record.dialling is step:
            return True
        if not self._traffic.ring(target.number, record.number):
            _log.warning("call %s: nobody is rung, because the limits do not allow it", record.call_sid)
            return False
        record.dials += 1
        self._counters.transfers += 1
        record.dialling, record.dialled = step, target
        return True

    def _plan(self, record: CallRecord) -> twiml.DialPlan:
        return twiml.DialPlan(self._settings.url(DIAL_ENDED_PATH), self._settings.ring_seconds, e164(record.called))
