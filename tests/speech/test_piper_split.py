"""A network cut in two says what it said whole, and one that cannot be cut is left whole."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from speech.models import ModelStore
from speech.piper_graph import NotSplittable, split_graph
from speech.piper_network import PARTS, PIECES, Delivery, SplitNetwork, WholeNetwork
from speech.piper_split import VERDICT_FILE, WORST_ERROR, open_network
from speech.piper_voice import LONGEST_PHONEMES, PiperVoice
from tests.speech.tiny_voice import HOP, RATE_HZ, tiny_voice, tiny_voice_folder

PLAIN = Delivery(0.667, 1.0, 0.8)
IDS = [*range(1, 40)] * 12


@pytest.fixture(scope="module")
def split() -> SplitNetwork:
    return SplitNetwork(tiny_voice(), context_frames=3)


def test_both_parts_together_are_the_whole(split: SplitNetwork) -> None:
    whole = WholeNetwork(tiny_voice()).speak(IDS, PLAIN)
    assert len(whole) == HOP * len(IDS)
    assert np.array_equal(split.decode(split.frames(IDS, PLAIN), PLAIN), whole)


@given(length=st.integers(1, 300), plan=st.lists(st.integers(1, 50), min_size=1, max_size=5))
def test_pieces_joined_are_the_whole(split: SplitNetwork, length: int, plan: Sequence[int]) -> None:
    frames = split.frames(IDS[:length], PLAIN)
    pieces = [*split.decode_in_pieces(frames, PLAIN, plan)]
    whole = split.decode(frames, PLAIN)
    assert all(len(piece) for piece in pieces)
    assert len(pieces[0]) >= HOP * min(plan[0], length)
    assert np.allclose(np.concatenate(pieces), whole, atol=1e-6)


def test_the_first_piece_is_made_before_the_others(split: SplitNetwork) -> None:
    pieces = split.pieces(IDS, PLAIN, PIECES)
    assert len(next(pieces)) == PIECES[0] * HOP
    assert len(next(pieces)) == PIECES[1] * HOP
    assert sum(len(piece) for piece in pieces) == (len(IDS) - PIECES[0] - PIECES[1]) * HOP


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (b"", "no node"),
        (b"not a model", "not an ONNX model"),
        (tiny_voice()[:-300], "not an ONNX model|no node"),
        (tiny_voice(entry="/vocoder/first"), "no node /dec/conv_pre/Conv"),
        (tiny_voice(leak=True), "more than one tensor"),
    ],
)
def test_another_graph_is_not_cut(model: bytes, why: str) -> None:
    with pytest.raises(NotSplittable, match=why):
        split_graph(model)


@given(st.binary(max_size=200))
def test_no_bytes_crash_it(model: bytes) -> None:
    with pytest.raises(NotSplittable):
        split_graph(model)


def opened(folder: Path, voice: str = "v") -> tuple[type, dict[str, object]]:
    """Which kind of network it was, and the verdict kept beside it."""
    network, _ = open_network(folder / "tiny.onnx", voice, RATE_HZ, [IDS[:40], IDS], PLAIN)
    path = folder / VERDICT_FILE
    return type(network), json.loads(path.read_text()) if path.exists() else {}


def test_the_verdict_is_kept_and_used(tmp_path: Path) -> None:
    folder = tiny_voice_folder(tmp_path / "v")
    kind, verdict = opened(folder)
    assert kind is SplitNetwork
    assert verdict["context_frames"] == 12
    assert isinstance(verdict["worst_error"], float)
    assert verdict["worst_error"] < 1e-6
    (folder / VERDICT_FILE).write_text(json.dumps(verdict | {"context_frames": None}))
    assert opened(folder)[0] is WholeNetwork


def test_a_vocoder_that_looks_further_gets_more_context(tmp_path: Path) -> None:
    kind, verdict = opened(tiny_voice_folder(tmp_path / "v", tiny_voice(reach=20)))
    assert kind is SplitNetwork
    assert verdict["context_frames"] == 24


@pytest.mark.parametrize("model", [tiny_voice(reach=90), tiny_voice(leak=True), tiny_voice(entry="other")])
def test_what_does_not_split_stays_whole_and_says_why(tmp_path: Path, model: bytes) -> None:
    with capture_logs() as logs:
        kind, verdict = opened(tiny_voice_folder(tmp_path / "v", model))
    assert kind is WholeNetwork
    assert verdict["context_frames"] is None
    (entry,) = logs
    assert entry["event"] == "voice_not_streamed"


@pytest.mark.parametrize("kept", ["", "{}", "[]", '{"voice": "v"}', "null"])
def test_a_broken_verdict_is_made_anew(tmp_path: Path, kept: str) -> None:
    folder = tiny_voice_folder(tmp_path / "v")
    (folder / VERDICT_FILE).write_text(kept)
    with capture_logs():
        assert opened(folder)[0] is SplitNetwork
    assert json.loads((folder / VERDICT_FILE).read_text())["voice"] == "v"


@pytest.mark.parametrize("wrong", [{"gain": 0}, {"gain": "loud"}, {"context_frames": 5}, {"runtime": "0.1"}])
def test_a_verdict_of_another_time_does_not_count(tmp_path: Path, wrong: dict[str, object]) -> None:
    folder = tiny_voice_folder(tmp_path / "v")
    _, verdict = opened(folder)
    (folder / VERDICT_FILE).write_text(json.dumps(verdict | wrong))
    assert opened(folder) == (SplitNetwork, verdict)


def test_another_voice_needs_its_own_verdict(tmp_path: Path) -> None:
    folder = tiny_voice_folder(tmp_path / "v")
    opened(folder, "first")
    assert opened(folder, "second")[1]["voice"] == "second"


def test_a_voice_streams_what_it_synthesises(tmp_path: Path) -> None:
    voice = PiperVoice(tiny_voice_folder(tmp_path / "v"), "tiny")
    assert voice.gain is not None
    sentence = "You can return what you bought within thirty days. Is that all?"
    pieces = [*voice.pieces(sentence, slower=False)]
    assert len(pieces) > 2
    assert np.allclose(np.concatenate(pieces), voice.synthesize(sentence, slower=False), atol=1e-6)


@pytest.mark.models
def test_a_real_voice_splits_at_every_join(models: ModelStore) -> None:
    folder = models.folder_of("piper-en-joe")
    voice = PiperVoice(folder, "piper-en-joe")
    (ids,) = voice.phoneme_ids("Our office is open from nine to four on weekdays, and it is closed on public holidays.")
    model = next(folder.glob("*.onnx")).read_bytes()
    split, whole = SplitNetwork(model), WholeNetwork(model)
    steady = Delivery(0.0, 1.0, 0.0)
    expected = whole.speak(ids, steady)
    for plan in (PIECES, PARTS, (24,)):
        joined = np.concatenate([*split.pieces(ids, steady, plan)])
        assert np.abs(joined - expected).max() < WORST_ERROR / 10


def test_an_endless_sentence_is_said_in_stretches(tmp_path: Path) -> None:
    voice = PiperVoice(tiny_voice_folder(tmp_path / "v"), "tiny")
    for endless in ("and so it goes on and on " * 80, "one, two, " * 200, "a" * 2_000):
        stretches = [*voice.phoneme_ids(endless)]
        assert all(len(ids) < 3 * LONGEST_PHONEMES for ids in stretches)
        assert len(stretches) > 1
