"""Twilio's Media Streams protocol without the socket: text in, events out, and the text of what we send.

Source: https://www.twilio.com/docs/voice/media-streams/websocket-messages. Numbers that Twilio writes as strings
(`sequenceNumber`, `chunk`, `timestamp`) are strings here too; `sampleRate` and `channels` are numbers.

Liberal where Twilio may change or err (unknown events and fields, single broken messages: ignored and counted), strict
about who is talking (`start`). Nothing here awaits, so no cancelled task can leave it half-changed.
"""

import base64
import binascii
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from telephony.call import FrameReceived, KeyPressed, MarkCleared, MarkPlayed, Pcm16
from telephony.errors import ProtocolViolation
from telephony.g711 import FRAME_BYTES, RATE_HZ, SILENCE_BYTE, decode_ulaw, encode_ulaw

MAX_MESSAGE_CHARS: Final = 65_536
"""A 20 ms message is under 400; anything near this is not a media stream."""

_ENCODING: Final = "audio/x-mulaw"
_FRAME_MS: Final = 20
_KEYS: Final = frozenset("0123456789*#")

# The documented fields of each message, and of the object that bears its name. Others are read over, and counted: the
# first sign that Twilio has changed something.
_MESSAGE_FIELDS: Final = frozenset({"event", "sequenceNumber", "streamSid"})
_BODY_FIELDS: Final[dict[str, frozenset[str]]] = {
    "start": frozenset({"accountSid", "callSid", "streamSid", "tracks", "customParameters", "mediaFormat"}),
    "media": frozenset({"track", "chunk", "timestamp", "payload"}),
    "dtmf": frozenset({"track", "digit"}),
    "mark": frozenset({"name"}),
    "stop": frozenset({"accountSid", "callSid"}),
}

# One broken message is an accident; hundreds are somebody trying, or a carrier that we no longer understand.
_MAX_MALFORMED: Final = 250

# Twilio lets no call last longer than a day; a number of thousands of digits is not the time of a frame.
_MAX_TIMESTAMP_MS: Final = 48 * 3_600_000

# A longer hole is a stall of the whole stream, and silence in its place would only delay the caller's next word.
_MAX_FILLED_FRAMES: Final = 100


@dataclass(frozen=True, slots=True)
class StreamStarted:
    """Twilio's `start`: from now on audio flows.

    Args:
        stream_sid: MZ..., needed in everything we send.
        call_sid: the call it belongs to.
        parameters: the `<Parameter>`s of our TwiML.
    """

    stream_sid: str
    call_sid: str
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MediaLost:
    """Caller audio that never arrived; the frames of silence that follow stand in its place.

    Args:
        frames: how many frames of 20 ms are missing.
    """

    frames: int


@dataclass(frozen=True, slots=True)
class StreamStopped:
    """Twilio's `stop`: the caller hung up, or Twilio took the call elsewhere."""


StreamEvent: TypeAlias = StreamStarted | FrameReceived | KeyPressed | MarkPlayed | MediaLost | StreamStopped


