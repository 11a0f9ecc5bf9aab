"""`voicebot chat` shows what decided, does what the bot does, and leaves a record that `voicebot explain` tells."""

import io
import json
from pathlib import Path

import pytest

import voicebot
from voicebot.cli import main

TEMPLATE = Path(voicebot.__file__).parent / "template"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> object:
    """Something to be typed."""
    return lambda *lines: monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_the_decision_stands_beside_the_answer_and_actions_are_done(typed, capsys: pytest.CaptureFixture[str]):
    typed("Hvor fort leverer dere?", "Hvor er pakken min?", "/402714#", "/0", "too late")
    assert main(["chat", str(TEMPLATE), "--at", "2026-11-24T10:00"]) == 0
    out = capsys.readouterr().out
    assert "answer · delivery 1.00 · nb" in out
    assert "-> does find_order(order=402714)\n  <- status=packed\n" in out
    assert out.endswith("-> passed on to kundeservice (key_0)\n")


def test_it_can_be_tried_how_the_bot_answers_when_nobody_is_there(typed, capsys: pytest.CaptureFixture[str]):
    typed("/0")
    assert main(["chat", str(TEMPLATE), "--at", "2026-11-24T22:00"]) == 0
    assert "passed on" not in capsys.readouterr().out


def test_a_recorded_chat_can_be_explained(typed, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    typed("How fast do you deliver?")
    record = tmp_path / "record.jsonl"
    assert main(["chat", str(TEMPLATE), "--language", "en", "--record", str(record), "--why"]) == 0
    assert [json.loads(line)["rule"] for line in record.read_text(encoding="utf-8").splitlines()] == [
        "greeting",
        "answer",
    ]
    capsys.readouterr()
    assert main(["explain", str(record), "--language", "en"]) == 0
    out = capsys.readouterr().out
    assert "How fast do you deliver?" in out
    assert "delivery" in out


@pytest.mark.parametrize("text", ["{}", "no json", '{"record": 99}', "\xff"])
def test_what_is_no_record_is_refused_with_its_line(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "record.jsonl").write_bytes(text.encode("latin-1"))
    assert main(["explain", str(tmp_path / "record.jsonl")]) == 2
    err = capsys.readouterr().err
    assert "line 1" in err or "UTF-8" in err


def test_files_that_cannot_be_opened_are_told(typed, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["explain", str(tmp_path / "nothing")]) == 2
    typed("Hei")
    assert main(["chat", str(TEMPLATE), "--record", str(tmp_path / "no" / "folder")]) == 2
    assert "No such file" in capsys.readouterr().err
