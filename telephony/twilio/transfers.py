"""All warm transfers of the line: who asks about which, and what they are answered."""

import asyncio
import hmac
import io
import logging
import secrets
import time
import wave
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from telephony.call import Pcm16, Spoken, TransferNews
from telephony.errors import CarrierRefused
from telephony.g711 import RATE_HZ
from telephony.traffic import Traffic
from telephony.transfer.happenings import (
    AgentJoined,
    BriefHeard,
    CallerBack,
    CallerGone,
    CallerJoined,
    Happening,
    KeyPressed,
    LegReported,
    LegStatus,
    Ring,
)
from telephony.transfer.request import TransferRecord, WarmRequest, Words
from telephony.transfer.states import LegState, Phase
from telephony.twilio import transfer_twiml, twiml
from telephony.twilio.call_book import CallRecord, Connect, HangUp, NextStep, e164
from telephony.twilio.rest import TwilioRest
from telephony.twilio.settings import TwilioSettings
from telephony.twilio.transfer_twiml import RoomPlan
from telephony.twilio.warm_transfer import WarmTransfer

TRANSFER_PATH: Final = "/twilio/transfer"
CALLER, AGENT = "caller", "agent"
"""Labels of the two in the room."""

_KEPT_SECONDS: Final = 600.0
_SOUND_SECONDS: Final = 6.0
_STATUSES: Final = {str(status): status for status in LegStatus}

_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Underway:
    """A transfer and the call it is for. `token` is the pass to its sounds, those of `sounds` that have been made."""

    transfer: WarmTransfer
    record: CallRecord
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    sounds: dict[str, bytes] = field(default_factory=dict)
    over_at: float | None = None