class MediaStream:
    """One bidirectional stream of one call.

    Args:
        account_sid: ours; a stream of another account is refused.
        call_sid: the only call that may speak here.
    """

    def __init__(self, account_sid: str, call_sid: str) -> None:
        self._account_sid = account_sid
        self._call_sid = call_sid
        self._stream_sid = ""
        self._stopped = False
        self._malformed = 0
        self._next_timestamp: int | None = None
        self._rest = b""
        self._sent_marks: list[str] = []
        self._cleared_marks: set[str] = set()
        self.ignored: Counter[str] = Counter()

    @property
    def stream_sid(self) -> str:
        """MZ..., or "" before `start`."""
        return self._stream_sid

    def receive(self, message: str | bytes) -> list[StreamEvent]:
        """Take one WebSocket message.

        Args:
            message: text as Twilio sends it; bytes (a binary message, which Twilio never sends) are counted.

        Returns:
            what it means, in order; empty when it was ignored (and counted in `ignored`).

        Raises:
            ProtocolViolation: too large, too many malformed ones, or a `start` that is not ours. Close the socket.
        """
        if len(message) > MAX_MESSAGE_CHARS:
            raise ProtocolViolation(f"a message of {len(message)} characters, over {MAX_MESSAGE_CHARS}")
        if isinstance(message, bytes):
            return self._ignore_malformed("binary")
        try:
            fields = json.loads(message)
        except (ValueError, RecursionError):
            return self._ignore_malformed("not_json")
        if not isinstance(fields, dict):
            return self._ignore_malformed("not_object")
        return self._receive_fields(fields)

    def media(self, pcm: Pcm16) -> str:
        """A `media` message.

        Args:
            pcm: int16, shape (n × 160,), 8 kHz mono; whole frames, because odd sizes crackle at Twilio's end.
        """
        payload = base64.b64encode(encode_ulaw(pcm)).decode("ascii")
        return json.dumps({"event": "media", "streamSid": self._stream_sid, "media": {"payload": payload}})

    def mark(self, name: str) -> str:
        """A `mark` message, which Twilio echoes when everything before it has been played."""
        self._sent_marks.append(name)
        return json.dumps({"event": "mark", "streamSid": self._stream_sid, "mark": {"name": name}})

    def clear(self) -> tuple[str, list[MarkCleared]]:
        """A `clear` message, and the marks that are thereby known never to be heard.

        Twilio also echoes those marks. Their echoes say nothing more and are swallowed, so that a carrier
        which does not echo them looks the same.
        """
        cleared = [MarkCleared(name) for name in self._sent_marks]
        self._cleared_marks.update(self._sent_marks)
        self._sent_marks.clear()
        return json.dumps({"event": "clear", "streamSid": self._stream_sid}), cleared

    def _receive_fields(self, fields: dict[str, Any]) -> list[StreamEvent]:
        event = fields.get("event")
        if event == "connected":
            return []
        if not isinstance(event, str) or event not in _BODY_FIELDS:
            return self._ignore("unknown_event")
        self._count_unknown_fields(event, fields)
        if event == "start":
            return self._receive_start(fields)
        if not self._stream_sid:
            return self._ignore("before_start")
        if self._stopped:
            return self._ignore("after_stop")
        if fields.get("streamSid") != self._stream_sid:
            return self._ignore("other_stream")
        body = fields.get(event)
        if not isinstance(body, dict):
            return self._ignore_malformed(event)
        match event:
            case "media":
                return self._receive_media(body)
            case "dtmf":
                return self._receive_dtmf(body)
            case "mark":
                return self._receive_mark(body)
            case _:
                self._stopped = True
                return [StreamStopped()]

    def _count_unknown_fields(self, event: str, fields: dict[str, Any]) -> None:
        unknown = fields.keys() - _MESSAGE_FIELDS - {event}
        body = fields.get(event)
        if isinstance(body, dict):
            unknown |= body.keys() - _BODY_FIELDS[event]
        if unknown:
            self.ignored[f"unknown_field_{event}"] += len(unknown)

    def _receive_start(self, fields: dict[str, Any]) -> list[StreamEvent]:
        if self._stream_sid:
            return self._ignore("second_start")
        start = fields.get("start")
        if not isinstance(start, dict):
            raise ProtocolViolation("start: no body")
        stream_sid = fields.get("streamSid") or start.get("streamSid")
        if not isinstance(stream_sid, str) or not stream_sid:
            raise ProtocolViolation("start: no streamSid")
        # The sids are not repeated in the message: what a stranger sent does not belong in our logs.
        if start.get("accountSid") != self._account_sid:
            raise ProtocolViolation("start: another accountSid")
        if start.get("callSid") != self._call_sid:
            raise ProtocolViolation("start: a callSid that the token was not made for")
        _check_format(start.get("mediaFormat"))
        parameters = start.get("customParameters")
        self._stream_sid = stream_sid
        return [StreamStarted(stream_sid, self._call_sid, _text_fields(parameters))]

    def _receive_media(self, media: dict[str, Any]) -> list[StreamEvent]:
        if media.get("track", "inbound") != "inbound":
            return self._ignore("other_track")
        payload = media.get("payload")
        if not isinstance(payload, str):
            return self._ignore_malformed("media")
        try:
            ulaw = base64.b64decode(payload, validate=True)
        except (binascii.Error, ValueError):
            return self._ignore_malformed("not_base64")
        if not ulaw:
            return self._ignore_malformed("empty_media")
        lost = self._lost_frames(media.get("timestamp"), len(ulaw))
        filled = bytes([SILENCE_BYTE]) * (min(lost, _MAX_FILLED_FRAMES) * FRAME_BYTES)
        events: list[StreamEvent] = [MediaLost(lost)] if lost else []
        events.extend(self._frames(filled + ulaw))
        return events

    def _lost_frames(self, timestamp: object, size: int) -> int:
        """How many whole frames the timestamp has jumped over. It is a string of ms since the stream's start."""
        try:
            at = int(timestamp) if isinstance(timestamp, str | int) else None
        except ValueError:
            at = None
        if at is None or not 0 <= at <= _MAX_TIMESTAMP_MS:
            self.ignored["bad_timestamp"] += 1
            return 0
        duration = size * 1000 // RATE_HZ
        expected = at if self._next_timestamp is None else self._next_timestamp
        if at < expected + _FRAME_MS:
            # Off by less than a frame is rounding. Counting on from what we expected keeps it from adding up.
            self._next_timestamp = expected + duration
            return 0
        self._next_timestamp = at + duration
        return (at - expected) // _FRAME_MS

    def _frames(self, ulaw: bytes) -> list[FrameReceived]:
        """Cut into frames of 160 bytes; what is left over waits for the next message."""
        ulaw = self._rest + ulaw
        whole = len(ulaw) - len(ulaw) % FRAME_BYTES
        self._rest = ulaw[whole:]
        return [FrameReceived(decode_ulaw(ulaw[start : start + FRAME_BYTES])) for start in range(0, whole, FRAME_BYTES)]

    def _receive_dtmf(self, dtmf: dict[str, Any]) -> list[StreamEvent]:
        digit = dtmf.get("digit")
        if not isinstance(digit, str) or digit not in _KEYS:
            return self._ignore_malformed("dtmf")
        return [KeyPressed(digit)]

    def _receive_mark(self, mark: dict[str, Any]) -> list[StreamEvent]:
        name = mark.get("name")
        if not isinstance(name, str):
            return self._ignore_malformed("mark")
        if name in self._cleared_marks:
            self._cleared_marks.discard(name)
            return []
        if name not in self._sent_marks:
            return self._ignore("unknown_mark")
        self._sent_marks.remove(name)
        return [MarkPlayed(name)]

    def _ignore(self, kind: str) -> list[StreamEvent]:
        self.ignored[kind] += 1
        return []

    def _ignore_malformed(self, kind: str) -> list[StreamEvent]:
        self.ignored[f"malformed_{kind}"] += 1
        self._malformed += 1
        if self._malformed > _MAX_MALFORMED:
            raise ProtocolViolation(f"more than {_MAX_MALFORMED} malformed messages, the last one: {kind}")
        return []


def _check_format(media_format: object) -> None:
    if not isinstance(media_format, dict):
        raise ProtocolViolation("start: no mediaFormat")
    wanted = {"encoding": _ENCODING, "sampleRate": RATE_HZ, "channels": 1}
    for name, value in wanted.items():
        # True == 1 in Python, but not in JSON.
        if media_format.get(name) != value or isinstance(media_format.get(name), bool):
            raise ProtocolViolation(f"start: mediaFormat.{name} is not {value!r}")


def _text_fields(parameters: object) -> dict[str, str]:
    if not isinstance(parameters, dict):
        return {}
    return {name: value for name, value in parameters.items() if isinstance(value, str)}
