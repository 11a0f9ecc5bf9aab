"""ITU-T G.711 μ-law: known codes, and the laws of any companding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from telephony.g711 import FRAME_BYTES, RATE_HZ, SILENCE_BYTE, decode_ulaw, encode_ulaw

samples = arrays(np.int16, st.integers(0, 400), elements=st.integers(-32768, 32767))


def test_silence_is_ff():
    assert encode_ulaw(np.zeros(FRAME_BYTES, dtype=np.int16)) == b"\xff" * 160
    assert SILENCE_BYTE == 0xFF and RATE_HZ * 20 // 1000 == FRAME_BYTES


@pytest.mark.parametrize(
    ("code", "linear"),
    # The last value of each positive segment, ITU-T G.711 table 2a, times four for 16 bits.
    [(0xFF, 0), (0xFE, 8), (0xF0, 120), (0xEF, 132), (0xDF, 396), (0xCF, 924), (0xBF, 1980), (0xAF, 4092)]
    + [(0x9F, 8316), (0x8F, 16764), (0x80, 32124), (0x00, -32124), (0x7E, -8), (0x7F, 0)],
)
def test_the_standards_decoder_values(code, linear):
    assert decode_ulaw(bytes([code])).tolist() == [linear]


def test_every_code_survives_the_round_trip():
    codes = bytes(range(256))
    there_and_back = encode_ulaw(decode_ulaw(codes))
    # 0x7f is negative zero, which linear samples cannot tell from zero.
    assert there_and_back == codes.replace(b"\x7f", b"\xff")


@given(samples)
def test_decoding_what_was_encoded_stays_close(pcm):
    back = decode_ulaw(encode_ulaw(pcm))
    assert back.shape == pcm.shape and back.dtype == np.int16
    clipped = np.clip(pcm.astype(int), -32635, 32635)
    # Half a step of the segment: the step is a sixteenth of it.
    assert np.all(np.abs(back - clipped) <= (np.abs(clipped) + 132) / 16)


@given(samples)
def test_louder_stays_louder(pcm):
    in_order = np.sort(pcm)
    assert np.all(np.diff(decode_ulaw(encode_ulaw(in_order)).astype(int)) >= 0)


@given(st.integers(-32767, 32767))
def test_both_signs_are_treated_alike(value):
    plus, minus = decode_ulaw(encode_ulaw(np.array([value, -value], dtype=np.int16)))
    assert plus == -minus


def test_the_extremes_are_clipped_not_wrapped():
    assert decode_ulaw(encode_ulaw(np.array([32767, -32768], dtype=np.int16))).tolist() == [32124, -32124]


def test_views_and_slices_encode_like_copies():
    pcm = np.arange(-400, 400, dtype=np.int16)[::2]
    assert encode_ulaw(pcm) == encode_ulaw(pcm.copy())
