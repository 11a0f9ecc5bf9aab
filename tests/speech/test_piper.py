"""Piper with a real voice, and what happens with files that are none."""

from pathlib import Path

import numpy as np
import pytest

from speech.errors import ModelUnavailable
from speech.espeak_voice import EspeakVoice
from speech.models import ModelStore
from speech.mouth import Mouth, MouthSettings
from speech.piper_voice import PiperVoice


@pytest.fixture(scope="module")
def joe(models: ModelStore) -> PiperVoice:
    return PiperVoice(models.folder_of("piper-en-joe"), "piper-en-joe")


@pytest.mark.models
def test_a_sentence_becomes_speech(joe: PiperVoice) -> None:
    samples = joe.synthesize("Hello, you have reached Nordlys.", slower=False)
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert 1.0 < len(samples) / joe.rate_hz < 4.0
    assert 0.1 < np.abs(samples).max() <= 1.0


@pytest.mark.models
def test_slower_is_slower(joe: PiperVoice) -> None:
    text = "You can return the parcel within thirty days."
    plain, slow = (len(joe.synthesize(text, slower=slower)) for slower in (False, True))
    assert slow > 1.1 * plain


@pytest.mark.models
@pytest.mark.parametrize("odd", ["", "...", "[[h@loU]]", "Привіт", "\0", "x" * 500])
def test_odd_text_is_no_fault(joe: PiperVoice, odd: str) -> None:
    joe.synthesize(odd, slower=False)


@pytest.mark.models
def test_piper_and_espeak_speak_in_turn(joe: PiperVoice) -> None:
    espeak = EspeakVoice("nb")
    alone = len(espeak.synthesize("Hei, du har kommet til Nordlys.", False))
    for _ in range(3):
        assert len(joe.synthesize("Hello there.", False)) > 5_000
        assert len(espeak.synthesize("Hei, du har kommet til Nordlys.", False)) == pytest.approx(alone, rel=0.02)


@pytest.mark.models
async def test_the_mouth_with_a_real_voice(models: ModelStore, tmp_path: Path) -> None:
    mouth = Mouth(models, MouthSettings(cache_folder=tmp_path))
    await mouth.start(["en"])
    try:
        assert not mouth.voice_of("en").last_resort
        first, wide = [await mouth.say("It costs {499|nok}.", "en", rate_hz=rate) for rate in (8_000, 16_000)]
        assert 1.0 < first.duration_seconds < 4.0
        assert (first.rate_hz, wide.rate_hz) == (8_000, 16_000)
        loudness = 20 * np.log10(np.sqrt(np.mean(np.square(first.pcm / 32_768.0))))
        assert -26 < loudness < -18
    finally:
        await mouth.close()


def test_a_folder_without_a_voice_names_the_cure(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="voicebot models fetch piper-en-joe"):
        PiperVoice(tmp_path, "piper-en-joe")


@pytest.mark.parametrize("config", [None, "{}", "not json"])
def test_broken_files_name_the_cure(tmp_path: Path, config: str | None) -> None:
    (tmp_path / "x.onnx").write_bytes(b"not a model")
    if config is not None:
        (tmp_path / "x.onnx.json").write_text(config)
    with pytest.raises(ModelUnavailable, match="voicebot models fetch x"):
        PiperVoice(tmp_path, "x")
