"""G.711 μ-law, the phone network's eight bits per sample, as two lookup tables.

Source: ITU-T G.711 (11/88), μ-law: 14-bit linear values, bias 33, eight logarithmic segments, all bits inverted on the
wire. Our PCM has 16 bits, so every constant is the standard's times four.
"""

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from telephony.call import Pcm16

RATE_HZ: Final = 8000
FRAME_BYTES: Final = 160
"""20 ms: one byte per sample."""

SILENCE_BYTE: Final = 0xFF
"""Positive zero, which is what an idle line carries."""

_BIAS: Final = 33 * 4
_CLIP: Final = 32767 - _BIAS


def decode_ulaw(payload: bytes) -> Pcm16:
    """Expand G.711 μ-law to linear PCM.

    Args:
        payload: one byte per sample, 8 kHz mono, any length.

    Returns:
        int16, shape (len(payload),), 8 kHz mono.
    """
    return _decoding()[np.frombuffer(payload, dtype=np.uint8)]


def encode_ulaw(pcm: Pcm16) -> bytes:
    """Compress linear PCM to G.711 μ-law; louder than ±32635 is clipped to the last step.

    Args:
        pcm: int16, shape (n,), 8 kHz mono.

    Returns:
        n bytes.
    """
    codes = _encoding()[pcm.view(np.uint16)]
    return codes.tobytes()


@cache
def _decoding() -> Pcm16:
    code = ~np.arange(256, dtype=np.uint8)
    segment = ((code >> 4) & 0x07).astype(np.int32)
    step = (code & 0x0F).astype(np.int32)
    magnitude = (((step << 3) + _BIAS) << segment) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


@cache
def _encoding() -> npt.NDArray[np.uint8]:
    """One code for each of the 65536 samples, indexed by the sample's bits read as unsigned."""
    sample = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(sample), _CLIP) + _BIAS
    # The biased magnitude is 132..32767; its highest bit (7..14) names the segment.
    segment = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    step = (magnitude >> (segment + 3)) & 0x0F
    sign = np.where(sample < 0, 0x80, 0)
    codes: npt.NDArray[np.uint8] = (~(sign | (segment << 4) | step) & 0xFF).astype(np.uint8)
    return codes
