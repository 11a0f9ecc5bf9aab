"""What Twilio is answered about warm transfers: from the state, so that a question asked twice gets one answer."""

from collections.abc import Mapping
from typing import Final

from telephony.call import Pcm16
from telephony.transfer.happenings import (
    AgentJoined,
    AgentLeft,
    BriefHeard,
    CallerBack,
    CallerGone,
    CallerJoined,
    Happening,
    KeyPressed,
    LegAnswered,
    LegReported,
    LegStatus,
    ReasonGiven,
)
from telephony.transfer.outcomes import REASONS
from telephony.transfer.ringing import ACCEPT
from telephony.transfer.states import LegState, Phase
from telephony.twilio import transfer_twiml, twiml
from telephony.twilio.call_book import HangUp, NextStep
from telephony.twilio.transfer_sounds import fixed
from telephony.twilio.transfers import Transfers
from telephony.twilio.underway import Underway
from telephony.wav import wav_file

CALLER, AGENT = "caller", "agent"
"""Labels of the two in the room."""

_STATUSES: Final = {str(status): status for status in LegStatus} | {"queued": LegStatus.INITIATED}
_BRIEF_WAITS_SECONDS: Final = 5.0
"""The carrier never speaks the brief, so ours is waited for, well within what Twilio waits for us."""
_WAITS_SECONDS: Final = 1.5


