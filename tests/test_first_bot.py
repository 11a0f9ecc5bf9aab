"""What docs/first-bot.md tells a newcomer to write is a bot without a fault."""

import re
from datetime import date
from pathlib import Path

import pytest

from dialog.bot import Bot
from dialog.folder import check_bot, load_bot
from voicebot.cli import main

PAGE = Path(__file__).parent.parent / "docs" / "first-bot.md"
FILE = re.compile(r"`bots/mybot/([\w./-]+)`[^`]*```\w+\n(.*?)```", re.DOTALL)
WRITTEN_ON = date(2026, 11, 23)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The bot of the page, written as it says."""
    for name, text in FILE.findall(PAGE.read_text(encoding="utf-8")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_page_shows_a_whole_bot(folder: Path):
    bot: Bot = load_bot(folder, WRITTEN_ON)
    assert check_bot(folder, WRITTEN_ON) == ()
    assert [article.id for article in bot.articles] == ["open", "tickets"]


def test_the_conversation_of_the_page_passes(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["test", str(folder)]) == 0, capsys.readouterr().out


def test_every_mark_in_the_table_is_one_that_can_be_spoken(folder: Path):
    marks = re.findall(r"\{(\S+?)\\\|(\w+)\}", PAGE.read_text(encoding="utf-8"))
    assert len(marks) >= 7
    article = folder / "knowledge" / "open.md"
    answer = " ".join(f"{{{value}|{kind}}}" for value, kind in marks)
    article.write_text(article.read_text(encoding="utf-8") + answer + ".\n", encoding="utf-8")
    assert [fault for fault in check_bot(folder, WRITTEN_ON) if not fault.warning] == []
