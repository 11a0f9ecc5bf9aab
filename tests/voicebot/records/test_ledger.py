"""What the ledger writes of a call, at each level of keeping, and what it never writes."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, delete, func, select

from dialog import Engine
from dialog.events import CallerSaid
from dialog.redaction import Known
from tests.dialog.conftest import TUESDAY_MORNING
from tests.voicebot.records.noted_calls import NUMBER, SAYINGS, conversation
from voicebot.metrics import Metrics
from voicebot.records.database import Database
from voicebot.records.entries import (
    CallbackAsked,
    ConversationBegan,
    ConversationEnded,
    Entry,
    Rated,
    TurnHeard,
    TurnTaken,
    new_id,
)
from voicebot.records.hindsight import redact_again
from voicebot.records.ledger import Ledger
from voicebot.records.schema import (
    callbacks,
    callers,
    conversations,
    live_states,
    ratings,
    transfers,
    turns,
    unanswered,
)
from voicebot.records.vault import Vault, place_of

SECRETS = ("Nordmann", "92243711", "92 24 37 11", "21059012345", "4792243711")


def record(connection: Connection, vault: Vault, row: object, column: str = "record") -> dict[str, object]:
    """What a turn's sealed column says."""
    turn = row._mapping  # type: ignore[attr-defined]
    caller = connection.execute(
        select(conversations.c.caller_id).where(conversations.c.id == turn["conversation_id"])
    ).scalar_one()
    place = place_of("turns", column, turn["conversation_id"], turn["turn"])
    found: dict[str, object] = json.loads(vault.open(connection, caller, turn[column], place))
    return found


async def noted(ledger: Ledger, entries: list[Entry]) -> list[Entry]:
    """Note them and wait until they are written."""
    for entry in entries:
        ledger.note(entry)
    assert await ledger.flushed(10)
    assert (ledger.lost, ledger.trouble) == (0, None)
    return entries


async def test_a_call_is_kept_turn_by_turn_without_what_is_personal(
    ledger: Ledger, database: Database, vault: Vault, engine: Engine
) -> None:
    entries = await noted(ledger, list(conversation(engine)))
    taken = [entry for entry in entries if isinstance(entry, TurnTaken)]
    with database.reading() as connection:
        kept = connection.execute(select(turns).order_by(turns.c.turn)).all()
        records = [record(connection, vault, row) for row in kept]
        heard = [record(connection, vault, row, "heard") for row in kept]
        row = connection.execute(select(conversations)).one()
    assert [(one["turn"], one["rule"]) for one in (row._mapping for row in kept)] == [
        (entry.number, entry.reply.decision.rule) for entry in taken
    ]
    assert (row.turns, row.outcome, row.keep) == (len(taken), entries[-1].outcome, "redacted")  # type: ignore[union-attr]
    assert records[1]["heard"]["words"] == SAYINGS[0]  # type: ignore[index]
    assert [len(one["sentences"]) for one in heard] == [len(entry.reply.prompts) for entry in taken]  # type: ignore[arg-type]
    everything = json.dumps([records, heard], ensure_ascii=False)
    assert [secret for secret in SECRETS if secret in everything] == []


async def test_a_question_without_an_answer_is_a_row_of_its_own(
    ledger: Ledger, database: Database, vault: Vault, engine: Engine
) -> None:
    entries = await noted(ledger, list(conversation(engine, ["kan du fortelle meg om kvantefysikk"])))
    with database.reading() as connection:
        row = connection.execute(select(unanswered)).one()
        words = vault.open(connection, row.caller_id, row.sealed, place_of("unanswered", "sealed", row.id))
    assert "kvantefysikk" in words
    assert (row.status, row.bot, row.conversation_id) == ("open", "lysverket", entries[0].conversation)  # type: ignore[union-attr]
    assert json.loads(row.near)


async def test_a_turn_that_was_taken_back_leaves_no_trace(ledger: Ledger, database: Database, engine: Engine) -> None:
    entries = list(conversation(engine, ["kan du fortelle meg om kvantefysikk"], ended=False))
    at, taken = max((at, entry) for at, entry in enumerate(entries) if isinstance(entry, TurnTaken))
    state, reply = engine.respond(taken.before, CallerSaid("hva koster frakten"), taken.at)
    instead = replace(taken, event=CallerSaid("hva koster frakten"), after=state, reply=reply)
    await noted(ledger, [*entries[: at + 2], instead])
    with database.reading() as connection:
        rules = connection.execute(select(turns.c.rule, turns.c.heard).order_by(turns.c.turn)).all()
        assert connection.execute(select(func.count()).select_from(unanswered)).scalar_one() == 0
    assert [tuple(row) for row in rules][1:] == [(reply.decision.rule, None)]


