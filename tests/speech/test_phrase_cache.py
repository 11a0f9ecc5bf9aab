"""Phrases kept: what comes back is what went in, or nothing."""

import os
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from speech.audio import AudioChunk
from speech.phrase_cache import PhraseFolder, PhraseKey, PhraseMemory

KEY = PhraseKey("voice-1", "hei på deg", False)


def chunk(samples: int = 100, rate_hz: int = 22_050, value: int = 7) -> AudioChunk:
    return AudioChunk(np.full(samples, value, np.int16), rate_hz)


def the_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_a_phrase_comes_back_as_it_was(tmp_path: Path) -> None:
    PhraseFolder(tmp_path / "new", 10**6).write(KEY, chunk())
    found = PhraseFolder(tmp_path / "new", 10**6).read(KEY)
    assert found is not None
    assert found.rate_hz == 22_050
    assert np.array_equal(found.pcm, chunk().pcm)
    assert found.pcm.dtype == np.int16


def test_the_file_does_not_tell_the_words(tmp_path: Path) -> None:
    PhraseFolder(tmp_path, 10**6).write(KEY, chunk())
    assert "hei" not in the_file(tmp_path).name
    assert b"hei" not in the_file(tmp_path).read_bytes()


@pytest.mark.parametrize(
    "other",
    [
        PhraseKey("voice-2", "hei på deg", False),
        PhraseKey("voice-1", "hei på dere", False),
        PhraseKey("voice-1", "hei på deg", True),
    ],
)
def test_another_voice_text_or_pace_is_a_miss(tmp_path: Path, other: PhraseKey) -> None:
    folder = PhraseFolder(tmp_path, 10**6)
    folder.write(KEY, chunk())
    assert folder.read(other) is None


@given(st.data())
def test_a_file_damaged_anywhere_is_a_miss_and_goes(tmp_path_factory: pytest.TempPathFactory, data) -> None:
    path = tmp_path_factory.mktemp("cache")
    folder = PhraseFolder(path, 10**6)
    folder.write(KEY, chunk())
    content = bytearray(the_file(path).read_bytes())
    where = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content = content[:where]
    else:
        content[where] ^= data.draw(st.integers(1, 255))
    the_file(path).write_bytes(content)
    with capture_logs() as logs:
        assert folder.read(KEY) is None
    assert [entry["event"] for entry in logs] == ["phrase_cache_file_broken"]
    assert list(path.iterdir()) == []


def test_the_least_recently_used_files_make_room(tmp_path: Path) -> None:
    folder = PhraseFolder(tmp_path, limit_bytes=2_500)  # room for ten phrases of 244 bytes
    keys = [PhraseKey("v", f"phrase {number}", False) for number in range(30)]
    for age, key in enumerate(keys[:10]):
        folder.write(key, chunk())
        os.utime(tmp_path / key.file_name, (age, age))
    assert folder.read(keys[0]) is not None  # used just now: stays
    folder.write(keys[10], chunk())
    held = {path.name for path in tmp_path.iterdir()}
    assert keys[0].file_name in held
    assert keys[1].file_name not in held
    for key in keys[11:]:
        folder.write(key, chunk())
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2_500


def test_half_written_files_of_a_killed_process_go_after_an_hour(tmp_path: Path) -> None:
    (tmp_path / ".old.part").write_bytes(b"x")
    os.utime(tmp_path / ".old.part", (0, 0))
    (tmp_path / ".new.part").write_bytes(b"x")
    PhraseFolder(tmp_path, 10**6).write(KEY, chunk())
    assert not (tmp_path / ".old.part").exists()
    assert (tmp_path / ".new.part").exists()


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    folder = PhraseFolder(in_the_way, 10**6)
    with capture_logs() as logs:
        folder.write(KEY, chunk())
        folder.write(KEY, chunk())
    assert folder.read(KEY) is None
    assert [entry["event"] for entry in logs] == ["phrase_cache_unusable"]


def _write_and_read(folder: str, process: int) -> bool:
    """In another process: fill a small folder that a second process fills too."""
    phrases = PhraseFolder(Path(folder), limit_bytes=5_000)
    for number in range(200):
        key = PhraseKey("v", f"phrase {number % 40}", False)
        found = phrases.read(key)
        if found is not None and not (found.pcm == number % 40).all():
            return False
        phrases.write(key, chunk(value=number % 40))
    return True


def test_two_processes_share_a_folder(tmp_path: Path) -> None:
    with get_context("spawn").Pool(2) as pool:
        assert pool.starmap(_write_and_read, [(str(tmp_path), 1), (str(tmp_path), 2)]) == [True, True]
    assert list(tmp_path.glob(".*.part")) == []


def test_memory_lets_go_of_the_oldest() -> None:
    memory = PhraseMemory(limit_bytes=450)  # two phrases of 200 bytes
    keys = [PhraseKey("v", text, False) for text in "abc"]
    for key in keys[:2]:
        memory.put(key, chunk())
    assert memory.get(keys[0], 22_050) is not None
    memory.put(keys[2], chunk())
    assert memory.get(keys[1], 22_050) is None
    assert memory.get(keys[0], 22_050) is not None
    assert memory.get(keys[0], 8_000) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 300))))
def test_memory_never_holds_more_than_its_limit(puts: list[tuple[int, int]]) -> None:
    memory = PhraseMemory(limit_bytes=1_000)
    for name, samples in puts:
        memory.put(PhraseKey("v", str(name), False), chunk(samples))
    held = [memory.get(PhraseKey("v", str(name), False), 22_050) for name in range(10)]
    assert sum(found.pcm.nbytes for found in held if found) <= 1_000
