"""`voicebot redact`, as a privacy officer tries it."""

import io
import json

import pytest

from tests.dialog.redaction.test_records import record
from voicebot.cli import main


def test_a_text_comes_out_line_by_line_without_what_is_personal(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("Ring 92 24 37 11\n\nордер 402713\n"))
    assert main(["redact"]) == 0
    told = capsys.readouterr()
    assert told.out == "Ring [telefonnummer]\n\nордер 402713\n"
    assert told.err == "found: phone 1\n"


def test_a_file_is_read_in_its_language(tmp_path, capsys):
    file = tmp_path / "call.txt"
    file.write_text("my name is Emma Jones", encoding="utf-8")
    assert main(["redact", str(file), "--language", "en"]) == 0
    assert capsys.readouterr().out == "my name is [name]\n"


@pytest.mark.parametrize(("option", "words"), [("--records", "ring [telefonnummer]"), ("--facts", "")])
def test_decision_records_come_out_as_they_are_kept(tmp_path, capsys, option, words):
    file = tmp_path / "records.jsonl"
    file.write_text(json.dumps(record("ring 92243711")) + "\n", encoding="utf-8")
    assert main(["redact", str(file), option]) == 0
    assert json.loads(capsys.readouterr().out)["heard"]["words"] == words


@pytest.mark.parametrize(
    ("content", "option", "said"),
    [(b"\xff\xfe", "--language=nb", "is not UTF-8"), (b"{}", "--records", "line 1: this is no decision record")],
)
def test_what_cannot_be_read_is_named(tmp_path, capsys, content, option, said):
    file = tmp_path / "x"
    file.write_bytes(content)
    assert main(["redact", str(file), option]) == 2
    assert f"{file}: {said}" in capsys.readouterr().err
