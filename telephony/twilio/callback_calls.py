"""All calls to customers that are under way: rings the agent, and answers Twilio from the machine's state."""

import asyncio
import hmac
import logging
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from telephony.call import Spoken
from telephony.errors import CarrierRefused
from telephony.traffic import Traffic
from telephony.transfer.happenings import LegStatus
from telephony.twilio import callback_twiml, twiml
from telephony.twilio.callback_request import CallbackNews, CallbackRequest, NoCallback, Recall, Tell, Voice
from telephony.twilio.callback_state import (
    AgentAnswered,
    AgentReported,
    BriefOver,
    CallbackCall,
    CustomerPickedUp,
    DialOver,
    Happening,
    LegMade,
    LegRefused,
    Outcome,
    Pressed,
    Stage,
    Tick,
    Told,
    begin,
    step,
)
from telephony.twilio.rest import TwilioRest
from telephony.twilio.settings import TwilioSettings
from telephony.wav import wav_file

CALLBACK_PATH: Final = "/twilio/callback"

_KEPT_SECONDS: Final = 600.0
_SOUND_SECONDS: Final = 6.0
_LIMIT_SECONDS: Final = 4_000
"""The agent's leg ends by then, whatever happens: a talk, and everything before it."""

_STATUSES: Final = {str(status): status for status in LegStatus}
_HANG_UP: Final = twiml.hang_up()

_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Underway:
    """A call to a customer. `token` is the pass to its sounds, those of `sounds` that have been made."""

    request: CallbackRequest
    state: CallbackCall
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    sounds: dict[str, bytes] = field(default_factory=dict)
    alarm: asyncio.TimerHandle | None = None
    over_at: float | None = None


