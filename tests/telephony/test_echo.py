"""Echo from a synthetic room: how much of it goes, and that a caller who speaks at the same time stays."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.echo import FRAME, RATE_HZ, DelayFinder, EchoCanceller

Signal = npt.NDArray[np.float64]


def voice(seconds: float, seed: int, rms: float = 2000.0) -> Signal:
    """Something with a voice's spectrum and rhythm: noise through three moving formants, in syllables."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE_HZ)
    at = np.arange(count) / RATE_HZ
    spectrum = np.fft.rfft(rng.normal(0, 1, count))
    hertz = np.fft.rfftfreq(count, 1 / RATE_HZ)
    shape = sum(
        np.exp(-(((hertz - f) / w) ** 2)) * g for f, w, g in ((300, 250, 1), (1200, 500, 0.4), (2600, 900, 0.15))
    )
    sound: Signal = np.fft.irfft(spectrum * (shape + 0.003), count)
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * at + seed) + 0.4, 0, None) * (
        np.sin(2 * np.pi * 0.31 * at + seed) > -0.8
    )
    sound = sound * syllables
    return sound * (rms / float(np.sqrt(np.mean(sound**2))))


def room(delay_ms: float, gain_db: float, seed: int = 5) -> Signal:
    """An impulse response: a delay, a direct sound, and reverberation of the same energy that dies in 0.2 s (RT60)."""
    at = np.arange(RATE_HZ // 5) / RATE_HZ
    tail = np.random.default_rng(seed).normal(0, 1, len(at)) * np.exp(-6.9 * at / 0.2)
    tail[0] = np.sqrt(np.sum(tail**2))
    response = tail / np.sqrt(np.sum(tail**2)) * 10 ** (gain_db / 20)
    return np.concatenate([np.zeros(round(delay_ms * RATE_HZ / 1000)), response])


def through(canceller: EchoCanceller, heard: Signal, played: Signal) -> Signal:
    """What the canceller makes of it, moved back by the frame it is late."""
    near, far = (np.clip(np.rint(x), -32768, 32767).astype(np.int16) for x in (heard, played))
    out = [canceller.process(near[i : i + FRAME], far[i : i + FRAME]) for i in range(0, len(near) - FRAME + 1, FRAME)]
    return np.concatenate(out)[FRAME:].astype(np.float64)


def level_db(x: Signal) -> float:
    return 10 * float(np.log10(np.mean(x**2) + 1e-3))


def seconds(x: Signal, start: float, end: float) -> Signal:
    return x[round(start * RATE_HZ) : round(end * RATE_HZ)]


@pytest.mark.parametrize("delay_ms", [10, 60, 150, 300])
def test_echo_is_taken_out_whatever_the_delay(delay_ms: float) -> None:
    played = voice(20, seed=1)
    echo = np.convolve(played, room(delay_ms, -6))[: len(played)]
    heard = echo + np.random.default_rng(2).normal(0, 15, len(played))
    canceller = EchoCanceller()
    clean = through(canceller, heard, played)
    assert canceller.delay_seconds == pytest.approx(delay_ms / 1000, abs=0.004)
    assert level_db(seconds(heard, 5, 8)) - level_db(seconds(clean, 5, 8)) > 12
    assert level_db(seconds(heard, 12, 19)) - level_db(seconds(clean, 12, 19)) > 20
    assert canceller.erle_db > 18


def test_a_distorting_loudspeaker_leaves_some_and_it_is_known() -> None:
    played = voice(20, seed=3, rms=3000)
    distorted = np.tanh(played / 8000) * 8000
    heard = np.convolve(distorted, room(60, -3))[: len(played)] + np.random.default_rng(2).normal(0, 15, len(played))
    canceller = EchoCanceller()
    clean = through(canceller, heard, played)
    reduced = level_db(seconds(heard, 12, 19)) - level_db(seconds(clean, 12, 19))
    assert reduced > 8
    assert canceller.erle_db == pytest.approx(reduced, abs=8)


def test_double_talk_survives() -> None:
    played, caller = voice(20, seed=1), voice(20, seed=9)
    caller[: 10 * RATE_HZ] = 0
    caller[15 * RATE_HZ :] = 0
    echo = np.convolve(played, room(60, -6))[: len(played)]
    heard = echo + caller + np.random.default_rng(2).normal(0, 15, len(played))
    clean = through(EchoCanceller(), heard, played)
    wanted, got = seconds(caller, 10, 15), seconds(clean, 10, 15)
    kept = float(got @ wanted / (wanted @ wanted))
    assert 20 * np.log10(kept) > -3  # the caller is hardly quieter,
    before = level_db(wanted) - level_db(seconds(echo, 10, 15))
    after = level_db(kept * wanted) - level_db(got - kept * wanted)
    assert after - before > 6  # stands out more clearly than before,
    assert level_db(seconds(heard, 16, 19)) - level_db(seconds(clean, 16, 19)) > 15  # and nothing was unlearned.


def test_a_caller_alone_is_left_alone() -> None:
    caller = voice(6, seed=4)
    clean = through(EchoCanceller(), caller, np.zeros(len(caller)))
    wanted = caller[: len(clean)]
    assert level_db(clean - wanted) < level_db(wanted) - 40


def test_a_headset_is_left_alone_too() -> None:
    """The loudspeaker plays and the microphone does not hear it: the caller must come through."""
    played, caller = voice(12, seed=1), voice(12, seed=8)
    clean = through(EchoCanceller(), caller, played)
    wanted = seconds(caller, 4, 11)
    assert abs(level_db(seconds(clean, 4, 11)) - level_db(wanted)) < 2


def test_the_delay_does_not_wander() -> None:
    played = voice(30, seed=6)
    heard = np.convolve(played, room(80, -6))[: len(played)]
    finder = DelayFinder()
    changes = sum(finder.add(heard[i : i + FRAME], played[i : i + FRAME]) for i in range(0, len(played) - FRAME, FRAME))
    assert changes == 1


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from([-32768, -1, 0, 1, 32767]), min_size=2, max_size=40))
def test_no_sound_breaks_it(values: list[int]) -> None:
    canceller = EchoCanceller()
    for heard, played in zip(values, reversed(values), strict=True):
        out = canceller.process(np.full(FRAME, heard, np.int16), np.full(FRAME, played, np.int16))
        assert out.shape == (FRAME,)
        assert out.dtype == np.int16
    assert np.isfinite(canceller.erle_db)
