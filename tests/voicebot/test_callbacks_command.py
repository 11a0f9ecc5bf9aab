"""`voicebot callbacks`, as it is typed: nobody's number without a line that says who looked."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.voicebot.records.talks import NUMBER, Said, Talks, small_bot
from voicebot.cli import main
from voicebot.config import load_config
from voicebot.records.entries import CallbackAsked, new_id
from voicebot.records.schema import access_log
from voicebot.records.stores import opened_stores

ABOUT = "lampen blinker"


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installation of its own, with a callback that is overdue; its id."""
    monkeypatch.setenv("VOICEBOT_RECORDS_FOLDER", str(tmp_path / "records"))
    now = datetime.now(UTC)
    with opened_stores(load_config().records) as stores, stores.database.writing() as connection:
        talks = Talks(connection, stores.vault, small_bot())
        late = now - timedelta(hours=1)
        callback = CallbackAsked(talks.talk(Said("ring meg")), new_id(), NUMBER, ABOUT, "nb", "desk", None, late, now)
        talks.note(callback)
    return callback.callback


def test_it_lists_settles_and_hides(asked: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["callbacks"]) == 1, "something is overdue"
    listed = capsys.readouterr().out
    assert asked in listed and "overdue" in listed
    assert NUMBER not in listed and ABOUT not in listed
    assert main(["callbacks", "--show-numbers", "--reason", "the console is down"]) == 1
    assert NUMBER in (shown := capsys.readouterr().out) and ABOUT in shown
    with opened_stores(load_config().records) as stores, stores.database.reading() as connection:
        lines = connection.execute(select(access_log.c.action, access_log.c.reason)).all()
    assert lines == [("callback.read", "the console is down")]
    assert main(["callbacks", "--settle", asked]) == 0
    assert main(["callbacks", "--settle", asked]) == 2
    assert main(["callbacks"]) == 0
    assert NUMBER not in "".join(capsys.readouterr())
