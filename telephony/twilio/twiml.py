"""The documents that tell Twilio what to do. Every one ends in something that ends or goes on: never in silence.

No recording is ever asked for, and nothing personal is put into an URL or a `<Parameter>`: Twilio logs them.
"""

from dataclasses import dataclass
from typing import Final

from twilio.twiml.voice_response import Connect, Dial, Gather, VoiceResponse

from telephony.call import Spoken, TransferTarget
from telephony.errors import CarrierRefused

MAX_REST_CHARS: Final = 4000
"""Twilio's limit for a document sent by REST."""

# Twilio has no own voice for nynorsk: the bokmål voice reads it. Ukrainian is spoken only by a Google voice, which must
# therefore be named. Source: https://www.twilio.com/docs/voice/twiml/say/text-speech
_SAY_VOICES: Final[dict[str, tuple[str, str | None]]] = {
    "nb": ("nb-NO", None),
    "nn": ("nb-NO", None),
    "no": ("nb-NO", None),
    "en": ("en-GB", None),
    "uk": ("uk-UA", "Google.uk-UA-Standard-A"),
}
_LAST_RESORT: Final = ("en-GB", None)


@dataclass(frozen=True, slots=True)
class StreamAddress:
    """Where a stream goes, and where Twilio reports.

    Args:
        stream_url: wss://..., no query.
        action_url: asked when the stream has ended.
        status_url: told of the stream's start, stop and errors.
        resumed: goes along as a `<Parameter>`; None for a call's first stream.
    """

    stream_url: str
    action_url: str
    status_url: str
    resumed: str | None = None


@dataclass(frozen=True, slots=True)
class DialPlan:
    """How a person is rung.

    Args:
        action_url: asked when the dialling or the talk has ended.
        ring_seconds: how long the phone rings.
        caller_id: a number that this account may show; None shows the caller's own.
    """

    action_url: str
    ring_seconds: int
    caller_id: str | None


def connect(address: StreamAddress) -> str:
    """The bot: a bidirectional stream; its end is asked about at the action."""
    response = VoiceResponse()
    nested = Connect(action=address.action_url, method="POST")
    stream = nested.stream(url=address.stream_url, status_callback=address.status_url, status_callback_method="POST")
    if address.resumed is not None:
        stream.parameter(name="resume", value=address.resumed)
    response.append(nested)
    return str(response)


def pass_on(target: TransferTarget, plan: DialPlan) -> str:
    """A person, after the words that announce them if there are any."""
    response = _saying(target.announcement)
    _dial(response, target, plan)
    return str(response)


def decline(apology: tuple[Spoken, ...], target: TransferTarget | None, plan: DialPlan) -> str:
    """An apology, then a person if there is one, else the end."""
    response = _saying(apology)
    if target is None:
        response.hangup()
    else:
        _dial(response, target, plan)
    return str(response)


def hold(moment: Spoken, seconds: int, again_url: str) -> str:
    """Please wait; then Twilio asks again."""
    response = _saying((moment,))
    response.pause(length=seconds)
    response.redirect(again_url, method="POST")
    return str(response)


def hang_up() -> str:
    """The end."""
    response = VoiceResponse()
    response.hangup()
    return str(response)


def check_rest_size(document: str) -> None:
    """Refuse a document that Twilio would not take by REST.

    Raises:
        CarrierRefused: longer than 4000 characters.
    """
    if len(document) > MAX_REST_CHARS:
        raise CarrierRefused(0, None, f"take a document of {len(document)} characters")


def _saying(sentences: tuple[Spoken, ...]) -> VoiceResponse:
    response = VoiceResponse()
    for sentence in sentences:
        say(response, sentence)
    return response


def say(response: VoiceResponse | Gather, sentence: Spoken) -> None:
    """Add a sentence in the carrier's own voice."""
    language, voice = _SAY_VOICES.get(sentence.language, _LAST_RESORT)
    response.say(sentence.text, language=language, voice=voice)


def _dial(response: VoiceResponse, target: TransferTarget, plan: DialPlan) -> None:
    dial = Dial(
        action=plan.action_url,
        method="POST",
        timeout=plan.ring_seconds,
        answer_on_bridge=True,
        caller_id=plan.caller_id,
    )
    if target.number.lower().startswith(("sip:", "sips:")):
        dial.sip(target.number)
    else:
        dial.number(target.number)
    response.append(dial)
