"""`voicebot new` makes a bot that works as it is; `voicebot schema` writes what editors read."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dialog import load_bot
from dialog.schema import SCHEMAS
from voicebot.cli import main
from voicebot.commands.new import COMPANY

ROOT = Path(__file__).parents[2]


@pytest.fixture
def made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A new bot."""
    assert main(["new", str(tmp_path / "badeland"), "--name", "Badeland AS"]) == 0
    assert "voicebot test" in capsys.readouterr().out
    return tmp_path / "badeland"


def test_a_new_bot_has_no_faults_and_owes_nothing(made: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["check", "--strict", str(made)]) == 0, capsys.readouterr().out


def test_a_new_bot_passes_its_own_scripts_and_they_reach_all_of_it(made: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["test", str(made)]) == 0, capsys.readouterr().out
    out = capsys.readouterr().out
    assert "4 of 4 scripts passed" in out
    assert "never" not in out


def test_a_new_bot_has_the_name_of_its_company_and_nothing_of_the_template(made: Path):
    texts = {path.name: path.read_text(encoding="utf-8") for path in made.rglob("*") if path.is_file()}
    assert "Badeland AS" in texts["bot.yaml"]
    assert not [name for name, text in texts.items() if COMPANY in text]


def test_a_bot_that_is_there_is_not_overwritten(made: Path, capsys: pytest.CaptureFixture[str]):
    before = (made / "bot.yaml").read_bytes()
    assert main(["new", str(made)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert (made / "bot.yaml").read_bytes() == before


@pytest.mark.parametrize("name", ["Bø & Sønner: #1, [Oslo]", "no", "it's"])
def test_a_company_may_be_called_what_it_likes(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["new", str(tmp_path / "x"), "--name", name]) == 0
    assert main(["check", "--strict", str(tmp_path / "x")]) == 0, capsys.readouterr().out
    assert load_bot(tmp_path / "x").name == name


@pytest.mark.parametrize("name", ['the "best"', "{name}", " ", "a\nb"])
def test_a_name_that_would_break_the_files_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["new", str(tmp_path / "x"), "--name", name]) == 2
    assert "--name" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_editors_find_the_schema_that_each_file_names(made: Path):
    named = 0
    for path in made.rglob("*.yaml"):
        found = re.match(r"# yaml-language-server: \$schema=(\S+)", path.read_text(encoding="utf-8"))
        assert found, path
        assert json.loads((path.parent / found[1]).read_text(encoding="utf-8"))["$schema"]
        named += 1
    assert named == 5


def test_schemas_are_printed_or_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["schema"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert set(printed) == set(SCHEMAS)
    assert main(["schema", "--write", str(tmp_path / "new" / "schemas")]) == 0
    written = sorted((tmp_path / "new" / "schemas").iterdir())
    assert [path.name for path in written] == sorted(f"{name}.schema.json" for name in SCHEMAS)
    assert json.loads(written[0].read_text(encoding="utf-8")) == printed["article"]


def test_a_reader_that_goes_away_is_no_fault():
    command = [sys.executable, "-m", "voicebot", "schema"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 1
