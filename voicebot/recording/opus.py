"""Sound as Ogg Opus (RFC 7845) and back: 16 kbit/s a direction, a thirtieth of what it takes plain."""

from collections.abc import Iterable
from io import BytesIO

import av
import numpy as np

from telephony.call import Pcm16

BITS_PER_SECOND = 32_000
DECODED_HZ = 48_000
"""Opus is always decoded at 48 kHz, whatever went in."""


def encoded(stereo: Pcm16, rate_hz: int) -> bytes:
    """A whole Ogg Opus file.

    Args:
        stereo: int16, shape (n, 2).
        rate_hz: 8000, 12000, 16000, 24000 or 48000.
    """
    buffer = BytesIO()
    with av.open(buffer, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=rate_hz)
        stream.layout = "stereo"
        stream.bit_rate = BITS_PER_SECOND
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(stereo).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = rate_hz
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return buffer.getvalue()


def decoded(content: bytes) -> Pcm16:
    """The sound of an Ogg Opus file: int16, shape (n, 2), 48 kHz."""
    to_plain = av.AudioResampler(format="s16", layout="stereo", rate=DECODED_HZ)
    parts: list[Pcm16] = []
    with av.open(BytesIO(content), "r") as container:
        for frame in container.decode(audio=0):
            parts += [part.to_ndarray().reshape(-1, 2).astype(np.int16) for part in to_plain.resample(frame)]
    return np.concatenate(parts) if parts else np.zeros((0, 2), np.int16)


def joined(contents: Iterable[bytes]) -> bytes:
    """Several files as one, one behind the other."""
    return encoded(np.concatenate([np.zeros((0, 2), np.int16), *map(decoded, contents)]), DECODED_HZ)
