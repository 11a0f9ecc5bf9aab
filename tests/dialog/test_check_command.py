"""`voicebot check`: for people, and for the exit status in a script."""

from pathlib import Path

import pytest

from tests.dialog.conftest import LYSVERKET
from tests.dialog.test_bot_folder import ARTICLE, BOT, write
from voicebot.cli import main


def test_a_good_folder_is_said_to_be_good(capsys: pytest.CaptureFixture[str]):
    assert main(["check", str(LYSVERKET)]) == 0
    assert "no faults" in capsys.readouterr().out


def test_every_fault_is_printed_with_place_and_cure(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    write(tmp_path, BOT.replace("name: Verk", "nam: Verk"), frakt=ARTICLE.replace("## en\nIt comes soon.\n", ""))
    assert main(["check", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "bot.yaml:2: error: bot.yaml: `nam` is not a key here\n    -> did you mean `name`?" in out
    assert "knowledge/frakt.md: error: the article has no answer in en" in out
    assert "3 error(s), 0 warning(s)" in out


def test_warnings_alone_are_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    write(tmp_path, frakt=ARTICLE.replace("It comes soon.", "- It comes soon."))
    assert main(["check", str(tmp_path)]) == 0
    assert "0 error(s), 1 warning(s)" in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["check", str(tmp_path / "nowhere")]) == 1
    assert "does not exist" in capsys.readouterr().out
