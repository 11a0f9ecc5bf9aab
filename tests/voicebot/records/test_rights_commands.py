"""The privacy officer's commands, as they are typed: what they print, how they end, and what they never print."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from tests.voicebot.records.kept_calls import keep_call
from voicebot.cli import main
from voicebot.config import load_config
from voicebot.records.numbers import read_number
from voicebot.records.stores import opened_stores

KARI, OLA = "+4792243711", "+4740011222"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of its own, with two callers."""
    monkeypatch.setenv("VOICEBOT_RECORDS_FOLDER", str(tmp_path / "records"))
    monkeypatch.setenv("VOICEBOT_KEY_BACKUP", str(tmp_path / "keys"))
    with opened_stores(load_config().records) as stores, stores.database.writing() as connection:
        for number in (KARI, OLA):
            keep_call(connection, stores.vault, number, f"said by {number}")
    return tmp_path


def test_export_erase_backup_and_restore_as_they_are_typed(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    backup, answer = str(folder / "backup"), folder / "answer.zip"
    assert main(["backup", backup]) == 0
    assert main(["export", "922 43 711", "--to", str(answer), "--language", "en"]) == 0
    with zipfile.ZipFile(answer) as archive:
        data = json.loads(archive.read("data.json"))
        assert "What we keep about you" in archive.read("readable.md").decode()
    assert answer.stat().st_mode & 0o077 == 0
    assert data["tables"]["turns"][0]["record"] == f"said by {KARI}" and OLA not in json.dumps(data)
    assert main(["export", "92243711", "--to", str(answer)]) == 2, "an answer is not written over"

    monkeypatch.setattr("sys.stdin", io.StringIO("92 24 37 11\n"))
    assert main(["erase", "-"]) == 2, "nobody can be asked"
    monkeypatch.setattr("sys.stdin", io.StringIO("92 24 37 11\n"))
    assert main(["erase", "-", "--yes", "--reason", f"asked for it, call {OLA}"]) == 0
    assert "Alt er slettet." in capsys.readouterr().out
    assert main(["restore", backup]) == 2, "the store is not empty"
    assert main(["restore", backup, "--check"]) == 0
    assert "1 of them dark" in capsys.readouterr().out
    assert main(["restore", backup, "--replace"]) == 0
    assert main(["export", KARI, "--to", str(folder / "after")]) == 0
    assert json.loads((folder / "after" / "data.json").read_text())["tables"] == {}

    assert main(["keys", "rotate", "--new"]) == 0
    assert main(["keys", "check"]) == 0
    assert main(["audit", "verify"]) == 0
    assert main(["audit", "show"]) == 0
    printed = capsys.readouterr()
    assert not [number for number in (KARI[3:], OLA[3:]) if number in printed.out + printed.err]
    with opened_stores(load_config().records) as stores, stores.database.reading() as connection:
        assert OLA not in str(list(connection.exec_driver_sql("SELECT reason FROM access_log")))


def test_forgetting_needs_a_bot_and_says_what_would_go(folder: Path, capsys: pytest.CaptureFixture[str]):
    bot = str(Path(__file__).parents[2] / "dialog" / "bots" / "lysverket")
    assert main(["forget", bot, "--dry-run"]) == 0
    assert "would go" in capsys.readouterr().out
    assert main(["forget", bot]) == 0
    assert "2 conversations of nordlys" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("92243711", KARI), ("922 43 711", KARI), ("+47 92 24 37 11", KARI), ("004792243711", KARI),
        ("+47-922.43.711", KARI), ("+44 20 7946 0201", "+442079460201"),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(typed: str, number: str):
    assert read_number(typed) == number


@pytest.mark.parametrize("typed", ["", "9224371", "02800", "Kari", "+0123456789", "+4792243711 eller 40011222"])
def test_what_is_no_number_is_refused_without_repeating_it(typed: str):
    with pytest.raises(ValueError, match="eight Norwegian digits") as refused:
        read_number(typed)
    assert not typed or typed not in str(refused.value)
