"""The stream's messages, both ways, seen from the network. No I/O.

`StreamMessages` writes what the network sends; `Police` reads what the bot sends and lists every breach of the
protocol, which the real network would report as warnings 31950 and 31951, once per stream, and otherwise hide.
Source: twilio.com/docs/voice/media-streams/websocket-messages.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

FRAME_BYTES = 160
_FIELDS = {
    "media": {"event", "streamSid", "media"},
    "mark": {"event", "streamSid", "mark"},
    "clear": {"event", "streamSid"},
}
_MOST_REPORTED = 50


class StreamMessages:
    """Network to bot: every message in its documented form, numbered.

    Args:
        account_sid, call_sid, stream_sid: whose stream it is.
    """

    def __init__(self, account_sid: str, call_sid: str, stream_sid: str) -> None:
        self._ids = {"accountSid": account_sid, "callSid": call_sid}
        self._stream_sid = stream_sid
        self._sequence = 0
        self._chunk = 0

    def connected(self) -> str:
        """The first message; it alone carries no stream id and no number."""
        return json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})

    def start(self, parameters: Mapping[str, str]) -> str:
        """The second message, with the document's `<Parameter>`s."""
        details = {
            **self._ids,
            "streamSid": self._stream_sid,
            "tracks": ["inbound"],
            "customParameters": dict(parameters),
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        }
        return self._numbered("start", {"start": details})

    def media(self, payload: bytes, timestamp_ms: int) -> str:
        """20 ms of the caller, μ-law; every number is a string."""
        self._chunk += 1
        text = base64.b64encode(payload).decode()
        media = {"track": "inbound", "chunk": str(self._chunk), "timestamp": str(timestamp_ms), "payload": text}
        return self._numbered("media", {"media": media})

    def dtmf(self, digit: str) -> str:
        """A key; the odd track name is the documented one."""
        return self._numbered("dtmf", {"dtmf": {"track": "inbound_track", "digit": digit}})

    def mark(self, name: str) -> str:
        """The bot's own mark on its way back."""
        return self._numbered("mark", {"mark": {"name": name}})

    def stop(self) -> str:
        """The last message."""
        return self._numbered("stop", {"stop": dict(self._ids)})

    def _numbered(self, event: str, body: dict[str, Any]) -> str:
        self._sequence += 1
        message = {"event": event, "sequenceNumber": str(self._sequence), "streamSid": self._stream_sid, **body}
        return json.dumps(message)


@dataclass(frozen=True, slots=True)
class BotAudio:
    """μ-law to be played."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class BotMark:
    """A mark to be queued behind the audio so far."""

    name: str


@dataclass(frozen=True, slots=True)
class BotClear:
    """Drop what has not been played."""


BotMessage: TypeAlias = BotAudio | BotMark | BotClear


class Police:
    """Bot to network: reads messages and writes down what is wrong with them.

    Args:
        stream_sid: the only stream they may speak of.
    """

    def __init__(self, stream_sid: str) -> None:
        self._stream_sid = stream_sid
        self._marks: set[str] = set()
        self.violations: list[str] = []
        self.counts = {"media": 0, "mark": 0, "clear": 0}

    def read(self, message: str | bytes) -> BotMessage | None:
        """One message as an instruction, or None when the network would ignore it."""
        if isinstance(message, bytes):
            return self._breach("31950", "a binary frame")
        try:
            body = json.loads(message)
        except (ValueError, RecursionError):
            return self._breach("31950", "a frame that is not JSON")
        if not isinstance(body, dict):
            return self._breach("31951", "a message that is not an object")
        event = body.get("event")
        if not isinstance(event, str) or event not in _FIELDS:
            return self._breach("31951", f"unknown event {event!r}")
        if body.keys() != _FIELDS[event]:
            wrong = sorted(body.keys() ^ _FIELDS[event])
            return self._breach("31951", f"{event} with missing or extra fields: {', '.join(wrong)}")
        if body["streamSid"] != self._stream_sid:
            return self._breach("31951", f"{event} with the streamSid of another stream")
        self.counts[event] += 1
        match event:
            case "media":
                return self._media(body["media"])
            case "mark":
                return self._mark(body["mark"])
            case _:
                return BotClear()

    def _media(self, media: Any) -> BotMessage | None:
        if not isinstance(media, dict) or media.keys() != {"payload"} or not isinstance(media["payload"], str):
            return self._breach("31951", "media that is not {payload: text}")
        try:
            payload = base64.b64decode(media["payload"], validate=True)
        except (binascii.Error, ValueError):
            return self._breach("31951", "a payload that is not base64")
        if payload.startswith(b"RIFF"):
            self._breach("31951", "a payload with a WAV header, which is heard as a click")
        if not payload or len(payload) % FRAME_BYTES:
            self._breach("crackle", f"a payload of {len(payload)} bytes, which is no multiple of {FRAME_BYTES}")
        return BotAudio(payload)

    def _mark(self, mark: Any) -> BotMessage | None:
        if not isinstance(mark, dict) or mark.keys() != {"name"} or not isinstance(mark["name"], str):
            return self._breach("31951", "a mark that is not {name: text}")
        if mark["name"] in self._marks:
            self._breach("ambiguous", "a mark name used before, so its echo cannot be told apart")
        self._marks.add(mark["name"])
        return BotMark(mark["name"])

    def _breach(self, code: str, what: str) -> BotMessage | None:
        """Write it down; the network ignores the message, so there is nothing to do about it."""
        if len(self.violations) < _MOST_REPORTED:
            self.violations.append(f"{code}: the bot sent {what}")
        return None