class CallbackCalls:
    """Places calls to customers who asked for them.

    Args:
        settings: the account and its addresses.
        rest: rings and ends.
        traffic: whom the line may call, and how often.
        voice: speaks what agents hear.
        clock: seconds.
    """

    def __init__(
        self,
        settings: TwilioSettings,
        rest: TwilioRest,
        traffic: Traffic,
        voice: Voice,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._rest = rest
        self._traffic = traffic
        self._voice = voice
        self._clock = clock
        self._tell: Tell = lambda news: None
        self._recall: Recall = _nothing_is_remembered
        self._underway: dict[tuple[str, int], _Underway] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def report_to(self, tell: Tell, recall: Recall) -> None:
        """Who is told how calls go, and who remembers those that an earlier process of ours began."""
        self._tell, self._recall = tell, recall

    def place(self, request: CallbackRequest) -> None:
        """Ring the agent, and after them the customer.

        Raises:
            CarrierRefused: the customer's number may not be called, or not now; or this try is under way already.
        """
        self._forget_old()
        name = (request.callback, request.attempt)
        known = self._underway.get(name)
        if known is not None and known.state.stage is not Stage.OVER:
            raise CarrierRefused(0, None, "call somebody back: that is being done already")
        if not self._traffic.call_back(request.agent, request.customer):
            raise CarrierRefused(429, None, "call somebody back: the limits do not allow it")
        found = self._underway[name] = _Underway(request, begin(request.patience, self._clock()))
        self._make(found, "whisper", request.whisper)
        self._start(self._ring(found))
        self._watch(found)

    def close(self) -> None:
        """Let go. Calls under way go on at the carrier; whoever serves after us recalls them when it asks."""
        for found in self._underway.values():
            if found.alarm is not None:
                found.alarm.cancel()
        for task in self._tasks:
            task.cancel()

    # What Twilio asks.

    async def whisper(self, callback: str, attempt: int, leg: str) -> str:
        """Somebody, or something, has answered the agent's phone."""
        found = await self._found(callback, attempt, leg, Stage.RINGING)
        if found is None:
            return _HANG_UP
        self._happen(found, AgentAnswered(leg))
        if found.state.stage not in (Stage.WHISPERING, Stage.BRIEFING):
            return callback_twiml.goodbye(found.request.sorry)
        # Made while they think about the key.
        self._make(found, "brief", found.request.brief)
        words = found.request.whisper
        return callback_twiml.ask(self._sound_url(found, "whisper"), words, self._url(found, "key"))

    async def key(self, callback: str, attempt: int, leg: str, fields: Mapping[str, str]) -> str:
        """They have pressed a key, or none."""
        found = await self._found(callback, attempt, leg, Stage.WHISPERING)
        if found is None:
            return _HANG_UP
        key = fields.get("Digits", "")
        self._happen(found, Pressed(key))
        if found.state.stage is Stage.BRIEFING:
            return callback_twiml.brief(
                self._sound_url(found, "brief"), found.request.no_brief, self._url(found, "briefed")
            )
        return callback_twiml.goodbye(found.request.sorry) if key == "1" else _HANG_UP

    async def briefed(self, callback: str, attempt: int, leg: str, fields: Mapping[str, str]) -> str:
        """The brief has been heard: the customer is rung, unless the agent pressed 2."""
        found = await self._found(callback, attempt, leg, Stage.BRIEFING)
        if found is None:
            return _HANG_UP
        self._happen(found, Pressed("2") if fields.get("Digits") == "2" else BriefOver())
        if found.state.stage is not Stage.CALLING:
            return _HANG_UP
        request = found.request
        return callback_twiml.call(
            request.customer,
            request.sender,
            request.patience.customer_ring,
            int(request.patience.talk),
            self._url(found, "customer"),
            self._url(found, "over"),
        )

    async def customer_status(self, callback: str, attempt: int, fields: Mapping[str, str]) -> None:
        """The customer's leg has changed its state; CallSid is that leg's."""
        if _STATUSES.get(fields.get("CallStatus", "")) is not LegStatus.ANSWERED:
            return  # that it is over is told by the dialling's end, with more
        found = self._underway.get((callback, attempt))
        if found is not None:
            self._happen(found, CustomerPickedUp())

    async def dial_over(self, callback: str, attempt: int, leg: str, fields: Mapping[str, str]) -> str:
        """The customer's leg is over."""
        found = await self._found(callback, attempt, leg, Stage.CALLING)
        if found is None:
            return _HANG_UP
        seconds = fields.get("DialCallDuration", "")
        over = DialOver(
            fields.get("DialCallStatus", ""),
            {"true": True, "false": False}.get(fields.get("DialBridged", "").lower()),
            float(seconds) if seconds.isdecimal() and len(seconds) < 7 else 0.0,
            fields.get("CallStatus") == LegStatus.ANSWERED,
        )
        self._happen(found, over)
        if not over.agent_there:
            return _HANG_UP
        if found.state.stage is Stage.ASKING:
            return callback_twiml.ask(None, found.request.how_it_went, self._url(found, "told"))
        return callback_twiml.goodbye(found.request.missed)

    async def told(self, callback: str, attempt: int, leg: str, fields: Mapping[str, str]) -> str:
        """The agent has said how it went."""
        found = await self._found(callback, attempt, leg, Stage.ASKING)
        if found is not None:
            self._happen(found, Told(fields.get("Digits", "")))
        return _HANG_UP

    async def leg_status(self, callback: str, attempt: int, leg: str, fields: Mapping[str, str]) -> None:
        """The agent's leg has changed its state."""
        found = self._underway.get((callback, attempt))
        status, sequence = _STATUSES.get(fields.get("CallStatus", "")), fields.get("SequenceNumber", "0")
        if found is not None and status is not None and sequence.isdecimal() and len(sequence) < 7:
            self._happen(found, AgentReported(leg, status, int(sequence)))

    def sound(self, callback: str, attempt: int, token: str, kind: str) -> bytes | None:
        """A sound as a WAV file, or None when there is no such thing for whoever asks."""
        found = self._underway.get((callback, attempt))
        if found is None or not hmac.compare_digest(found.token.encode(), token.encode()):
            return None
        if kind == "brief" and found.state.stage in (Stage.RINGING, Stage.WHISPERING):
            return None  # it is personal, and nobody has shown yet that they are a person
        return found.sounds.get(kind)

    # Bookkeeping.

    async def _found(self, callback: str, attempt: int, leg: str, stage: Stage) -> _Underway | None:
        """What a question is about; after a restart it is recalled, at the stage that the question shows."""
        name = (callback, attempt)
        known = self._underway.get(name)
        if known is None:
            try:
                request = await self._recall(callback, attempt)
            except NoCallback:
                return None
            recalled = _Underway(request, begin(request.patience, self._clock(), stage))
            known = self._underway.setdefault(name, recalled)  # another question may have been quicker
            if known is recalled:
                _log.info("a call to a customer goes on after a restart (%s)", stage)
                self._make(known, "brief", request.brief)
                self._watch(known)
        if known.state.leg and known.state.leg != leg:
            return None
        self._happen(known, LegMade(leg))
        return known

    def _happen(self, found: _Underway, happening: Happening) -> None:
        before = found.state.stage
        found.state, end = step(found.state, happening, self._clock())
        if end and found.state.leg:
            self._start(self._end(found.state.leg))
        if found.state.stage is not before:
            if found.state.stage is Stage.OVER:
                found.over_at = self._clock()
            outcome = Outcome(found.state.outcome) if found.state.outcome else None
            self._tell(CallbackNews(found.request.callback, found.state.stage, outcome))
        self._watch(found)

    def _watch(self, found: _Underway) -> None:
        if found.alarm is not None:
            found.alarm.cancel()
            found.alarm = None
        if found.state.stage is not Stage.OVER:
            wait = max(0.0, found.state.deadline - self._clock())
            found.alarm = asyncio.get_running_loop().call_later(wait, self._happen, found, Tick())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ring(self, found: _Underway) -> None:
        request = found.request
        try:
            leg = await self._rest.ring(
                request.agent,
                request.sender,
                url=self._url(found, "whisper"),
                status_url=self._url(found, "status"),
                seconds=request.patience.ring,
                limit_seconds=_LIMIT_SECONDS,
            )
        except CarrierRefused as refused:
            _log.error("an agent could not be rung for a callback: %s", refused)
            if refused.status:
                self._happen(found, LegRefused())
            # Without an answer nobody knows whether the phone rings: its callbacks or the deadline will tell.
            return
        self._happen(found, LegMade(leg))

    async def _end(self, leg: str) -> None:
        try:
            await self._rest.end(leg)
        except CarrierRefused as refused:
            _log.error("the leg of a callback could not be ended: %s", refused)  # its own time limit will

    def _make(self, found: _Underway, kind: str, words: Spoken) -> None:
        """Have a sound made; until it is there, the carrier's own voice says something in its place."""
        self._start(self._made(found, kind, words))

    async def _made(self, found: _Underway, kind: str, words: Spoken) -> None:
        try:
            async with asyncio.timeout(_SOUND_SECONDS):
                found.sounds[kind] = wav_file(await self._voice(words))
        except Exception:  # whatever breaks in our voice: the carrier's speaks instead
            _log.exception("the %s of a callback could not be made", kind)

    def _url(self, found: _Underway, *parts: str) -> str:
        return self._settings.url("/".join((CALLBACK_PATH, found.request.callback, str(found.request.attempt), *parts)))

    def _sound_url(self, found: _Underway, kind: str) -> str | None:
        return self._url(found, "sound", found.token, f"{kind}.wav") if kind in found.sounds else None

    def _forget_old(self) -> None:
        now = self._clock()
        self._underway = {
            name: one
            for name, one in self._underway.items()
            if one.over_at is None or now - one.over_at < _KEPT_SECONDS
        }


async def _nothing_is_remembered(callback: str, attempt: int) -> CallbackRequest:
    raise NoCallback
