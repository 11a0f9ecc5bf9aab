"""`voicebot check`: for people, for editors and build servers, and for the exit status in a script."""

import json
from pathlib import Path

import pytest

from tests.dialog.test_bot_folder import ARTICLE, BOT, write
from voicebot.cli import main

SCRIPT = "- name: Where is it?\n  turns:\n  - caller: Når kommer pakken?\n    bot: {article: frakt}\n"


def whole(folder: Path, bot: str = BOT, article: str = ARTICLE, script: str = SCRIPT) -> Path:
    """A bot folder with one article and one script."""
    (folder / "tests").mkdir(parents=True)
    (folder / "tests" / "parcel.yaml").write_text(script, encoding="utf-8")
    return write(folder, bot, frakt=article)


def test_a_good_folder_is_said_to_be_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["check", "--strict", str(whole(tmp_path))]) == 0
    assert "no faults" in capsys.readouterr().out


def test_every_fault_is_printed_with_place_and_cure(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    whole(tmp_path, BOT.replace("name: Verk", "nam: Verk"), ARTICLE.replace("## en\nIt comes soon.\n", ""))
    assert main(["check", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "bot.yaml:2: error: bot.yaml: `nam` is not a key here\n    -> did you mean `name`?" in out
    assert "knowledge/frakt.md: error: the article has no answer in en" in out
    assert "3 error(s), 0 warning(s)" in out


def test_faults_of_scripts_are_told_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    whole(tmp_path, script=SCRIPT.replace("frakt", "frkat"))
    assert main(["check", str(tmp_path)]) == 1
    assert "tests/parcel.yaml:4: error: article: there is no frkat\n    -> did you mean `frakt`?" in (
        capsys.readouterr().out
    )


def test_warnings_fail_only_when_strict(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    whole(tmp_path, article=ARTICLE.replace("It comes soon.", "- It comes soon."))
    assert main(["check", str(tmp_path)]) == 0
    assert "0 error(s), 1 warning(s)" in capsys.readouterr().out
    assert main(["check", "--strict", str(tmp_path)]) == 1


def test_a_machine_reads_the_same_faults(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    whole(tmp_path, article=ARTICLE.replace("It comes soon.", "- It comes soon."))
    assert main(["check", "--json", str(tmp_path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["errors"], found["warnings"]) == (0, 1)
    assert found["faults"][0] | {"what": "", "cure": ""} == {
        "file": "knowledge/frakt.md",
        "line": 9,
        "what": "",
        "cure": "",
        "warning": True,
    }


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["check", str(tmp_path / "nowhere")]) == 1
    assert "does not exist" in capsys.readouterr().out
