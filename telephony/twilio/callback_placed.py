"""One call to a customer: its state, its deadline, and what the agent is to hear."""

import asyncio
import hmac
import logging
import secrets
from collections.abc import Callable, Coroutine
from typing import Any, Final

from telephony.call import Spoken
from telephony.errors import CarrierRefused
from telephony.twilio.callback_machine import begin, step
from telephony.twilio.callback_request import CallbackNews, CallbackRequest, Tell, Voice
from telephony.twilio.callback_state import Happening, LegMade, LegRefused, Outcome, Stage, Tick
from telephony.twilio.rest import TwilioRest
from telephony.wav import wav_file

_SOUND_SECONDS: Final = 30.0
"""How long a sound may take: just after a start of ours the voice is being loaded still."""

_AGAIN_SECONDS: Final = (0.5, 1.0, 2.0)
"""Pauses before a carrier that was asked too often is asked once more."""

_TOO_MANY_REQUESTS: Final = 429
_LIMIT_SECONDS: Final = 4_000
"""The agent's leg ends by then, whatever happens: a talk, and everything before it."""

_log = logging.getLogger(__name__)


class PlacedCall:
    """Carries out what the machine (`callback_machine`) wants; used on one event loop.

    Args:
        request: who calls whom.
        base_url: the outside address below which Twilio asks about this call.
        rest: rings and ends the agent's leg.
        voice: speaks what the agent hears.
        tell: told of every step.
        clock: seconds.
        stage: where it stands.
        former: legs of an agent who was rung for the same try before; what is told of them comes late.
    """

    def __init__(
        self,
        request: CallbackRequest,
        base_url: str,
        rest: TwilioRest,
        voice: Voice,
        tell: Tell,
        clock: Callable[[], float],
        stage: Stage = Stage.RINGING,
        former: frozenset[str] = frozenset(),
    ) -> None:
        self.request = request
        self.former = former
        self.over_at: float | None = None
        self._base_url = base_url
        self._rest = rest
        self._voice = voice
        self._tell = tell
        self._clock = clock
        self._token = secrets.token_urlsafe(24)
        self._sounds: dict[str, bytes] = {}
        self._alarm: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.state = begin(request.patience, clock(), stage)
        self._watch()

    def ring(self) -> None:
        """Ring the agent."""
        self.make("whisper", self.request.whisper)
        self._start(self._ring())

    def happen(self, happening: Happening) -> Stage:
        """Something has happened; the stage that it led to."""
        before = self.state.stage
        self.state, end = step(self.state, happening, self._clock())
        if end and self.state.leg:
            self._start(self._end(self.state.leg))
        if self.state.stage is not before:
            if self.state.stage is Stage.OVER:
                self.over_at = self._clock()
            outcome = Outcome(self.state.outcome) if self.state.outcome else None
            self._tell(CallbackNews(self.request.callback, self.state.stage, outcome))
        self._watch()
        return self.state.stage

    def make(self, kind: str, words: Spoken) -> None:
        """Have a sound made; until it is there, the carrier's own voice says something in its place."""
        self._start(self._made(kind, words))

    def url(self, *parts: str) -> str:
        """An outside address of this call."""
        return "/".join((self._base_url, *parts))

    def sound_url(self, kind: str) -> str | None:
        """Where a sound can be fetched; None while it is not made."""
        return self.url("sound", self._token, f"{kind}.wav") if kind in self._sounds else None

    def sound(self, token: str, kind: str) -> bytes | None:
        """A sound as a WAV file, or None when there is no such thing for whoever asks."""
        if not hmac.compare_digest(self._token.encode(), token.encode()):
            return None
        if kind == "brief" and self.state.stage in (Stage.RINGING, Stage.WHISPERING):
            return None  # it is personal, and nobody has shown yet that they are a person
        return self._sounds.get(kind)

    def let_go(self) -> None:
        """Watch no longer. The call goes on at the carrier."""
        if self._alarm is not None:
            self._alarm.cancel()
        for task in self._tasks:
            task.cancel()

    def _watch(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self.state.stage is not Stage.OVER:
            wait = max(0.0, self.state.deadline - self._clock())
            self._alarm = asyncio.get_running_loop().call_later(wait, self.happen, Tick())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ring(self) -> None:
        try:
            leg = await self._ring_until_taken()
        except CarrierRefused as refused:
            _log.error("an agent could not be rung for a callback: %s", refused)
            if refused.status:
                self.happen(LegRefused())
            # Without an answer nobody knows whether the phone rings: its callbacks or the deadline will tell.
            return
        self.happen(LegMade(leg))

    async def _ring_until_taken(self) -> str:
        request, pauses = self.request, list(_AGAIN_SECONDS)
        while True:
            try:
                return await self._rest.ring(
                    request.agent,
                    request.sender,
                    url=self.url("whisper"),
                    status_url=self.url("status"),
                    seconds=request.patience.ring,
                    limit_seconds=_LIMIT_SECONDS,
                )
            except CarrierRefused as refused:
                if refused.status != _TOO_MANY_REQUESTS or not pauses:
                    raise
            await asyncio.sleep(pauses.pop(0))

    async def _end(self, leg: str) -> None:
        try:
            await self._rest.end(leg)
        except CarrierRefused as refused:
            _log.error("the leg of a callback could not be ended: %s", refused)  # its own time limit will

    async def _made(self, kind: str, words: Spoken) -> None:
        try:
            async with asyncio.timeout(_SOUND_SECONDS):
                self._sounds[kind] = wav_file(await self._voice(words))
        except Exception:  # whatever breaks in our voice: the carrier's speaks instead
            _log.exception("the %s of a callback could not be made", kind)
