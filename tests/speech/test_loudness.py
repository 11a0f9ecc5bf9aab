"""Every sentence equally loud, and without silence around it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from speech.loudness import LEAD_SECONDS, PEAK_DBFS, TAIL_SECONDS, TARGET_DBFS, level

RATE_HZ = 22_050


def tone(seconds: float, amplitude: float) -> np.ndarray:
    return (amplitude * np.sin(np.arange(round(seconds * RATE_HZ)) * 2 * np.pi * 300 / RATE_HZ)).astype(np.float32)


def dbfs(pcm: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(pcm / 32_768.0)))))


@given(st.floats(0.001, 1.0))
def test_loud_and_soft_voices_come_out_alike(amplitude: float) -> None:
    pcm = level(tone(1.0, amplitude), RATE_HZ)
    assert abs(dbfs(pcm[1_000:20_000]) - TARGET_DBFS) < 0.5


def test_silence_at_both_ends_goes_but_for_a_breath() -> None:
    quiet = np.zeros(RATE_HZ, np.float32)
    pcm = level(np.concatenate([quiet, tone(1.0, 0.3), quiet]), RATE_HZ)
    assert abs(len(pcm) / RATE_HZ - (LEAD_SECONDS + 1.0 + TAIL_SECONDS)) < 0.05


def test_a_voice_that_stops_at_once_still_gets_its_breath() -> None:
    pcm = level(tone(0.5, 0.3), RATE_HZ)
    assert len(pcm) >= round((0.5 + TAIL_SECONDS) * RATE_HZ)


def test_a_pause_inside_stays() -> None:
    pcm = level(np.concatenate([tone(0.5, 0.3), np.zeros(RATE_HZ, np.float32), tone(0.5, 0.3)]), RATE_HZ)
    assert len(pcm) > 2.0 * RATE_HZ


def test_a_sudden_bang_does_not_clip() -> None:
    samples = tone(1.0, 0.01)
    samples[5_000:5_020] = 1.0
    pcm = level(samples, RATE_HZ)
    assert np.abs(pcm.astype(int)).max() <= np.ceil(32_767 * 10 ** (PEAK_DBFS / 20))


def test_no_sound_gives_no_samples() -> None:
    assert len(level(np.zeros(5_000, np.float32), RATE_HZ)) == 0
    assert len(level(np.zeros(0, np.float32), RATE_HZ)) == 0
