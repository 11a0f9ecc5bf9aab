"""The protocol between the page and the line, version 1: bytes and text in, events and text out; no I/O.

Both ways a binary message is one or more frames of PCM16, little-endian, 16 kHz, mono, and a text message is one JSON
object. The page speaks first:

    page  {"type": "hello", "version": 1, "rate": 16000, "language": "nb", "microphone": true}
    line  {"type": "welcome", "version": 1, "call": "BR..."}   or   {"type": "refused", "reason": ..., ...}

Then the page sends one 20 ms frame per message and `key`, `text`, `mark` (played to its end, counted in samples by the
page's AudioWorklet) and `hang_up`; the line sends audio and, in order with it, `mark`, `clear`, `caption`, `transfer`
and `ended`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from telephony.call import Caption, FrameReceived, KeyPressed, Pcm16, TextTyped, TransferTarget
from telephony.errors import ProtocolViolation
from telephony.front_desk import Refusal

VERSION = 1
RATE_HZ = 16_000
FRAME_SAMPLES = RATE_HZ // 50
FRAME_BYTES = FRAME_SAMPLES * 2
TEXT_LIMIT = 500
"""Characters in one typed line: far more than any question, far less than a document."""
MESSAGE_LIMIT = 8192
"""Characters in the longest text message there is a use for: 500, each escaped as two surrogates, and some room."""
KEYS = frozenset("0123456789*#")


class PageFault(ProtocolViolation):
    """The page broke the protocol.

    Args:
        reason: a short name the page knows words for.
        what: what was wrong, without anything the caller said.
        close_code: RFC 6455 section 7.4.
    """

    def __init__(self, reason: str, what: str, close_code: int = 1002) -> None:
        super().__init__(what)
        self.reason = reason
        self.close_code = close_code


@dataclass(frozen=True, slots=True)
class Hello:
    """The page's first message.

    Args:
        language: the caller's choice, or None.
        microphone: False when the caller only types; no audio will come.
    """

    language: str | None
    microphone: bool


@dataclass(frozen=True, slots=True)
class PlayedTo:
    """The page has played everything up to this mark."""

    mark: str


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller pressed the end button."""


PageMessage: TypeAlias = Hello | FrameReceived | KeyPressed | TextTyped | PlayedTo | HungUp


def parse_frame(payload: bytes) -> FrameReceived:
    """Read one frame of audio.

    Args:
        payload: 640 bytes: 320 samples of PCM16, little-endian.
    Raises:
        PageFault: any other length.
    """
    if len(payload) != FRAME_BYTES:
        code = 1009 if len(payload) > FRAME_BYTES else 1002
        raise PageFault("bad_frame", f"a frame of {len(payload)} bytes; it must have {FRAME_BYTES}", code)
    return FrameReceived(np.frombuffer(payload, dtype="<i2").astype(np.int16))


def parse_text(text: str) -> PageMessage:
    """Read one JSON message.

    Raises:
        PageFault: too long, not JSON, unknown, or with a field that is missing or wrong.
    """
    if len(text) > MESSAGE_LIMIT:
        raise PageFault("too_long", f"a message of {len(text)} characters; the limit is {MESSAGE_LIMIT}", 1009)
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise PageFault("bad_message", "a text message that is not JSON") from None
    if not isinstance(message, dict):
        raise PageFault("bad_message", "a text message that is not a JSON object")
    match message.get("type"):
        case "hello":
            return _hello(message)
        case "key":
            return _key(message)
        case "text":
            return _typed(message)
        case "mark":
            return PlayedTo(_string(message, "name"))
        case "hang_up":
            return HungUp()
        case _:
            raise PageFault("bad_message", "a message of a type this line does not know")


def _hello(message: Mapping[str, Any]) -> Hello:
    if message.get("version") != VERSION:
        raise PageFault("wrong_version", f"the page speaks another version than {VERSION}; it must be loaded again")
    if message.get("rate") != RATE_HZ:
        raise PageFault("wrong_rate", f"the page's sample rate is not {RATE_HZ}")
    language = message.get("language")
    if language is not None and (not isinstance(language, str) or len(language) > 16):
        raise PageFault("bad_message", "hello with a language that is not a short text")
    return Hello(language=language, microphone=message.get("microphone") is not False)


def _key(message: Mapping[str, Any]) -> KeyPressed:
    digit = _string(message, "digit")
    if digit not in KEYS:
        raise PageFault("bad_message", "a key that is not on the keypad")
    return KeyPressed(digit)


def _typed(message: Mapping[str, Any]) -> TextTyped:
    text = _string(message, "text").strip()
    if len(text) > TEXT_LIMIT:
        raise PageFault("text_too_long", f"a typed line of {len(text)} characters; the limit is {TEXT_LIMIT}", 1009)
    return TextTyped(text)


def _string(message: Mapping[str, Any], key: str) -> str:
    value = message.get(key)
    if not isinstance(value, str):
        raise PageFault("bad_message", f"{message['type']} without a text in {key}")
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: JSON can say it, and nothing else can
        raise PageFault("bad_message", f"{message['type']} with a text that is none in {key}") from None
    return value


def welcome(call_id: str) -> str:
    """The line's answer to a hello it accepts."""
    return _json(type="welcome", version=VERSION, call=call_id)


def refused(refusal: Refusal) -> str:
    """Why there is no call, or no more of it, and whom to ring instead."""
    target = refusal.target
    number, name = (target.number, target.name) if target else (None, None)
    return _json(type="refused", reason=refusal.reason, number=number, name=name)


def error(fault: PageFault) -> str:
    """What the page did wrong; the line closes after it."""
    return _json(type="error", reason=fault.reason, what=str(fault))


def frames(pcm: Pcm16) -> bytes:
    """Audio as it goes over the wire."""
    return pcm.astype("<i2").tobytes()


def mark(name: str) -> str:
    """Ask to be told when everything sent so far has been played."""
    return _json(type="mark", name=name)


def clear() -> str:
    """Drop everything not yet played, at once."""
    return _json(type="clear")


def caption(shown: Caption) -> str:
    """What is going on, for the transcript and the status line.

    Raises:
        TypeError, ValueError: details that JSON cannot carry.
    """
    return _json(type="caption", kind=shown.kind, text=shown.text, details=dict(shown.details))


def transfer(target: TransferTarget) -> str:
    """A number for the caller to ring; a page cannot be passed on like a phone call."""
    return _json(type="transfer", number=target.number, name=target.name)


def ended(reason: str) -> str:
    """The line's last message."""
    return _json(type="ended", reason=reason)


def _json(**message: object) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class FloodGate:
    """Says when a page sends more than a page can: a bucket that fills at a steady rate.

    A page that was stuck for a while sends what it held back all at once; `burst` lets that through.
    """

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second = per_second
        self._burst = burst
        self._level = burst
        self._last_seconds: float | None = None

    def admit(self, now_seconds: float) -> bool:
        """Count one message at this time; False when it is one too many."""
        if self._last_seconds is not None:
            self._level = min(self._burst, self._level + (now_seconds - self._last_seconds) * self._per_second)
        self._last_seconds = now_seconds
        if self._level < 1:
            return False
        self._level -= 1
        return True
