"""Anything at all into the parsers that strangers reach: the media stream, the page's messages, webhook fields.

    python -m benchmarks.fuzz_media_stream --seconds 600

Plain chance over messages that are nearly right, or with --coverage atheris (`pip install atheris`; no dependency of
the project), which looks for new paths through the code. The laws are the same: what is no message is refused by the
parser's own kind of error, what is handed on is small, and nothing grows.
"""

import argparse
import base64
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FunctionType

from telephony.browser import messages
from telephony.browser.messages import MESSAGE_LIMIT, TEXT_LIMIT, PageFault, parse_frame, parse_text
from telephony.call import FrameReceived, TextTyped
from telephony.errors import ProtocolViolation
from telephony.twilio import media_stream
from telephony.twilio.media_stream import MediaLost, MediaStream, StreamStopped

FRAME = base64.b64encode(b"\x7f" * 160).decode()
ACCOUNT, CALL, STREAM = "AC" + "a" * 32, "CA" + "b" * 32, "MZ" + "c" * 32
LARGEST_EVENTS = 401
"""What one message may become: 100 frames of silence in the place of lost ones, 300 of its own, and one to tell."""
LARGEST_IGNORED = 60
"""Kinds of ignored messages: from closed sets, so that no sender can make the counters grow."""
LONGEST_CALL_FRAMES = 48 * 3600 * 50

START = {
    "event": "start",
    "sequenceNumber": "1",
    "streamSid": STREAM,
    "start": {
        "accountSid": ACCOUNT,
        "callSid": CALL,
        "streamSid": STREAM,
        "tracks": ["inbound"],
        "customParameters": {},
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
    },
}
SEEDS: Sequence[str] = (
    json.dumps(START),
    json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}),
    json.dumps(
        {
            "event": "media",
            "sequenceNumber": "2",
            "streamSid": STREAM,
            "media": {"track": "inbound", "chunk": "1", "timestamp": "20", "payload": FRAME},
        }
    ),
    json.dumps({"event": "dtmf", "streamSid": STREAM, "dtmf": {"track": "inbound_track", "digit": "1"}}),
    json.dumps({"event": "mark", "streamSid": STREAM, "mark": {"name": "1"}}),
    json.dumps({"event": "stop", "streamSid": STREAM, "stop": {"accountSid": ACCOUNT, "callSid": CALL}}),
    json.dumps({"type": "hello", "version": 1, "rate": 16000, "language": "nb", "microphone": True}),
    json.dumps({"type": "text", "text": "Hei"}),
    json.dumps({"type": "key", "digit": "1"}),
    json.dumps({"type": "mark", "name": "1"}),
)
MEDIA = SEEDS[2]
SPICE: Sequence[str] = (
    "null", "true", "-1", "1e999", "1" * 4000, "[]", "{}", '""', "NaN", '"\\ud800"', '"\\u0000"', "[" * 2000,
    '"' + "1" * 4000 + '"', '"' + "x" * 9000 + '"',
)  # fmt: skip


class Laws:
    """One stream that lives through everything it is given, and what must hold after each message."""

    def __init__(self) -> None:
        self._stream = self._started()

    def hold(self, message: str | bytes) -> None:
        """Give a message to every parser.

        Raises:
            AssertionError: a law is broken.
            Exception: of any kind but the parsers' own, which is a fault.
        """
        self._media_stream(message)
        if isinstance(message, bytes):
            self._quietly(lambda: parse_frame(message))
            return
        typed = self._quietly(lambda: parse_text(message))
        if isinstance(typed, TextTyped):
            assert len(typed.text) <= TEXT_LIMIT
            typed.text.encode()
        assert len(message) <= MESSAGE_LIMIT or typed is None

    def _media_stream(self, message: str | bytes) -> None:
        fresh = MediaStream(ACCOUNT, CALL)
        self._quietly(lambda: fresh.receive(message))
        try:
            events = self._stream.receive(message)
        except ProtocolViolation:
            self._stream = self._started()
            return
        assert len(events) <= LARGEST_EVENTS
        for event in events:
            match event:
                case FrameReceived(pcm):
                    assert pcm.shape == (160,)
                case MediaLost(frames):
                    assert 0 < frames <= LONGEST_CALL_FRAMES
                case StreamStopped():
                    self._stream = self._started()
        assert len(self._stream.ignored) <= LARGEST_IGNORED

    @staticmethod
    def _quietly(parse: Callable[[], object]) -> object:
        try:
            return parse()
        except (PageFault, ProtocolViolation) as refused:
            assert len(str(refused)) < 200, "a refusal repeats what it was given"
            return None

    @staticmethod
    def _started() -> MediaStream:
        stream = MediaStream(ACCOUNT, CALL)
        stream.receive(json.dumps(START))
        return stream


def nearly_right(chance: random.Random) -> str | bytes:
    """A good message with something wrong about it."""
    text = chance.choice((*SEEDS, MEDIA, MEDIA, MEDIA))
    if chance.randrange(2):
        return _with_other_value(text, chance)
    for _ in range(chance.randint(0, 4)):
        at = chance.randrange(len(text) + 1)
        match chance.randrange(4):
            case 0:
                text = text[:at] + chance.choice(SPICE) + text[at:]
            case 1:
                text = text[:at] + text[at + chance.randrange(12) :]
            case 2:
                text = text[:at] + chr(chance.randrange(0x3000)) + text[at + 1 :]
            case _:
                text = text[:at] + chance.choice(SEEDS)[: chance.randrange(200)]
    return text.encode(errors="replace") if chance.randrange(8) == 0 else text


def _with_other_value(text: str, chance: random.Random) -> str:
    """Another value for one key, wherever it stands."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(message, dict) or not message:
        return text
    inner = [value for value in message.values() if isinstance(value, dict) and value]
    place = chance.choice([message, *inner])
    key = chance.choice(list(place))
    place[key] = "\0"
    return json.dumps(message).replace('"\\u0000"', chance.choice(SPICE))


def by_chance(rounds: int, seed: int) -> int:
    """So many messages; how many. Every tenth is one of the seeds, so that the stream stays in its stride."""
    laws, chance = Laws(), random.Random(seed)
    for number in range(rounds):
        laws.hold(chance.choice(SEEDS) if number % 10 == 0 else nearly_right(chance))
    return rounds


def _by_coverage(seconds: int) -> None:
    import atheris

    laws = Laws()

    def one(data: bytes) -> None:
        laws.hold(data)
        laws.hold(data.decode("utf-8", "replace"))

    for owner in (MediaStream, media_stream, messages):
        for found in list(vars(owner).values()):
            if isinstance(found, FunctionType):
                atheris.instrument_func(found)
    with tempfile.TemporaryDirectory() as corpus:
        for number, text in enumerate(SEEDS):
            (Path(corpus) / str(number)).write_text(text, encoding="utf-8")
        atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", "-max_len=70000", corpus], one)
        atheris.Fuzz()


def main() -> int:
    """Fuzz until the time is over; ends with the first broken law."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--coverage", action="store_true", help="with atheris")
    arguments = parser.parse_args()
    if arguments.coverage:
        _by_coverage(arguments.seconds)
        return 0
    began, count, seed = time.monotonic(), 0, arguments.seed
    while time.monotonic() - began < arguments.seconds:
        count += by_chance(10_000, seed)
        seed += 1
    print(f"{count} messages, no law broken")
    return 0


if __name__ == "__main__":
    sys.exit(main())
