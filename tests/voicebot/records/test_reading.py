"""Conversations read back, on both databases."""

from dataclasses import fields
from datetime import timedelta

from sqlalchemy import select, update

from tests.voicebot.records.talks import MORNING, NUMBER, Said, Talks, small_bot
from voicebot.records.database import Database
from voicebot.records.reading import PAGE, Place, Wanted, conversation_detail, conversation_page
from voicebot.records.schema import caller_keys, conversations, turns
from voicebot.records.vault import Vault


def test_every_conversation_is_on_one_page_going_back_and_on_the_same_going_forth(
    database: Database, vault: Vault
) -> None:
    with database.writing() as connection:
        vault.prepare(connection)
        talks = Talks(connection, vault, small_bot())
        # Some begin in the same moment: a place is more than a time.
        made = [talks.talk(number=None, at=MORNING - timedelta(minutes=n // 3)) for n in range(2 * PAGE + 7)]
    with database.reading() as connection:
        pages, after = [], None
        while True:
            page = conversation_page(connection, Wanted(), after=after)
            pages.append(page.rows)
            if page.older is None:
                break
            after = page.older
        back, before = [pages[-1]], Place(pages[-1][0].started_at, pages[-1][0].id)
        while True:
            page = conversation_page(connection, Wanted(), before=before)
            back.insert(0, page.rows)
            if page.newer is None:
                break
            before = page.newer
    assert [len(rows) for rows in pages] == [PAGE, PAGE, 7]
    assert {row.id for rows in pages for row in rows} == set(made)
    assert back == pages
    everything = [row for rows in pages for row in rows]
    assert everything == sorted(everything, key=lambda row: (row.started_at, row.id), reverse=True)


def test_a_list_is_narrowed_by_each_thing_that_can_be_chosen(database: Database, vault: Vault) -> None:
    with database.writing() as connection:
        vault.prepare(connection)
        talks = Talks(connection, vault, small_bot())
        plain = talks.talk(Said("åpent"), at=MORNING - timedelta(days=3))
        other = talks.talk(
            Said("pris", rule="chosen", article="delivery"),
            number="+4741000000",
            outcome="handed_off",
            passed_on="angry",
            line="browser",
            language="en",
            bot="another",
        )
        going_on = talks.talk(number=None, outcome=None, language="uk", at=MORNING - timedelta(days=1))
        caller = vault.caller_of(connection, vault.number_hash(connection, NUMBER))
    chosen = {
        Wanted(since=MORNING - timedelta(days=2)): [other, going_on],
        Wanted(until=MORNING - timedelta(days=1)): [plain],
        Wanted(line="browser"): [other],
        Wanted(language="uk"): [going_on],
        Wanted(bot="another"): [other],
        Wanted(outcome="goodbye"): [plain],
        Wanted(outcome="open"): [going_on],
        Wanted(rule="chosen"): [other],
        Wanted(article="hours"): [plain],
        Wanted(flow="nothing_of_ours"): [],
        Wanted(passed_on=True): [other],
        Wanted(passed_on=False): [going_on, plain],
        Wanted(caller=caller): [plain],
    }
    used = {
        field.name for field in fields(Wanted) for wanted in chosen if getattr(wanted, field.name) not in ("", None)
    }
    assert used == {field.name for field in fields(Wanted)}
    with database.reading() as connection:
        found = {wanted: [row.id for row in conversation_page(connection, wanted).rows] for wanted in chosen}
    assert found == chosen


def test_a_conversation_opens_with_what_was_heard_and_says_what_cannot_be_read(
    database: Database, vault: Vault
) -> None:
    with database.writing() as connection:
        vault.prepare(connection)
        talks = Talks(connection, vault, small_bot())
        cut = Said("nummeret er 92 24 37 11", "Vi har åpent. / Fra åtte til fire.", heard=("Vi har åpent.",))
        conversation = talks.talk(cut, passed_on="caller_asked")
        other = talks.talk(Said("åpent"))
        moved = select(turns.c.record).where(turns.c.conversation_id == other, turns.c.turn == 2).scalar_subquery()
    with database.reading() as connection:
        found = conversation_detail(connection, vault, conversation)
        assert conversation_detail(connection, vault, "0" * 32) is None
    assert found is not None
    greeting, turn = found.turns
    assert (greeting.rule, turn.rule) == ("greeting", "answer")
    assert turn.record is not None
    assert "92 24" not in turn.record["heard"]["words"]
    assert turn.heard == {"sentences": ["Vi har åpent."], "interrupted": True}
    assert [transfer.row.reason for transfer in found.transfers] == ["caller_asked"]

    with database.writing() as connection:
        first = (turns.c.conversation_id == conversation) & (turns.c.turn == 1)
        connection.execute(update(turns).where(first).values(record=moved))
    with database.reading() as connection:
        found = conversation_detail(connection, vault, conversation)
    assert found is not None
    assert [turn.fault for turn in found.turns] == ["unreadable", ""]

    with database.writing() as connection:
        owner = select(conversations.c.caller_id).where(conversations.c.id == conversation).scalar_subquery()
        connection.execute(caller_keys.delete().where(caller_keys.c.caller_id == owner))
    with database.reading() as connection:
        found = conversation_detail(connection, vault, conversation)
    assert found is not None
    assert {(turn.fault, turn.record) for turn in found.turns} == {("key_gone", None)}
