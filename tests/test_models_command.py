"""`voicebot models` as an operator types it."""

import argparse
from pathlib import Path

import pytest

from speech.models import ModelStore
from tests.hub_server import Hub, Status, running_hub
from voicebot.commands import models as command

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
