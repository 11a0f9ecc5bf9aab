import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from speech.errors import ModelUnavailable
from speech.models import ModelStore
from speech.vad import WINDOW_SAMPLES, SileroSession, SileroVad, Vad, WebrtcVad, open_vads


def probabilities(vad: Vad, samples: np.ndarray) -> list[float]:
    return list(_each(vad, samples))


def _each(vad: Vad, samples: np.ndarray) -> Iterator[float]:
    for start in range(0, len(samples) - WINDOW_SAMPLES + 1, WINDOW_SAMPLES):
        yield vad.probability(samples[start : start + WINDOW_SAMPLES].astype(np.float32))


def vowel(seconds: float) -> np.ndarray:
    """A buzz of 120 Hz through three formants, rising and falling: enough of a voice for webrtcvad."""
    n = int(seconds * 16_000)
    t = np.arange(n) / 16_000
    buzz = np.zeros(n)
    for harmonic in range(1, 30):
        hz = 120 * harmonic
        gain = sum(np.exp(-(((hz - formant) / 120) ** 2)) for formant in (700, 1_200, 2_600))
        buzz += gain * np.sin(2 * np.pi * hz * t)
    loudness = 0.2 / np.abs(buzz).max() * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t))
    return np.asarray(buzz * loudness)


def test_the_fallback_tells_a_voice_from_silence() -> None:
    assert max(probabilities(WebrtcVad(), np.zeros(16_000))) < WebrtcVad.off
    assert np.mean(probabilities(WebrtcVad(), vowel(1.0))) > WebrtcVad.on


def test_without_the_file_the_fallback_is_used_and_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="speech.vad"):
        new_vad = open_vads(ModelStore(tmp_path))
    assert isinstance(new_vad(), WebrtcVad)
    assert isinstance(new_vad(), WebrtcVad)
    assert len(caplog.records) == 1


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "silero_vad.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(ModelUnavailable, match="silero_vad.onnx"):
        SileroSession(path)


@pytest.mark.models
def test_another_model_in_its_place_is_refused(models: ModelStore) -> None:
    with pytest.raises(ModelUnavailable, match="not a Silero"):
        SileroSession(next(models.folder_of("smart-turn").glob("*.onnx")))


@pytest.mark.models
def test_silero_hears_nothing_in_silence_tones_and_noise(models: ModelStore) -> None:
    new_vad = open_vads(models)
    rng = np.random.default_rng(5)
    t = np.arange(32_000) / 16_000
    for sound in (np.zeros(32_000), 0.2 * np.sin(2 * np.pi * 425 * t), rng.normal(0, 0.05, 32_000)):
        assert max(probabilities(new_vad(), sound)) < SileroVad.on


@pytest.mark.models
def test_every_call_has_its_own_state(models: ModelStore) -> None:
    new_vad = open_vads(models)
    noise = np.random.default_rng(6).normal(0, 0.1, 16_000)
    alone = probabilities(new_vad(), noise)
    first, second = new_vad(), new_vad()
    mixed = []
    for start in range(0, len(noise) - WINDOW_SAMPLES + 1, WINDOW_SAMPLES):
        mixed.append(first.probability(noise[start : start + WINDOW_SAMPLES].astype(np.float32)))
        second.probability(np.ones(WINDOW_SAMPLES, np.float32))
    assert mixed == alone
