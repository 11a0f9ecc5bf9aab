import logging
import shutil
from pathlib import Path

import numpy as np
import pytest

import speech.silence_cache as silence_cache
from speech.errors import ModelUnavailable
from speech.models import ModelStore
from speech.silence_cache import CACHE_FILE, build_silence_cache, keep_silence_cache, load_silence_cache


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.bin").write_bytes(b"weights")
    return tmp_path


def test_states_come_back_and_nothing_else_is_left(folder: Path) -> None:
    states = np.arange(12, dtype=np.float32).reshape(3, 4)
    keep_silence_cache(folder, states)
    assert np.array_equal(load_silence_cache(folder), states)  # type: ignore[arg-type]
    assert sorted(path.name for path in folder.iterdir()) == ["model.bin", CACHE_FILE]


def test_no_cache_is_no_cache(folder: Path) -> None:
    assert load_silence_cache(folder) is None


def test_a_cache_of_another_model_is_not_used(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    keep_silence_cache(folder, np.zeros((3, 4), np.float32))
    (folder / "model.bin").write_bytes(b"other weights")
    with caplog.at_level(logging.WARNING):
        assert load_silence_cache(folder) is None
    assert "another model.bin" in caplog.text


@pytest.mark.parametrize("broken", [b"", b"PK\x03\x04 half a zip", b"nonsense"])
def test_a_broken_cache_is_not_used(folder: Path, broken: bytes, caplog: pytest.LogCaptureFixture) -> None:
    (folder / CACHE_FILE).write_bytes(broken)
    with caplog.at_level(logging.WARNING):
        assert load_silence_cache(folder) is None
    assert "broken" in caplog.text


def test_without_a_voice_it_says_so(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no Piper voice"):
        build_silence_cache(folder, tmp_path)


@pytest.mark.models
def test_a_real_cache_passes_its_own_check(models: ModelStore, tmp_path: Path) -> None:
    whisper = tmp_path / "tiny"
    shutil.copytree(models.folder_of("whisper-tiny-en"), whisper, ignore=shutil.ignore_patterns(CACHE_FILE))
    build_silence_cache(whisper, models.folder_of("piper-en-joe"))
    states = load_silence_cache(whisper)
    assert states is not None
    assert states.shape == (1500, 384)


@pytest.mark.models
def test_states_that_make_the_model_loop_are_refused(
    models: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whisper = tmp_path / "tiny"
    shutil.copytree(models.folder_of("whisper-tiny-en"), whisper, ignore=shutil.ignore_patterns(CACHE_FILE))
    noise = np.random.default_rng(2).normal(0, 3, (1500, 384)).astype(np.float32)
    monkeypatch.setattr(silence_cache, "_average_states", lambda model, recordings: noise)
    with pytest.raises(ModelUnavailable, match="padded"):
        build_silence_cache(whisper, models.folder_of("piper-en-joe"))
    assert not (whisper / CACHE_FILE).exists()
