"""The documents of a call to a customer. The customer's number is in one of them, as the carrier must know it; no words
of theirs are, and nothing personal is in any address."""

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from telephony.call import Spoken
from telephony.twilio.twiml import say

KEY_SECONDS = 8
"""How long whoever answered may think about the key after the whisper."""

_ENOUGH_SECONDS = 1
"""After the brief, before the customer is rung: time to take a breath, or to press 2."""


def ask(sound_url: str | None, words: Spoken, key_url: str, seconds: int = KEY_SECONDS) -> str:
    """Something is said, and a key waited for; no key is told at the same address.

    Args:
        sound_url: our own voice; None has the carrier say `words`.
        words: the same for the carrier's voice.
        key_url: where the key goes.
        seconds: to think about it.
    """
    response = VoiceResponse()
    gather = Gather(
        input="dtmf", num_digits=1, timeout=seconds, action=key_url, method="POST", action_on_empty_result=True
    )
    if sound_url is None:
        say(gather, words)
    else:
        gather.play(sound_url)
    response.append(gather)
    response.hangup()
    return str(response)


def brief(sound_url: str | None, words: Spoken, heard_url: str) -> str:
    """The brief, until its end or until a key."""
    return ask(sound_url, words, heard_url, _ENOUGH_SECONDS)


def call(customer: str, sender: str, ring_seconds: int, limit_seconds: int, told_url: str, over_url: str) -> str:
    """Ring the customer, and connect them. With * the agent ends the customer's leg only: a machine has answered."""
    response = VoiceResponse()
    dial = Dial(
        action=over_url,
        method="POST",
        timeout=ring_seconds,
        time_limit=limit_seconds,
        answer_on_bridge=True,
        hangup_on_star=True,
        caller_id=sender,
    )
    dial.number(
        customer, status_callback=told_url, status_callback_method="POST", status_callback_event="answered completed"
    )
    response.append(dial)
    return str(response)


def goodbye(words: Spoken) -> str:
    """Something is said, and that was it."""
    response = VoiceResponse()
    say(response, words)
    response.hangup()
    return str(response)
