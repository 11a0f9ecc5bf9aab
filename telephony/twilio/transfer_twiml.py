"""The documents of a warm transfer. Nothing personal is in any of them: what is personal is sound, behind a pass."""

from dataclasses import dataclass

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from telephony.call import Spoken
from telephony.twilio.twiml import say

KEY_SECONDS = 8
"""How long whoever answered may think about the key after the whisper."""

TALK_SECONDS = 3_600

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


def whisper(sound_url: str, key_url: str) -> str:
    """Press 1 to take a call; whoever presses nothing, a voicemail say, is hung up on."""
    response = VoiceResponse()
    gather = Gather(
        input="dtmf", num_digits=1, timeout=KEY_SECONDS, action=key_url, method="POST", action_on_empty_result=True
    )
    gather.play(sound_url)
    response.append(gather)
    response.hangup()
    return str(response)


def spoken_whisper(words: Spoken, key_url: str) -> str:
    """The same in the carrier's voice."""
    response = VoiceResponse()
    gather = Gather(
        input="dtmf", num_digits=1, timeout=KEY_SECONDS, action=key_url, method="POST", action_on_empty_result=True
    )
    say(gather, words)
    response.append(gather)
    response.hangup()
    return str(response)


def brief(sound_url: str, heard_url: str) -> str:
    """The brief, then the room."""
    response = VoiceResponse()
    response.play(sound_url)
    response.redirect(heard_url, method="POST")
    return str(response)


def spoken_brief(words: Spoken, heard_url: str) -> str:
    """Words in the brief's place."""
    response = VoiceResponse()
    say(response, words)
    response.redirect(heard_url, method="POST")
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


def sorry(words: Spoken) -> str:
    """Too late: said, and hung up."""
    response = VoiceResponse()
    say(response, words)
    response.hangup()
    return str(response)
