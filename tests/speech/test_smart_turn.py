import logging
from pathlib import Path

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor
from hypothesis import given, settings
from hypothesis import strategies as st

from speech.audio import Samples
from speech.errors import ModelUnavailable
from speech.models import ModelStore
from speech.smart_turn import SmartTurn
from speech.turn_features import turn_features

EIGHT_SECONDS = 128_000


def noise(length: int, seed: int = 1) -> Samples:
    """Changing loudness, and an offset."""
    rng = np.random.default_rng(seed)
    envelope = np.repeat(rng.uniform(0.001, 0.3, length // 800 + 1), 800)[:length]
    return np.asarray(rng.normal(0, 1, length) * envelope + 0.01, np.float32)


def reference(samples: Samples) -> np.ndarray:
    """All frames computed, by faster-whisper's extractor."""
    whole = np.pad(samples[-EIGHT_SECONDS:], (max(0, EIGHT_SECONDS - len(samples)), 0)).astype(np.float64)
    normal = (whole - whole.mean()) / np.sqrt(whole.var() + 1e-7)
    return np.asarray(FeatureExtractor(feature_size=80, chunk_length=8)(normal.astype(np.float32), padding=0))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 150_000) | st.integers(1, 700) | st.integers(EIGHT_SECONDS - 700, EIGHT_SECONDS + 700))
def test_the_features_are_those_of_whisper(length: int) -> None:
    samples = noise(length)
    assert turn_features(samples) == pytest.approx(reference(samples), abs=1e-4)


def test_nothing_heard_has_features_too() -> None:
    features = turn_features(np.zeros(0, np.float32))
    assert features.shape == (80, 800)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


def test_without_the_file_turns_end_without_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert SmartTurn.open(ModelStore(tmp_path)) is None
    assert len(caplog.records) == 1


def test_another_file_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "smart-turn-v3.2-cpu.onnx"
    broken.write_bytes(b"not a model")
    with pytest.raises(ModelUnavailable, match="fetch it again"):
        SmartTurn(broken)


@pytest.mark.models
def test_another_model_is_refused(models: ModelStore) -> None:
    with pytest.raises(ModelUnavailable, match="not smart-turn"):
        SmartTurn(models.folder_of("silero-vad") / "silero_vad.onnx")


@pytest.mark.models
def test_a_whole_sentence_sounds_more_finished_than_its_beginning(models: ModelStore) -> None:
    from piper import PiperVoice, SynthesisConfig

    from speech.resampling import resample

    smart_turn = SmartTurn.open(models)
    assert smart_turn is not None
    voice = PiperVoice.load(next(models.folder_of("piper-en-joe").glob("*.onnx")))
    always_the_same = SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0)
    spoken = [
        resample(np.asarray(chunk.audio_float_array, np.float32), chunk.sample_rate, 16_000)
        for chunk in voice.synthesize("I would like to know where my parcel is.", always_the_same)
    ]
    sentence = np.concatenate(spoken)
    quiet = np.zeros(3_200, np.float32)
    whole = smart_turn.probability(np.concatenate([sentence, quiet]))
    begun = smart_turn.probability(np.concatenate([sentence[: len(sentence) // 2], quiet]))
    assert 0.0 <= begun < whole <= 1.0
    assert whole > 0.5
    assert smart_turn.running == 0