async def test_at_the_level_of_facts_no_word_and_no_number_is_kept(
    database: Database, vault: Vault, engine: Engine
) -> None:
    keeping = replace(engine.bot, records=replace(engine.bot.records, keep="facts"))
    ledger = Ledger(database, vault, keeping)
    ledger.start()
    await noted(ledger, list(conversation(engine)))
    await ledger.close()
    with database.reading() as connection:
        kept = connection.execute(select(turns)).all()
        records = json.dumps([record(connection, vault, row) for row in kept], ensure_ascii=False)
        row = connection.execute(select(conversations)).one()
        assert connection.execute(select(func.count()).select_from(unanswered)).scalar_one() == 0
        assert connection.execute(select(func.count()).select_from(live_states)).scalar_one() == 0
    assert row.sealed is None and all(turn.heard is None for turn in kept)
    assert [word for word in (*" ".join(SAYINGS).split(), *SECRETS) if len(word) > 6 and word in records] == []
    assert '"rule": "answer"' in records


async def test_at_the_level_of_nothing_calls_can_be_counted_and_nobody_found(
    database: Database, vault: Vault, engine: Engine
) -> None:
    keeping = replace(engine.bot, records=replace(engine.bot.records, keep="nothing"))
    ledger = Ledger(database, vault, keeping)
    ledger.start()
    await noted(ledger, [*conversation(engine, at=TUESDAY_MORNING + timedelta(minutes=7, seconds=13))])
    await ledger.close()
    with database.reading() as connection:
        row = connection.execute(select(conversations)).one()._mapping
        for table in (turns, live_states, unanswered, callers, transfers):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
    assert (row["caller_id"], row["call_id"], row["sealed"]) == (None, "", None)
    assert row["started_at"] == TUESDAY_MORNING == row["ended_at"]
    assert row["turns"] > 1 and row["outcome"]


async def test_a_callback_is_kept_though_nothing_else_is(database: Database, vault: Vault, engine: Engine) -> None:
    keeping = replace(engine.bot, records=replace(engine.bot.records, keep="nothing"))
    ledger = Ledger(database, vault, keeping)
    ledger.start()
    began, *_ = conversation(engine)
    assert isinstance(began, ConversationBegan)
    asked = CallbackAsked(
        began.conversation, new_id(), NUMBER, "strøm", "nb", "desk", None, began.at + timedelta(days=1), began.at
    )
    await noted(ledger, [began, asked])
    await ledger.close()
    with database.reading() as connection:
        row = connection.execute(select(callbacks)).one()
        words = vault.open(connection, row.caller_id, row.sealed, place_of("callbacks", "sealed", row.id))
    assert json.loads(words) == {"number": NUMBER, "about": "strøm", "own": False, "called": ""}
    assert row.conversation_id is None


async def test_what_belongs_to_an_erased_caller_is_not_written_again(
    ledger: Ledger, database: Database, engine: Engine
) -> None:
    entries = list(conversation(engine))
    await noted(ledger, entries[:4])
    with database.writing() as connection:
        connection.execute(delete(callers))
    rated = Rated(entries[0].conversation, 5, TUESDAY_MORNING)  # type: ignore[union-attr]
    await noted(ledger, [*entries[4:], rated])
    with database.reading() as connection:
        for table in (callers, conversations, turns, live_states, ratings, transfers):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
    assert ledger.tally.gone == len(entries[4:]) + 1


async def test_writing_everything_twice_changes_nothing(ledger: Ledger, database: Database, engine: Engine) -> None:
    def counts() -> list[int]:
        with database.reading() as connection:
            return [
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (callers, conversations, turns, transfers, unanswered)
            ]

    entries = await noted(ledger, list(conversation(engine, number=None)))
    once = counts()
    await noted(ledger, entries)
    assert counts() == once