class Transfers:
    """Begins warm transfers, and answers Twilio's questions about them.

    Args:
        settings: the account and its addresses.
        rest: rings and ends.
        traffic: whom the line may ring, and how often.
        render: the document for a caller's step.
        noted: told what is to be written down: call, transfer, what.
        voice: speaks to people on their phones.
        hold: the music while somebody waits: int16, 8 kHz mono.
        clock: seconds that go on over a restart.
    """

    def __init__(
        self,
        settings: TwilioSettings,
        rest: TwilioRest,
        traffic: Traffic,
        render: Callable[[CallRecord, NextStep], str],
        noted: Callable[[str, str, TransferRecord], None],
        voice: Callable[[Spoken], Awaitable[Pcm16]],
        hold: Pcm16,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._rest = rest
        self._traffic = traffic
        self._render = render
        self._noted = noted
        self._voice = voice
        self._hold = _wav(hold)
        self._clock = clock
        self._underway: dict[str, _Underway] = {}
        self._making: set[asyncio.Task[None]] = set()

    # The caller's side.

    def begin(self, record: CallRecord, request: WarmRequest, tell: Callable[[TransferNews], None]) -> str:
        """Ask people to take a caller; the transfer's id.

        Raises:
            CarrierRefused: the number that was called is not known, so that nobody can be rung from it.
        """
        if e164(record.called) is None:
            raise CarrierRefused(0, None, "ring a person: the number that was called is not known")
        self._forget_old()

        def note(transfer: str, what: TransferRecord) -> None:
            self._noted(record.call_sid, transfer, what)

        warm = WarmTransfer(request, self, tell, note, self._clock)
        self._underway[warm.id] = _Underway(warm, record)
        record.transfer = warm
        return warm.id

    def find(self, transfer: str) -> WarmTransfer | None:
        """A transfer that is going on, or was until lately."""
        found = self._underway.get(transfer)
        return None if found is None else found.transfer

    def enter_room(self, transfer: str) -> str:
        """The document that takes the caller to the person."""
        return transfer_twiml.enter(self._room(transfer), CALLER, self._url(transfer, "caller-left"))

    async def close(self) -> None:
        """End what is going on."""
        for task in self._making:
            task.cancel()
        going_on = [one.transfer for one in self._underway.values() if not one.transfer.over.is_set()]
        await asyncio.gather(*(transfer.close() for transfer in going_on))

    # What a transfer wants done (`telephony.twilio.warm_transfer.Legs`).

    async def ring(self, transfer: str, ring: Ring) -> str:
        """Ring somebody; the leg's id."""
        found = self._underway[transfer]
        record = found.record
        if not self._traffic.ring(ring.person.number, record.number):
            raise CarrierRefused(429, None, "ring a person: the limits do not allow it")
        assert record.called is not None, "begin has looked"
        attempt = str(ring.attempt)
        self._make(found, "whisper", _fixed(found.transfer.request.whisper))
        return await self._rest.ring(
            ring.person.number,
            record.called,
            url=self._url(transfer, attempt, "whisper"),
            status_url=self._url(transfer, attempt, "status"),
            seconds=ring.seconds,
            limit_seconds=transfer_twiml.TALK_SECONDS,
        )

    async def end(self, leg: str) -> bool:
        """End a leg."""
        return await self._rest.end(leg)

    async def fetch_caller(self, transfer: str) -> None:
        """Bring the caller back to the bot."""
        record = self._underway[transfer].record
        await self._rest.move(record.call_sid, self._render(record, Connect("no-answer")))

    # What Twilio asks.

    def whisper(self, transfer: str, attempt: int) -> str:
        """Somebody, or something, has answered."""
        found = self._underway.get(transfer)
        state = None if found is None else found.transfer.state.attempt(attempt)
        if found is None or state is None or state.state is LegState.OVER:
            return self._too_late(found)
        # Made while they think about the key, so that it knows what the caller has said until now.
        self._make(found, "brief", found.transfer.request.brief)
        key_url = self._url(transfer, str(attempt), "key")
        if "whisper" in found.sounds:
            return transfer_twiml.whisper(self._sound_url(found, "whisper"), key_url)
        return transfer_twiml.spoken_whisper(found.transfer.request.whisper, key_url)

    def key(self, transfer: str, attempt: int, fields: Mapping[str, str]) -> str:
        """They have pressed a key, or none."""
        found = self._underway.get(transfer)
        if found is None:
            return self._too_late(None)
        found.transfer.happen(KeyPressed(attempt, fields.get("Digits", "")))
        if found.transfer.state.winner == attempt:
            return self._brief(found, attempt)
        if fields.get("Digits") == "1":
            return self._too_late(found)
        return twiml.hang_up()

    def briefed(self, transfer: str, attempt: int) -> str:
        """The brief has been heard: into the room."""
        found = self._underway.get(transfer)
        if found is None:
            return self._too_late(None)
        found.transfer.happen(BriefHeard(attempt))
        if found.transfer.state.winner != attempt or found.transfer.state.phase is Phase.OVER:
            return self._too_late(found)
        return transfer_twiml.enter(self._room(transfer), AGENT, self._url(transfer, str(attempt), "left"))

    def leg_status(self, transfer: str, attempt: int, leg: str, fields: Mapping[str, str]) -> None:
        """A person's leg has changed its state."""
        status = _STATUSES.get(fields.get("CallStatus", ""))
        sequence = fields.get("SequenceNumber", "0")
        if status is not None and sequence.isdigit():
            self._happen(transfer, LegReported(attempt, leg, status, int(sequence)))

    def room_told(self, transfer: str, fields: Mapping[str, str]) -> None:
        """Somebody has come or gone. That a person has gone is told by their leg as well, so only joins count."""
        if fields.get("StatusCallbackEvent") != "participant-join":
            return
        found = self.find(transfer)
        if found is None:
            return
        if fields.get("ParticipantLabel") == CALLER:
            found.happen(CallerJoined())
        elif fields.get("ParticipantLabel") == AGENT:
            found.happen(AgentJoined(found.state.winner))

    def hold(self, transfer: str) -> str:
        """What whoever waits in the room hears."""
        found = self._underway.get(transfer)
        return twiml.hang_up() if found is None else transfer_twiml.hold(self._sound_url(found, "hold"))

    def caller_left(self, transfer: str, fields: Mapping[str, str]) -> NextStep:
        """The caller's line is out of the room: what comes next for it."""
        found = self._underway.get(transfer)
        if found is None:
            return HangUp()
        gone = fields.get("CallStatus") == "completed" or found.record.ended
        before = found.transfer.state
        found.transfer.happen(CallerGone() if gone else CallerBack())
        reached = found.transfer.state.human_at is not None
        # A late question about a caller who was fetched back already gets the same document again.
        return HangUp() if gone or (reached and before.outcome in ("", "connected")) else Connect("no-answer")

    def sound(self, transfer: str, token: str, kind: str) -> bytes | None:
        """A sound as a WAV file, or None when there is no such thing for whoever asks."""
        found = self._underway.get(transfer)
        if found is None or not hmac.compare_digest(found.token.encode(), token.encode()):
            return None
        if kind == "hold":
            return self._hold
        if kind == "brief" and not found.transfer.state.winner:
            return None  # it is personal: it is for the person who took the caller, and for nobody before
        return found.sounds.get(kind)

    # Bookkeeping.

    def _happen(self, transfer: str, happening: Happening) -> None:
        if (found := self.find(transfer)) is not None:
            found.happen(happening)

    def _brief(self, found: _Underway, attempt: int) -> str:
        heard_url = self._url(found.transfer.id, str(attempt), "briefed")
        if "brief" in found.sounds:
            return transfer_twiml.brief(self._sound_url(found, "brief"), heard_url)
        return transfer_twiml.spoken_brief(found.transfer.request.no_brief, heard_url)

    def _make(self, found: _Underway, kind: str, words: Words) -> None:
        """Have a sound made; until it is there, the carrier's own voice says something in its place."""
        task = asyncio.create_task(self._made(found, kind, words))
        self._making.add(task)
        task.add_done_callback(self._making.discard)

    async def _made(self, found: _Underway, kind: str, words: Words) -> None:
        try:
            async with asyncio.timeout(_SOUND_SECONDS):
                found.sounds[kind] = _wav(await self._voice(await words()))
        except Exception:  # whatever breaks in our voice: the carrier's speaks instead
            _log.exception("transfer %s: the %s could not be made", found.transfer.id, kind)

    def _too_late(self, found: _Underway | None) -> str:
        return twiml.hang_up() if found is None else transfer_twiml.sorry(found.transfer.request.sorry)

    def _room(self, transfer: str) -> RoomPlan:
        return RoomPlan(
            f"tr_{transfer}", self._url(transfer, "hold"), self._url(transfer, "room"), self._settings.region
        )

    def _url(self, transfer: str, *parts: str) -> str:
        return self._settings.url("/".join((TRANSFER_PATH, transfer, *parts)))

    def _sound_url(self, found: _Underway, kind: str) -> str:
        return self._url(found.transfer.id, "sound", found.token, f"{kind}.wav")

    def _forget_old(self) -> None:
        now = self._clock()
        for one in self._underway.values():
            if one.over_at is None and one.transfer.over.is_set():
                one.over_at = now
        self._underway = {
            name: one
            for name, one in self._underway.items()
            if one.over_at is None or now - one.over_at < _KEPT_SECONDS
        }


def _fixed(spoken: Spoken) -> Words:
    async def words() -> Spoken:
        return spoken

    return words


def _wav(pcm: Pcm16) -> bytes:
    """8 kHz mono as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(pcm.astype("<i2").tobytes())
    return file.getvalue()
