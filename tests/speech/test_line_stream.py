"""A stream on its way to the line is what the whole sentence would have been."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.audio import Pcm16, Samples
from speech.line_stream import LineStream
from speech.loudness import LEAD_SECONDS, PEAK_DBFS, TAIL_SECONDS, level
from speech.resampling import resample, to_samples

IN_HZ = 22_050
LINE_HZ = 8_000


def tone(seconds: float, amplitude: float = 0.1 * 2**0.5) -> Samples:
    """500 Hz; without an amplitude at -20 dBFS, so that its own gain is 1."""
    return np.asarray(amplitude * np.sin(np.arange(round(seconds * IN_HZ)) * 2 * np.pi * 500 / IN_HZ), np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * IN_HZ), np.float32)


def sent(pieces: list[Samples], gain: float = 1.0, line_hz: int = LINE_HZ) -> Pcm16:
    stream = LineStream(IN_HZ, line_hz, gain)
    return np.concatenate([*(stream.feed(piece) for piece in pieces), stream.end()])


SENTENCE = np.concatenate([silence(0.3), tone(0.7), silence(0.5), tone(0.4), silence(0.4)])


@given(cuts=st.lists(st.integers(0, len(SENTENCE)), max_size=8))
def test_any_way_of_cutting_gives_the_same_samples(cuts: list[int]) -> None:
    assert np.array_equal(sent(np.split(SENTENCE, sorted(cuts))), sent([SENTENCE]))


@pytest.mark.parametrize("line_hz", [8_000, 16_000, IN_HZ, 48_000])
def test_it_is_what_the_whole_sentence_would_have_been(line_hz: int) -> None:
    whole = resample(to_samples(level(SENTENCE, IN_HZ)), IN_HZ, line_hz)
    streamed = to_samples(sent(np.array_split(SENTENCE, 7), line_hz=line_hz))
    assert len(streamed) == pytest.approx(len(whole), abs=line_hz * 0.021)
    assert np.sqrt(np.mean(np.square(streamed))) == pytest.approx(np.sqrt(np.mean(np.square(whole))), rel=0.03)
    shared = min(len(streamed), len(whole))
    inside = slice(line_hz // 10, shared - line_hz // 10)
    if len(streamed) == len(whole):
        # Both bring 500 Hz through; what differs is the slope of the filters at the tone's abrupt ends.
        assert np.median(np.abs(streamed[inside] - whole[inside])) < 0.004


def test_silence_around_the_speech_is_trimmed_to_a_breath_and_kept_within() -> None:
    pcm = sent([SENTENCE])
    seconds = LEAD_SECONDS + 0.7 + 0.5 + 0.4 + TAIL_SECONDS
    assert len(pcm) / LINE_HZ == pytest.approx(seconds, abs=0.041)
    quiet = np.abs(pcm[round((LEAD_SECONDS + 0.75) * LINE_HZ) : round((LEAD_SECONDS + 1.15) * LINE_HZ)])
    assert quiet.max() < 30


def test_a_sentence_that_ends_with_speech_still_gets_its_breath() -> None:
    pcm = sent([tone(0.5)])
    assert len(pcm) / LINE_HZ == pytest.approx(0.5 + TAIL_SECONDS, abs=0.021)
    assert np.abs(pcm[-LINE_HZ // 10 :]).max() < 30


def test_the_first_samples_come_with_the_first_piece() -> None:
    stream = LineStream(IN_HZ, LINE_HZ, 1.0)
    assert stream.silent
    assert len(stream.feed(tone(0.3))) / LINE_HZ > 0.25
    assert not stream.silent


@pytest.mark.parametrize("pieces", [[], [silence(0.0)], [silence(1.0)], [tone(1.0, 0.0005)]])
def test_a_mute_voice_sends_nothing(pieces: list[Samples]) -> None:
    stream = LineStream(IN_HZ, LINE_HZ, 1.0)
    assert all(len(stream.feed(piece)) == 0 for piece in pieces)
    assert stream.silent
    assert len(stream.end()) == 0


@given(gain=st.floats(0.1, 8))
def test_no_sample_is_beyond_the_peak(gain: float) -> None:
    loudest = np.abs(sent([tone(0.3)], gain)).max() / 32_768
    assert loudest < 10 ** (PEAK_DBFS / 20) * 1.12  # the resampling filter overshoots a squared tone


def test_what_is_below_the_knee_is_not_touched() -> None:
    soft, loud = (to_samples(sent([tone(0.5, amplitude)])) for amplitude in (0.25, 0.5))
    assert np.allclose(2 * soft, loud, atol=1e-4)
