"""All calls to customers that are under way: begins them, and answers Twilio's questions from their state."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

from telephony.errors import CarrierRefused
from telephony.traffic import Traffic
from telephony.transfer.happenings import LegStatus
from telephony.twilio import callback_twiml, twiml
from telephony.twilio.callback_placed import PlacedCall
from telephony.twilio.callback_request import CallbackNews, CallbackRequest, NoCallback, Recall, Tell, Voice
from telephony.twilio.callback_state import (
    AgentAnswered,
    AgentReported,
    BriefOver,
    CustomerPickedUp,
    DialOver,
    LegMade,
    Pressed,
    Stage,
    Told,
)
from telephony.twilio.rest import TwilioRest
from telephony.twilio.settings import TwilioSettings

CALLBACK_PATH: Final = "/twilio/callback"

_KEPT_SECONDS: Final = 600.0
_STATUSES: Final = {str(status): status for status in LegStatus}
_HANG_UP: Final = twiml.hang_up()

_log = logging.getLogger(__name__)


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
        self._underway: dict[tuple[str, int], PlacedCall] = {}

    def report_to(self, tell: Tell, recall: Recall) -> None:
        """Who is told how calls go, and who remembers those that an earlier process of ours began."""
        self._tell, self._recall = tell, recall

    def place(self, request: CallbackRequest) -> None:
        """Ring the agent, and after them the customer.

        Raises:
            CarrierRefused: the customer's number may not be called, or not now; or this try is under way already.
        """
        self._forget_old()
        known = self._underway.get((request.callback, request.attempt))
        if known is not None and known.state.stage is not Stage.OVER:
            raise CarrierRefused(0, None, "call somebody back: that is being done already")
        if not self._traffic.call_back(request.agent, request.customer):
            raise CarrierRefused(429, None, "call somebody back: the limits do not allow it")
        former = frozenset() if known is None else known.former | {known.state.leg}
        self._new(request, Stage.RINGING, former).ring()

    def close(self) -> None:
        """Let go. Calls under way go on at the carrier; whoever serves after us recalls them when it asks."""
        for placed in self._underway.values():
            placed.let_go()

    # What Twilio asks.

    async def whisper(self, callback: str, attempt: int, leg: str) -> str:
        """Somebody, or something, has answered the agent's phone."""
        placed = await self._found(callback, attempt, leg, Stage.RINGING)
        if placed is None:
            return _HANG_UP
        if placed.happen(AgentAnswered(leg)) not in (Stage.WHISPERING, Stage.BRIEFING):
            return callback_twiml.goodbye(placed.request.sorry)
        # Made while they think about the key.
        placed.make("brief", placed.request.brief)
        return callback_twiml.ask(placed.sound_url("whisper"), placed.request.whisper, placed.url("key"))

    async def key(self, callback: str, attempt: int, leg: str, fields: Mapping[str, str]) -> str:
        """They have pressed a key, or none."""
        placed = await self._found(callback, attempt, leg, Stage.WHISPERING)
        if placed is None:
            return _HANG_UP
        key = fields.get("Digits", "")
        if placed.happen(Pressed(key)) is Stage.BRIEFING:
            return callback_twiml.brief(placed.sound_url("brief"), placed.request.no_brief, placed.url("briefed"))
        return callback_twiml.goodbye(placed.request.sorry) if key == "1" else _HANG_UP

    async def briefed(self, callback: str, attempt: int, leg: str, fields: Mapping[str, str]) -> str:
        """The brief has been heard: the customer is rung, unless the agent pressed 2."""
        placed = await self._found(callback, attempt, leg, Stage.BRIEFING)
        if placed is None:
            return _HANG_UP
        heard = Pressed("2") if fields.get("Digits") == "2" else BriefOver()
        if placed.happen(heard) is not Stage.CALLING:
            return _HANG_UP
        request = placed.request
        return callback_twiml.call(
            request.customer,
            request.sender,
            request.patience.customer_ring,
            int(request.patience.talk),
            placed.url("customer"),
            placed.url("over"),
        )

    async def customer_status(self, callback: str, attempt: int, fields: Mapping[str, str]) -> None:
        """The customer's leg has changed its state. That it is over is told by the dialling's end, with more."""
        placed = self._underway.get((callback, attempt))
        if placed is not None and fields.get("CallStatus") == LegStatus.ANSWERED:
            placed.happen(CustomerPickedUp())

    async def dial_over(self, callback: str, attempt: int, leg: str, fields: Mapping[str, str]) -> str:
        """The customer's leg is over."""
        placed = await self._found(callback, attempt, leg, Stage.CALLING)
        if placed is None:
            return _HANG_UP
        there = fields.get("CallStatus") == LegStatus.ANSWERED
        bridged = {"true": True, "false": False}.get(fields.get("DialBridged", "").lower())
        seconds = _whole(fields.get("DialCallDuration", "")) or 0
        stage = placed.happen(DialOver(fields.get("DialCallStatus", ""), bridged, float(seconds), there))
        if not there:
            return _HANG_UP
        if stage is Stage.ASKING:
            return callback_twiml.ask(None, placed.request.how_it_went, placed.url("told"))
        return callback_twiml.goodbye(placed.request.missed)

    async def told(self, callback: str, attempt: int, leg: str, fields: Mapping[str, str]) -> str:
        """The agent has said how it went."""
        placed = await self._found(callback, attempt, leg, Stage.ASKING)
        if placed is not None:
            placed.happen(Told(fields.get("Digits", "")))
        return _HANG_UP

    async def leg_status(self, callback: str, attempt: int, leg: str, fields: Mapping[str, str]) -> None:
        """The agent's leg has changed its state."""
        placed = self._underway.get((callback, attempt))
        if placed is None or leg in placed.former:
            return
        status, sequence = _STATUSES.get(fields.get("CallStatus", "")), _whole(fields.get("SequenceNumber", "0"))
        if status is not None and sequence is not None:
            placed.happen(AgentReported(leg, status, sequence))

    def sound(self, callback: str, attempt: int, token: str, kind: str) -> bytes | None:
        """A sound as a WAV file, or None when there is no such thing for whoever asks."""
        placed = self._underway.get((callback, attempt))
        return None if placed is None else placed.sound(token, kind)

    # Bookkeeping.

    async def _found(self, callback: str, attempt: int, leg: str, stage: Stage) -> PlacedCall | None:
        """What a question is about; after a restart it is recalled, at the stage that the question shows."""
        name = (callback, attempt)
        if name not in self._underway:
            try:
                request = await self._recall(callback, attempt)
            except NoCallback:
                return None
            if name not in self._underway:  # another question may have been quicker
                _log.info("a call to a customer goes on after a restart (%s)", stage)
                self._new(request, stage, frozenset()).make("brief", request.brief)
        placed = self._underway[name]
        if leg in placed.former or (placed.state.leg and placed.state.leg != leg):
            return None
        placed.happen(LegMade(leg))
        return placed

    def _new(self, request: CallbackRequest, stage: Stage, former: frozenset[str]) -> PlacedCall:
        base_url = self._settings.url(f"{CALLBACK_PATH}/{request.callback}/{request.attempt}")
        placed = PlacedCall(request, base_url, self._rest, self._voice, self._told, self._clock, stage, former)
        self._underway[request.callback, request.attempt] = placed
        return placed

    def _told(self, news: CallbackNews) -> None:
        self._tell(news)

    def _forget_old(self) -> None:
        now = self._clock()
        self._underway = {
            name: one
            for name, one in self._underway.items()
            if one.over_at is None or now - one.over_at < _KEPT_SECONDS
        }


def _whole(text: str) -> int | None:
    """A small whole number, or None."""
    return int(text) if text.isdecimal() and len(text) < 7 else None


async def _nothing_is_remembered(callback: str, attempt: int) -> CallbackRequest:
    raise NoCallback
