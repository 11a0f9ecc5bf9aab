"""`voicebot models` as an operator types it."""

import argparse
import shutil
import wave
from pathlib import Path

import numpy as np
import pytest

from speech.errors import ModelUnavailable
from speech.models import ModelStore
from speech.whisper_tuning import load_verdict
from tests.hub_server import Hub, Status, running_hub
from voicebot.commands import models as command
from voicebot.commands import tune as tuning
from voicebot.commands.tune import labelled

WEIGHTS = b"weights" * 500_000

CATALOGUE = """
models:
  vad-own:
    kind: vad
    licence: ours
    files: {model.onnx: {}}
    sources: [{hub: nordlys/vad}]
"""


def voicebot(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    chosen = parser.parse_args(["models", *arguments])
    return int(chosen.run(chosen))


@pytest.fixture
def place(tmp_path: Path) -> tuple[str, ...]:
    (tmp_path / "catalogue.yaml").write_text(CATALOGUE)
    return ("--folder", str(tmp_path / "models"), "--catalogue", str(tmp_path / "catalogue.yaml"))


def filled(hub: Hub) -> Hub:
    hub.repos["nordlys/vad"] = {"model.onnx": WEIGHTS}
    hub.large.add("model.onnx")
    return hub


def test_list_shows_what_is_there_and_what_norwegian_runs_on(
    place: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert voicebot("list", *place) == 0
    told = capsys.readouterr().out
    assert "whisper-nb-base" in told
    assert "vad-own" in told
    assert "Apache-2.0" in told
    assert (
        "Norwegian runs on multilingual Whisper base, which misses about every second word; fetch whisper-nb-base."
        in told
    )
    assert "Norwegian is spoken by espeak-ng, the voice of last resort; fetch piper-nb-talesyntese." in told
    assert "Ukrainian is spoken by espeak-ng" in told


def test_fetch_list_verify_repair(place: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running_hub() as hub:
        filled(hub)
        place = (*place, "--hub", hub.url)
        assert voicebot("fetch", "vad-own", *place) == 0
        told = capsys.readouterr().err
        assert "vad-own: model.onnx, 4 MB" in told
        assert "vad-own: fetched and verified" in told
        assert voicebot("list", *place) == 0
        row = next(line for line in capsys.readouterr().out.splitlines() if "vad-own" in line)
        assert "4 MB" in row
        assert "verified" in row
        assert voicebot("verify", *place) == 0
        assert "vad-own: sound" in capsys.readouterr().err
        (tmp_path / "models" / "vad-own" / "model.onnx").write_bytes(b"torn")
        assert voicebot("verify", *place) == 1
        assert "vad-own: model.onnx has SHA-256" in capsys.readouterr().err
        assert voicebot("list", *place) == 0
        assert "broken" in capsys.readouterr().out
        assert voicebot("fetch", "vad-own", *place) == 0
        assert voicebot("verify", "vad-own", *place) == 0


def test_a_failed_fetch_says_why_and_ends_in_failure(
    place: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with running_hub() as hub:
        hub.head_faults.append(Status(403))
        assert voicebot("fetch", "vad-own", *place, "--hub", hub.url) == 1
    told = capsys.readouterr().err
    assert "model vad-own cannot be had" in told
    assert "403" in told


def test_a_slip_in_a_name_fetches_nothing(place: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with running_hub() as hub:
        assert voicebot("fetch", "vad-own", "vad-owm", *place, "--hub", hub.url) == 2
        assert hub.asked == []
    assert "no model is called 'vad-owm'" in capsys.readouterr().err


def test_verify_without_models_says_what_to_do(place: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert voicebot("verify", *place) == 1
    assert "run `voicebot models fetch`" in capsys.readouterr().err


def test_verify_names_the_missing(place: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert voicebot("verify", "silero-vad", *place) == 1
    assert "silero-vad: silero_vad.onnx is missing" in capsys.readouterr().err


def test_a_broken_catalogue_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "catalogue.yaml").write_text("models: {x: {kind: piper}}")
    assert voicebot("list", "--catalogue", str(tmp_path / "catalogue.yaml")) == 2
    assert "models.x: a new model needs licence, files, sources" in capsys.readouterr().err


HUB_DEFAULTS = """
models:
  whisper-base: {default: false}
  whisper-tiny-en: {default: false}
  whisper-nb-base: {default: false}
  piper-en-joe: {default: false}
  piper-uk-ukrainian-tts: {default: false}
  silero-vad: {default: false}
  smart-turn: {default: false}
"""


def test_what_only_a_hub_has_is_fetched_when_the_hub_answers_and_done_without_when_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "catalogue.yaml").write_text(HUB_DEFAULTS)
    place = ("--folder", str(tmp_path / "models"), "--catalogue", str(tmp_path / "catalogue.yaml"))
    with running_hub() as hub:
        stem = "no/no_NO/talesyntese/medium/no_NO-talesyntese-medium.onnx"
        hub.repos["rhasspy/piper-voices"] = {stem: WEIGHTS, stem + ".json": b"{}"}
        hub.large.add(stem)
    assert voicebot("fetch", *place, "--hub", hub.url) == 0
    told = capsys.readouterr().err
    assert f"The hub at {hub.url} does not answer; going on without piper-nb-talesyntese." in told
    assert "Norwegian is spoken by espeak-ng" in told
    with running_hub() as again:
        again.repos, again.large = hub.repos, hub.large
        assert voicebot("fetch", *place, "--hub", again.url) == 0
    told = capsys.readouterr().err
    assert "piper-nb-talesyntese: fetched and verified" in told
    assert "Norwegian is spoken by espeak-ng" not in told


@pytest.mark.models
def test_a_whisper_that_cannot_be_prepared_is_there_all_the_same(
    models: ModelStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.json"):
        (tmp_path / name).write_bytes(b"{}")
    voice = models.folder_of("piper-en-joe")
    (tmp_path / "catalogue.yaml").write_text(
        f"models: {{whisper-nb-base: {{sources: [{{folder: {tmp_path}}}]}}, "
        f"piper-en-joe: {{sources: [{{folder: {voice}}}]}}}}"
    )
    place = ("--folder", str(tmp_path / "models"), "--catalogue", str(tmp_path / "catalogue.yaml"))
    assert voicebot("fetch", "whisper-nb-base", *place) == 0
    told = capsys.readouterr().err
    assert "whisper-nb-base: fetched and verified" in told
    assert "whisper-nb-base: preparing it" in told
    # The voice that prepares it was missing, and came along.
    assert voicebot("verify", "piper-en-joe", *place) == 0


def test_tune_without_a_whisper_says_so(place: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert voicebot("tune", *place) == 1
    assert "no Whisper" in capsys.readouterr().err
    assert voicebot("tune", "vad-own", *place) == 2
    assert "vad-own is no Whisper" in capsys.readouterr().err


@pytest.mark.parametrize("labels", [None, "nonsense", '{"text": "hello"}', '{"file": "missing.wav", "text": "hello"}'])
def test_recordings_that_cannot_be_read_are_named(tmp_path: Path, labels: str | None) -> None:
    if labels is not None:
        (tmp_path / "labels.jsonl").write_text(labels)
    with pytest.raises(ModelUnavailable, match="no folder of recordings"):
        list(labelled(tmp_path))


def test_recordings_with_words_are_tried_as_a_telephone_brings_them(tmp_path: Path) -> None:
    tone = (8_000 * np.sin(np.arange(44_100) / 20)).astype(np.int16)
    with wave.open(str(tmp_path / "one.wav"), "wb") as file:
        file.setparams((2, 2, 44_100, 0, "NONE", ""))
        file.writeframes(np.repeat(tone, 2).tobytes())
    (tmp_path / "labels.jsonl").write_text(
        '{"file": "one.wav", "text": "hei", "lang": "nb"}\n{"file": "unmarked.wav", "intent": "order"}\n'
    )
    (sample,) = labelled(tmp_path)
    assert (sample.text, sample.code) == ("hei", "no")
    assert len(sample.samples) == 16_000
    assert sample.seconds == pytest.approx(1.0, abs=0.05)


@pytest.mark.models
def test_tune_leaves_a_verdict_beside_the_model(
    models: ModelStore, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for model_id in ("whisper-tiny-en", "piper-en-joe"):
        shutil.copytree(models.folder_of(model_id), tmp_path / model_id)
    monkeypatch.setattr(tuning, "_SENTENCES", {"en": ("Yes.", "Where is my parcel?")})
    assert voicebot("tune", "--folder", str(tmp_path)) == 0
    told = capsys.readouterr().out
    assert "words right" in told
    assert "whisper-tiny-en: hybrid" in told
    verdict = load_verdict(tmp_path / "whisper-tiny-en")
    assert verdict is not None
    assert sum(band.samples for band in verdict.bands) == 2
