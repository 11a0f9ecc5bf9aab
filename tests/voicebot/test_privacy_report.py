"""The papers say what is so, ask for what is missing, and hold nothing of a caller."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialog import Bot, load_bot
from dialog.records_rules import RecordsRules
from speech.models import ModelStore
from tests.dialog.conftest import LYSVERKET, TODAY
from tests.dialog.test_consent import OPPTAKET
from tests.voicebot.records.talks import with_people
from voicebot.cli import main
from voicebot.config import Config, TwilioConfig, load_config
from voicebot.privacy.facts import Facts, StoreFacts, facts
from voicebot.privacy.papers import LANGUAGES, PAPERS, paper
from voicebot.records.access_log import note
from voicebot.records.entries import ConversationBegan, new_id
from voicebot.records.schema import forget_runs
from voicebot.records.stores import Stores, opened_stores
from voicebot.records.writing import write

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
SECRETS = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "thirtytwohexdigitsofasecrettoken",
    "PUBLIC_URL": "https://bot.example",
}


def configured(folder: Path, **more: str) -> Config:
    """A configuration with its records in a folder."""
    places = {"VOICEBOT_RECORDS_FOLDER": str(folder), "VOICEBOT_MODELS_FOLDER": str(folder / "models")}
    return load_config(None, {**places, **more})


def found(bot: Bot, config: Config, stores: Stores | None = None) -> Facts:
    """The facts of an installation without models."""
    return facts(bot, config, ModelStore(config.models.folder), stores, NOW)


def recording_bot() -> Bot:
    """A bot that says everything about itself, and records calls."""
    return load_bot(OPPTAKET, TODAY)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PAPERS)
@pytest.mark.parametrize("keep", ["redacted", "facts", "nothing"])
@pytest.mark.parametrize("whole", [True, False])
def test_every_paper_can_be_written_in_every_situation(
    tmp_path: Path, language: str, kind: str, keep: str, whole: bool
):
    bot = with_people(recording_bot()) if whole else replace(load_bot(LYSVERKET, TODAY), records=RecordsRules())
    bot = replace(bot, records=replace(bot.records, keep=keep))
    config = configured(tmp_path, **SECRETS) if whole else configured(tmp_path)
    known = replace(
        found(bot, config), store=StoreFacts(3, NOW, NOW, {"callers": 2}, None, 7, False) if whole else None
    )
    text = paper(known, kind, language)
    assert "{{" not in text
    assert "{%" not in text
    assert bot.name in text
    assert all(secret not in text for secret in SECRETS.values() if not secret.startswith("https"))


@pytest.mark.parametrize("keep", ["redacted", "facts", "nothing"])
def test_who_takes_over_and_what_they_leave_is_told_where_there_are_such_people(tmp_path: Path, keep: str):
    alone = recording_bot()
    alone = replace(alone, records=replace(alone.records, keep=keep))
    told = paper(found(with_people(alone), configured(tmp_path)), "record", "en")
    assert "before they talk with the caller they are told" in told
    assert ("a note by whoever took it" in told) == (keep == "redacted")
    assert ("whoever takes over may see them" in told) == (keep != "nothing")
    assert ("Number and words are removed when it is done" in told) == (keep != "redacted")
    assert ("A mark from 1 to 5" in told) == (keep != "nothing")
    assert "Employees are measured" in paper(found(with_people(alone), configured(tmp_path)), "dpia", "en")
    untold = paper(found(alone, configured(tmp_path)), "record", "en")
    for words in ("take over", "Callbacks and messages:", "A mark from"):
        assert words not in untold


def test_what_is_missing_is_asked_for_with_the_place_to_write_it(tmp_path: Path):
    bare = found(replace(load_bot(LYSVERKET, TODAY), records=RecordsRules()), configured(tmp_path, **SECRETS))
    text = paper(bare, "record", "en")
    for key in ("records: controller", "records: contact", "records: purpose", "records: basis", "TWILIO_REGION=ie1"):
        assert key in text
    complete = configured(
        tmp_path, TWILIO_REGION="ie1", TWILIO_EDGE="dublin", VOICEBOT_KEY_BACKUP=str(tmp_path), **SECRETS
    )
    assert found(recording_bot(), complete).missing == ()
    assert "What is missing" not in paper(found(recording_bot(), complete), "record", "en")


def test_the_record_tells_the_rules_of_this_bot(tmp_path: Path):
    text = paper(found(recording_bot(), configured(tmp_path)), "record", "en")
    assert "| Conversations (text without names, numbers and addresses) | 60 |" in text
    assert "| Recorded sound | 14 |" in text
    assert "wording version 3" in text
    assert "Opptaket AS" in text
    silent = paper(found(load_bot(LYSVERKET, TODAY), configured(tmp_path)), "record", "en")
    assert "Sound is never kept." in silent


def test_who_else_sees_something_is_named(tmp_path: Path):
    alone = paper(found(recording_bot(), configured(tmp_path)), "record", "en")
    assert "| None | | |" in alone
    config = configured(tmp_path, **SECRETS)
    assert isinstance(config.twilio, TwilioConfig)
    carried = paper(
        found(recording_bot(), replace(config, twilio=replace(config.twilio, region="ie1"))), "record", "en"
    )
    assert "| Twilio (the telephone line) | the numbers, the sound while the call lasts | region ie1 |" in carried
    assert "| None | | |" not in carried


def test_the_password_of_a_database_stays_out(tmp_path: Path):
    config = configured(tmp_path, VOICEBOT_DATABASE_URL="postgresql://bot:hemmelig@db.example/records")
    text = paper(found(recording_bot(), config), "record", "en")
    assert "PostgreSQL on db.example" in text
    assert "hemmelig" not in text


def test_the_evidence_comes_from_the_store(tmp_path: Path):
    config = configured(tmp_path)
    with opened_stores(config.records) as stores:
        with stores.database.writing() as connection:
            began = ConversationBegan(new_id(), "CA1", "twilio", "+4792243711", "opptaket", "0" * 16, "nb", NOW)
            write(connection, stores.vault, "redacted", began)
            run = {"id": new_id(), "at": NOW, "rule": "conversations", "cutoff": NOW, "deleted": 12, "seconds": 0.1}
            connection.execute(forget_runs.insert().values(**run))
            note(connection, stores.vault, "cli:test", "privacy", "backup.made", "")
        known = found(recording_bot(), config, stores)
    assert known.store is not None
    assert (known.store.conversations, known.store.forgot, known.store.chain_whole) == (1, {"conversations": 12}, True)
    assert known.store.backed_up_at is not None
    for language in LANGUAGES:
        for kind in PAPERS:
            assert "92243711" not in paper(known, kind, language)


def test_the_command_prints_one_and_makes_no_store_by_looking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("VOICEBOT_RECORDS_FOLDER", str(tmp_path / "records"))
    assert main(["privacy-report", str(OPPTAKET), "--dpia", "--language", "en"]) == 0
    assert capsys.readouterr().out.startswith("# Data protection impact assessment (DPIA)")
    assert not (tmp_path / "records").exists()