class TransferAnswers:
    """The answers about people's legs, the room and its sounds.

    Args:
        transfers: what is going on.
        hold: the music while somebody waits: int16, 8 kHz mono.
    """

    def __init__(self, transfers: Transfers, hold: Pcm16) -> None:
        self._transfers = transfers
        self._hold = wav_file(hold)

    # People's legs.

    async def whisper(self, transfer: str, attempt: int, leg: str) -> str:
        """Somebody, or something, has answered."""
        found = self._transfers.underway(transfer)
        if found is None:
            return twiml.hang_up()
        found.transfer.happen(LegAnswered(attempt, leg))
        state = found.state.attempt(attempt)
        if state is None or state.state is LegState.OVER:
            return await self._sorry(found)
        if found.state.winner == attempt:
            return await self._brief(found, attempt)
        # Made while they think about the key, so that it knows what the caller has said until now.
        found.sounds.make("brief", found.tell_brief)
        heard = await self._transfers.heard(found, "whisper", _WAITS_SECONDS)
        return transfer_twiml.ask_key(heard, self._transfers.url(transfer, str(attempt), "key"))

    async def key(self, transfer: str, attempt: int, fields: Mapping[str, str]) -> str:
        """They have pressed a key, or none."""
        found = self._transfers.underway(transfer)
        if found is None:
            return twiml.hang_up()
        pressed = fields.get("Digits", "")
        found.transfer.happen(KeyPressed(attempt, pressed))
        state = found.state.attempt(attempt)
        if found.state.winner == attempt:
            return await self._brief(found, attempt)
        if pressed == ACCEPT:
            return await self._sorry(found)
        if state is None or state.state is not LegState.DECLINING:
            return twiml.hang_up()
        found.sounds.make_once("reasons", fixed(found.request.reasons))
        heard = await self._transfers.heard(found, "reasons", _WAITS_SECONDS)
        return transfer_twiml.ask_key(heard, self._transfers.url(transfer, str(attempt), "reason"))

    async def reason(self, transfer: str, attempt: int, fields: Mapping[str, str]) -> str:
        """They have said why they decline, or nothing."""
        found = self._transfers.underway(transfer)
        reason = REASONS.get(fields.get("Digits", ""))
        if found is None or reason is None:
            return twiml.hang_up()
        found.transfer.happen(ReasonGiven(attempt, reason))
        found.sounds.make_once("noted", fixed(found.request.noted))
        return transfer_twiml.last(await self._transfers.heard(found, "noted", _WAITS_SECONDS))

    async def briefed(self, transfer: str, attempt: int) -> str:
        """The brief has been heard: into the room."""
        found = self._transfers.underway(transfer)
        if found is None:
            return twiml.hang_up()
        found.transfer.happen(BriefHeard(attempt))
        if found.state.winner != attempt or found.state.phase is Phase.OVER:
            return await self._sorry(found)
        left_url = self._transfers.url(transfer, str(attempt), "left")
        return transfer_twiml.enter(self._transfers.room(transfer), AGENT, left_url)

    def leg_status(self, transfer: str, attempt: int, leg: str, fields: Mapping[str, str]) -> None:
        """A person's leg has changed its state."""
        status = _STATUSES.get(fields.get("CallStatus", ""))
        sequence = fields.get("SequenceNumber", "0")
        if status is not None and sequence.isdigit():
            self._happen(transfer, LegReported(attempt, leg, status, int(sequence)))

    # The room.

    def enter_room(self, transfer: str) -> str:
        """The document that takes the caller to the person."""
        left_url = self._transfers.url(transfer, "caller-left")
        return transfer_twiml.enter(self._transfers.room(transfer), CALLER, left_url)

    def room_told(self, transfer: str, fields: Mapping[str, str]) -> None:
        """Somebody has come or gone."""
        found = self._transfers.underway(transfer)
        if found is None:
            return
        event, label = fields.get("StatusCallbackEvent"), fields.get("ParticipantLabel")
        winner = found.state.attempt(found.state.winner)
        is_winner = label == AGENT and winner is not None and winner.leg in ("", fields.get("CallSid"))
        if event == "participant-join" and label == CALLER:
            found.transfer.happen(CallerJoined())
        elif event == "participant-join" and is_winner:
            found.transfer.happen(AgentJoined(found.state.winner))
        elif event == "participant-leave" and is_winner:
            found.transfer.happen(AgentLeft(found.state.winner))
        elif event == "participant-leave" and label == CALLER and fields.get("ReasonParticipantLeft") == _HUNG_UP:
            found.transfer.happen(CallerGone())

    def hold(self, transfer: str) -> str:
        """What whoever waits in the room hears."""
        found = self._transfers.underway(transfer)
        if found is None:
            return twiml.hang_up()
        return transfer_twiml.hold(self._transfers.url(transfer, "sound", found.sounds.token, "hold.wav"))

    def caller_left(self, transfer: str, fields: Mapping[str, str]) -> NextStep:
        """The caller's line is out of the room: what comes next for it."""
        found = self._transfers.underway(transfer)
        if found is None:
            return HangUp()
        gone = fields.get("CallStatus") == "completed" or found.record.ended
        found.transfer.happen(CallerGone() if gone else CallerBack())
        return HangUp() if gone else found.caller_goes_on

    def sound(self, transfer: str, token: str, kind: str) -> bytes | None:
        """A sound as a WAV file, or None when there is no such thing for whoever asks."""
        found = self._transfers.underway(transfer)
        if found is None or not found.sounds.opens(token):
            return None
        if kind == "hold":
            return self._hold
        if kind == "brief" and not found.state.winner:
            return None  # it is personal: it is for the person who took the caller, and for nobody before
        return found.sounds.get(kind)

    # Common to them.

    def _happen(self, transfer: str, happening: Happening) -> None:
        if (found := self._transfers.find(transfer)) is not None:
            found.happen(happening)

    async def _brief(self, found: Underway, attempt: int) -> str:
        state = found.state.attempt(attempt)
        if state is not None and state.taken:
            found.sounds.make_once("taken", fixed(found.request.taken))
            heard = await self._transfers.heard(found, "taken", _WAITS_SECONDS)
        else:
            found.sounds.make_once("brief", found.tell_brief)
            heard = await self._transfers.heard(found, "brief", _BRIEF_WAITS_SECONDS)
        return transfer_twiml.then(heard, self._transfers.url(found.transfer.id, str(attempt), "briefed"))

    async def _sorry(self, found: Underway) -> str:
        found.sounds.make_once("sorry", fixed(found.request.sorry))
        return transfer_twiml.last(await self._transfers.heard(found, "sorry", _WAITS_SECONDS))


_HUNG_UP: Final = "participant_hung_up"
