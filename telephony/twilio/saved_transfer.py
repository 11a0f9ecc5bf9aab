"""A warm transfer on Twilio as JSON: all that the next process needs to go on with it."""

import json
from dataclasses import dataclass, field

from telephony.call import Spoken
from telephony.transfer.request import WarmRequest
from telephony.transfer.serial import from_values, to_values
from telephony.transfer.states import Transfer
from telephony.twilio.transfer_sounds import fixed

_VERSION = 1
_WORDS = ("whisper", "no_brief", "taken", "sorry", "reasons", "noted")


class SavedUnreadable(ValueError):
    """What was saved is of another version, or broken."""


@dataclass(frozen=True, slots=True)
class SavedTransfer:
    """A transfer, and the call it is for.

    Args:
        request: who is asked, and what they hear; its brief is what it was last.
        brief: its words; None when they had not been made.
        state: where it stands.
        token: the pass to its sounds.
        call_sid: the caller's call.
        number: the caller's, or None. Personal data.
        called: the number that was called.
    """

    request: WarmRequest
    brief: Spoken | None = field(repr=False)
    state: Transfer
    token: str = field(repr=False)
    call_sid: str
    number: str | None = field(repr=False)
    called: str | None


def to_json(saved: SavedTransfer) -> str:
    """Everything of it, the caller's number and the brief among it: to be kept sealed."""
    words = {name: getattr(saved.request, name) for name in _WORDS} | {"brief": saved.brief}
    return json.dumps(
        {
            "version": _VERSION,
            "transfer": to_values(saved.state),
            "words": {name: [said.text, said.language] for name, said in words.items() if said is not None},
            "after": saved.request.after,
            "token": saved.token,
            "call": [saved.call_sid, saved.number, saved.called],
        },
        ensure_ascii=False,
    )


def from_json(text: str) -> SavedTransfer:
    """What `to_json` was given.

    Raises:
        SavedUnreadable: it is of another version, or broken; nothing of it is in the error's text.
    """
    try:
        values = json.loads(text)
        if values["version"] != _VERSION:
            raise ValueError("another version")
        state = from_values(values["transfer"])
        words = {name: Spoken(*said) for name, said in values["words"].items()}
        brief = words.get("brief")
        request = WarmRequest(
            id=state.id,
            rounds=state.rounds,
            whisper=words["whisper"],
            brief=fixed(brief or words["no_brief"]),
            no_brief=words["no_brief"],
            taken=words["taken"],
            sorry=words["sorry"],
            reasons=words["reasons"],
            noted=words["noted"],
            patience=state.patience,
            after=bool(values["after"]),
        )
        call_sid, number, called = values["call"]
        return SavedTransfer(request, brief, state, str(values["token"]), call_sid, number, called)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SavedUnreadable(f"not readable ({type(error).__name__})") from None
