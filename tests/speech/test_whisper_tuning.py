import json
import logging
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.whisper_tuning import (
    VERDICT_FILE,
    Trial,
    Verdict,
    judge_trials,
    keep_verdict,
    load_verdict,
    speech_seconds,
    words_of,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.bin").write_bytes(b"weights")
    return tmp_path


def trials(seconds: float, hybrid: int, padded: int, n: int = 30, loops: int = 0) -> list[Trial]:
    return [Trial(seconds, 3, (hybrid, padded), (loops, 0), (100.0, 600.0))] * n


def test_as_good_is_hybrid() -> None:
    verdict = judge_trials(trials(0.5, 1, 1) + trials(3.0, 0, 0), "2026-01-01")
    assert (verdict.rule, verdict.padded_below_seconds) == ("hybrid", 0.0)
    assert verdict.bands[0].times_faster == 6.0
    assert verdict.bands[0].right == (60, 60)


def test_worse_on_single_words_is_padded_below_that_length() -> None:
    verdict = judge_trials(trials(0.5, 2, 1) + trials(0.8, 0, 0) + trials(3.0, 0, 0), "2026-01-01")
    assert (verdict.rule, verdict.padded_below_seconds) == ("hybrid", 0.7)


def test_worse_on_sentences_or_looping_is_padded() -> None:
    assert judge_trials(trials(3.0, 2, 0), "2026-01-01").rule == "padded"
    assert judge_trials(trials(0.8, 1, 1, loops=1), "2026-01-01").rule == "padded"


def test_one_bad_clip_proves_nothing_and_no_clip_neither() -> None:
    one_bad = trials(3.0, 40, 0, n=1) + trials(3.0, 0, 0, n=20)
    assert judge_trials(one_bad, "2026-01-01").rule == "hybrid"
    assert judge_trials([], "2026-01-01").rule == "hybrid"


@given(
    st.lists(
        st.builds(
            Trial,
            st.floats(0, 29),
            st.integers(0, 9),
            st.tuples(st.integers(0, 9), st.integers(0, 9)),
            st.tuples(st.integers(0, 1), st.integers(0, 1)),
            st.tuples(st.floats(1, 1e4), st.floats(1, 1e4)),
        ),
        max_size=20,
    )
)
def test_every_verdict_survives_being_kept(found: list[Trial]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.bin").write_bytes(b"weights")
        verdict = judge_trials(found, "2026-01-01")
        keep_verdict(folder, verdict)
        assert load_verdict(folder) == verdict


def test_no_verdict_is_none(folder: Path) -> None:
    assert load_verdict(folder) is None


def test_a_verdict_on_another_model_is_not_used(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    keep_verdict(folder, Verdict("padded", 0.0, "2026-01-01"))
    (folder / "model.bin").write_bytes(b"other weights")
    with caplog.at_level(logging.WARNING):
        assert load_verdict(folder) is None
    assert "another model.bin" in caplog.text


@pytest.mark.parametrize("broken", ["", "[]", "{}", '{"size_bytes": 7}', "\x00"])
def test_a_broken_verdict_is_not_used(folder: Path, broken: str, caplog: pytest.LogCaptureFixture) -> None:
    (folder / VERDICT_FILE).write_text(broken)
    with caplog.at_level(logging.WARNING):
        assert load_verdict(folder) is None
    assert "broken" in caplog.text


def test_a_rule_nobody_knows_is_broken(folder: Path) -> None:
    keep_verdict(folder, Verdict("hybrid", 0.7, "2026-01-01"))
    kept = json.loads((folder / VERDICT_FILE).read_text())
    (folder / VERDICT_FILE).write_text(json.dumps(kept | {"rule": "fast"}))
    assert load_verdict(folder) is None


def test_words_and_length_of_a_recording() -> None:
    assert words_of("It's 42.", "en") == ["its", "four", "two"]
    assert words_of("Sju 1", "no") == ["sju", "en"]
    tone = np.concatenate([np.zeros(8_000), np.full(16_000, 0.1), np.zeros(8_000)]).astype(np.float32)
    assert speech_seconds(tone) == 1.0
    assert speech_seconds(np.zeros(0, np.float32)) == 0.0