async def test_an_entry_that_cannot_be_written_is_set_aside_and_told_by_its_kind_only(
    ledger: Ledger, database: Database, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    entries = list(conversation(engine))
    for at, entry in enumerate(entries):
        if isinstance(entry, TurnTaken) and entry.number == 4:
            entries[at] = replace(entry, event=NUMBER)  # type: ignore[arg-type]  # no event: the record cannot be made
        if isinstance(entry, ConversationEnded):
            entries[at] = replace(entry, at=TUESDAY_MORNING.replace(tzinfo=None))  # no moment: the row cannot be
    for entry in entries:
        ledger.note(entry)
    assert await ledger.flushed(10)
    with database.reading() as connection:
        numbers = set(connection.execute(select(turns.c.turn)).scalars())
        outcome = connection.execute(select(conversations.c.outcome)).scalar_one()
    assert numbers == {entry.number for entry in entries if isinstance(entry, TurnTaken)} - {4}
    assert outcome is None
    assert (ledger.tally.broken, ledger.lost, ledger.trouble) == (2, 2, None)
    assert "TurnTaken" in caplog.text and "ConversationEnded" in caplog.text
    assert [secret for secret in SECRETS if secret in caplog.text] == []


async def test_a_call_that_was_cut_off_is_found_again_and_one_that_ended_is_not(ledger: Ledger, engine: Engine) -> None:
    *going_on, ended = conversation(engine, SAYINGS[:2])
    await noted(ledger, list(going_on))
    found = await ledger.recall("CA1")
    assert found is not None
    last = [entry for entry in going_on if isinstance(entry, TurnTaken)][-1]
    assert (found.conversation, found.turns) == (last.conversation, last.number)
    assert await ledger.open_calls() == {"CA1"}
    assert isinstance(ended, ConversationEnded)
    await noted(ledger, [replace(ended, outcome="line_lost")])
    assert await ledger.recall("CA1") == found
    await noted(ledger, [ended])
    assert await ledger.recall("CA1") is None
    assert await ledger.open_calls() == frozenset()


async def test_what_was_left_open_is_closed_as_lost_and_its_state_let_go(
    database: Database, vault: Vault, engine: Engine
) -> None:
    def at(minutes: int) -> Ledger:
        ledger = Ledger(database, vault, engine.bot, now=lambda: TUESDAY_MORNING + timedelta(minutes=minutes))
        ledger.start()
        return ledger

    crashed = at(0)
    entries = await noted(crashed, list(conversation(engine, SAYINGS[:2], ended=False)))
    await crashed.close()
    for minutes, outcome, states in ((9, None, 1), (14, None, 0), (17, "lost", 0)):
        restarted = at(minutes)
        restarted.note(TurnHeard(new_id(), 1, (), interrupted=False))
        assert await restarted.flushed(10)
        await restarted.close()
        with database.reading() as connection:
            row = connection.execute(select(conversations)).one()
            assert row.outcome == outcome
            assert connection.execute(select(func.count()).select_from(live_states)).scalar_one() == states
    assert row.ended_at == entries[-2].at  # type: ignore[union-attr]


async def test_the_metrics_tell_of_the_ledger(ledger: Ledger, engine: Engine) -> None:
    metrics = Metrics()
    metrics.watch_records(ledger)
    await noted(ledger, list(conversation(engine)))
    named = {sample.name: sample.value for family in metrics.registry.collect() for sample in family.samples}
    assert {name: value for name, value in named.items() if "_records_" in name} == {
        "voicebot_records_waiting": 0,
        "voicebot_records_trouble": 0,
        "voicebot_records_lost_total": 0,
    }


async def test_a_name_that_is_known_at_the_end_is_taken_out_of_the_beginning(
    ledger: Ledger, database: Database, vault: Vault, engine: Engine
) -> None:
    entries = await noted(ledger, list(conversation(engine, ["kan du fortelle Solveig om kvantefysikk"])))
    assert isinstance(entries[0], ConversationBegan)
    with database.writing() as connection:
        caller = connection.execute(select(callers.c.id)).scalar_one()
        known = Known(names=("Solveig Hansen",))
        assert redact_again(connection, vault, caller, entries[0].conversation, known) == 1
        assert redact_again(connection, vault, caller, entries[0].conversation, known) == 0
    with database.reading() as connection:
        kept = connection.execute(select(turns).order_by(turns.c.turn)).all()
        everything = json.dumps([record(connection, vault, row) for row in kept])
        row = connection.execute(select(unanswered)).one()
        question = vault.open(connection, caller, row.sealed, place_of("unanswered", "sealed", row.id))
    assert "kvantefysikk" in everything and "kvantefysikk" in question
    assert "Solveig" not in everything + question
