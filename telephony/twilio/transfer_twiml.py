"""The documents of a warm transfer. Nothing personal is in any of them: what is personal is sound, behind a pass."""

from dataclasses import dataclass
from typing import TypeAlias

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from telephony.call import Spoken
from telephony.twilio.twiml import say

KEY_SECONDS = 8
"""How long whoever is asked may think about the key."""

TALK_SECONDS = 3_600

Heard: TypeAlias = str | Spoken
"""What somebody hears: a sound's address, or words in the carrier's voice."""

_ROOM_EVENTS = "start end join leave"


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """A room, and where Twilio reports and asks about it.

    Args:
        name: random; Twilio keeps it.
        hold_url: what is heard by whoever is there first.
        told_url: who came and went.
        region: where the sound is mixed, such as ie1; None leaves it to Twilio.
    """

    name: str
    hold_url: str
    told_url: str
    region: str | None


def ask_key(heard: Heard, key_url: str) -> str:
    """A question that is answered with one key; whoever presses none, a voicemail say, is hung up on."""
    response = VoiceResponse()
    gather = Gather(
        input="dtmf", num_digits=1, timeout=KEY_SECONDS, action=key_url, method="POST", action_on_empty_result=True
    )
    _give(gather, heard)
    response.append(gather)
    response.hangup()
    return str(response)


def then(heard: Heard, next_url: str) -> str:
    """Something to its end, then the next document."""
    response = VoiceResponse()
    _give(response, heard)
    response.redirect(next_url, method="POST")
    return str(response)


def last(heard: Heard) -> str:
    """Something to its end, and hung up."""
    response = VoiceResponse()
    _give(response, heard)
    response.hangup()
    return str(response)


def enter(plan: RoomPlan, label: str, left_url: str) -> str:
    """Into the room. Both sides say the same of it, because whoever comes first decides."""
    response = VoiceResponse()
    dial = Dial(action=left_url, method="POST", time_limit=TALK_SECONDS)
    dial.conference(
        plan.name,
        start_conference_on_enter=True,
        end_conference_on_exit=True,
        beep="false",
        participant_label=label,
        jitter_buffer_size="small",
        region=plan.region,
        record="do-not-record",
        wait_url=plan.hold_url,
        wait_method="POST",
        status_callback=plan.told_url,
        status_callback_method="POST",
        status_callback_event=_ROOM_EVENTS,
    )
    response.append(dial)
    return str(response)


def hold(sound_url: str) -> str:
    """Music until the other one is there; Twilio asks again when it is over."""
    response = VoiceResponse()
    response.play(sound_url)
    return str(response)


def _give(response: VoiceResponse | Gather, heard: Heard) -> None:
    if isinstance(heard, Spoken):
        say(response, heard)
    else:
        response.play(heard)
