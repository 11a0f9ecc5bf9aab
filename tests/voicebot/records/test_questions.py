"""Questions without an answer, on both databases."""

from dataclasses import replace

from tests.voicebot.records.talks import MORNING, NUMBER, UNKNOWN, Talks, small_bot
from voicebot.records.database import Database
from voicebot.records.held import held
from voicebot.records.questions import Settled, read_questions, settle
from voicebot.records.schema import caller_keys
from voicebot.records.subjects import subject_of_number
from voicebot.records.vault import Vault


def test_a_question_waits_until_somebody_settles_it_and_can_be_opened_again(database: Database, vault: Vault) -> None:
    with database.writing() as connection:
        vault.prepare(connection)
        talks = Talks(connection, vault, small_bot())
        talks.talk(UNKNOWN, language="en")
        talks.talk(replace(UNKNOWN, words="ring meg på 92 24 37 11", near=("delivery", "hours")), number="+4741000000")
    with database.reading() as connection:
        found = read_questions(connection, vault)
        assert {one.text for one in read_questions(connection, vault, language="en").asked} == {UNKNOWN.words}
    assert {one.near for one in found.asked} == {(), ("delivery", "hours")}
    assert not any("92 24" in one.text for one in found.asked)
    one = next(asked for asked in found.asked if asked.near)
    with database.writing() as connection:
        assert settle(connection, [one.id, "0" * 32], "done", "står i levering", "kari", MORNING) == 1
    with database.reading() as connection:
        assert one.id not in {asked.id for asked in read_questions(connection, vault).asked}
        assert read_questions(connection, vault, "done").settled == {
            one.id: Settled("står i levering", "kari", MORNING)
        }
    with database.writing() as connection:
        settle(connection, [one.id], "open", "", "kari", MORNING)
    with database.reading() as connection:
        assert read_questions(connection, vault).settled == {}


def test_words_of_somebody_who_was_erased_are_gone_from_the_list(database: Database, vault: Vault) -> None:
    with database.writing() as connection:
        vault.prepare(connection)
        Talks(connection, vault, small_bot()).talk(UNKNOWN)
        caller = vault.caller(connection, NUMBER)
        subject = subject_of_number(connection, vault, NUMBER)
        counts = {kind.kind: (kind.count, kind.first is not None) for kind in held(connection, subject)}
        assert counts["turns"] == (2, True)
        assert counts["unanswered"] == (1, True)
        assert counts["caller_keys"] == (1, False)
        connection.execute(caller_keys.delete().where(caller_keys.c.caller_id == caller))
    with database.reading() as connection:
        assert read_questions(connection, vault).asked == ()
