import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.audio import Samples
from speech.resampling import StreamResampler, resample, to_pcm16, to_samples


def tone(hz: float, rate_hz: int, seconds: float = 0.5) -> Samples:
    return np.sin(2 * np.pi * hz * np.arange(int(rate_hz * seconds)) / rate_hz).astype(np.float32)


@pytest.mark.parametrize("in_hz", [8_000, 16_000, 22_050, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("hz", [300, 1_000, 3_000])
def test_a_tone_of_the_telephone_band_stays_what_it_is_and_where_it_is(in_hz: int, hz: int) -> None:
    heard = StreamResampler(in_hz, 16_000).feed(tone(hz, in_hz))
    expected = tone(hz, 16_000)[: len(heard)]
    assert np.abs(heard[200:] - expected[200:]).max() < 0.01


def test_the_mirror_of_the_band_is_gone_after_upsampling() -> None:
    heard = StreamResampler(8_000, 16_000).feed(tone(1_000, 8_000, seconds=2))
    spectrum = np.abs(np.fft.rfft(heard[2_000:18_000] * np.hanning(16_000)))
    mirror = spectrum[6_500:].max()
    assert 20 * np.log10(mirror / spectrum.max()) < -70


def test_what_does_not_fit_below_the_new_rate_is_gone_after_downsampling() -> None:
    heard = StreamResampler(48_000, 16_000).feed(tone(10_000, 48_000))
    assert np.abs(heard[500:]).max() < 0.001


@pytest.mark.parametrize(("in_hz", "held_ms"), [(8_000, 2.1), (48_000, 2.1)])
def test_holds_back_two_milliseconds_beyond_the_block(in_hz: int, held_ms: float) -> None:
    resampler = StreamResampler(in_hz, 16_000)
    given_seconds = made_seconds = 0.0
    lags = []
    for _ in range(50):
        made_seconds += len(resampler.feed(np.zeros(in_hz // 50, np.float32))) / 16_000
        given_seconds += 1 / 50
        lags.append(given_seconds - made_seconds)
    assert max(lags) * 1000 <= held_ms + 128 / 16


@given(
    st.lists(st.integers(0, 700), min_size=1, max_size=30),
    st.sampled_from([8_000, 16_000, 44_100, 48_000]),
)
def test_any_way_of_cutting_the_stream_gives_the_same_samples(cuts: list[int], in_hz: int) -> None:
    audio = np.random.default_rng(len(cuts)).normal(0, 0.3, sum(cuts)).astype(np.float32)
    whole = StreamResampler(in_hz, 16_000).feed(audio)
    pieces = StreamResampler(in_hz, 16_000)
    parts = [pieces.feed(piece) for piece in np.split(audio, np.cumsum(cuts)[:-1])]
    assert np.array_equal(np.concatenate(parts), whole)


def test_a_whole_recording_keeps_its_length_in_seconds() -> None:
    assert abs(len(resample(tone(440, 22_050), 22_050, 8_000)) - 4_000) <= 2


@given(st.lists(st.integers(-32_768, 32_767), max_size=50))
def test_pcm_survives_the_way_to_floats_and_back(values: list[int]) -> None:
    pcm = np.array(values, np.int16)
    assert np.array_equal(to_pcm16(to_samples(pcm)), pcm)


def test_rates_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        StreamResampler(0, 16_000)
