"""Callbacks are worked on by one person at a time, on both databases, and hold no more than is needed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select

from tests.voicebot.records.talks import MORNING, NUMBER, Said, Talks, small_bot
from voicebot.config import RecordsConfig
from voicebot.records.callbacks import TAKEN_FOR, callback, open_callbacks, release, settle, take, tried
from voicebot.records.database import Database, open_database
from voicebot.records.entries import CallbackAsked, new_id
from voicebot.records.schema import callbacks
from voicebot.records.stores import Stores
from voicebot.records.vault import Vault

ABOUT = "det gjelder en lampe"
EXAMPLES, STEPS = 30, 12


def asked_in(talks: Talks, **others: object) -> str:
    """A callback that a caller has just asked for; its id."""
    asked = CallbackAsked(
        talks.talk(Said("ring meg")), new_id(), NUMBER, ABOUT, "nb", "desk", None, MORNING + timedelta(days=1), MORNING
    )
    asked = replace(asked, **others)  # type: ignore[arg-type]  # fields of CallbackAsked, by name
    talks.note(asked)
    return asked.callback


@pytest.fixture
def asked(stores: Stores) -> str:
    with stores.database.writing() as connection:
        return asked_in(Talks(connection, stores.vault, small_bot()))


def row_of(stores: Stores, callback_id: str) -> tuple[str, str, int]:
    with stores.database.reading() as connection:
        row = callback(connection, stores.vault, callback_id)
    assert row is not None
    return row.status, row.taken_by, row.tries


def test_of_many_who_take_it_at_once_one_has_it(stores: Stores, records_config: RecordsConfig, asked: str) -> None:
    another = open_database(records_config)  # as another process would

    def take_it(number: int) -> bool:
        database = (stores.database, another)[number % 2]
        with database.writing() as connection:
            return take(connection, asked, f"agent {number}", MORNING)

    with ThreadPoolExecutor(6) as agents:
        took = [number for number, had in enumerate(agents.map(take_it, range(24))) if had]
    another.close()
    assert len(took) == 1
    assert row_of(stores, asked) == ("taken", f"agent {took[0]}", 0)


def test_who_lets_it_lie_for_hours_loses_it_and_it_is_listed_as_open(stores: Stores, asked: str) -> None:
    later = MORNING + TAKEN_FOR + timedelta(seconds=1)
    with stores.database.writing() as connection:
        assert take(connection, asked, "ada", MORNING)
        assert not take(connection, asked, "bo", later - timedelta(minutes=1))
        (row,) = open_callbacks(connection, stores.vault, later)
        assert (row.status, row.taken_by) == ("open", "")
        assert take(connection, asked, "bo", later)
        assert not settle(connection, stores.vault, asked, "ada", "solved", later)


def test_a_try_that_is_told_twice_counts_once_and_the_list_begins_with_what_can_be_done_now(stores: Stores) -> None:
    with stores.database.writing() as connection:
        talks = Talks(connection, stores.vault, small_bot())
        soon, late = (asked_in(talks, deadline=MORNING + timedelta(hours=hours)) for hours in (2, 20))
        tomorrow = asked_in(talks, wanted=MORNING + timedelta(hours=22), kind="message")
        for _ in range(2):
            tried(connection, soon, MORNING, MORNING + timedelta(minutes=30))
        now = open_callbacks(connection, stores.vault, MORNING)
        then = open_callbacks(connection, stores.vault, MORNING + timedelta(minutes=31))
        assert [row.id for row in open_callbacks(connection, stores.vault, MORNING, most=1)] == [late]
    assert [row.id for row in now] == [late, soon, tomorrow]
    assert [row.id for row in then] == [soon, late, tomorrow]
    assert [(row.tries, row.kind, row.number, row.about) for row in then] == [
        (1, "callback", NUMBER, ABOUT), (0, "callback", NUMBER, ABOUT), (0, "message", NUMBER, ABOUT),
    ]  # fmt: skip


@pytest.mark.parametrize("keep", ["redacted", "facts", "nothing"])
def test_what_is_done_holds_words_only_where_words_are_kept(stores: Stores, keep: str) -> None:
    bot = small_bot()
    bot = replace(bot, records=replace(bot.records, keep=keep))
    with stores.database.writing() as connection:
        done = asked_in(Talks(connection, stores.vault, bot))
        before = callback(connection, stores.vault, done)
        assert settle(connection, stores.vault, done, "ada", "solved", MORNING)
        assert not settle(connection, stores.vault, done, "ada", "other", MORNING), "it is over"
        after = callback(connection, stores.vault, done)
    assert before is not None and after is not None
    assert (before.number, before.about) == (NUMBER, ABOUT), "somebody has to be able to call"
    assert (after.number, after.about) == ((NUMBER, ABOUT) if keep == "redacted" else ("", ""))
    assert (after.status, after.outcome, after.taken_by) == ("done", "solved", "ada")


def test_one_that_is_damaged_stays_in_the_list(stores: Stores, asked: str) -> None:
    with stores.database.writing() as connection:
        connection.execute(callbacks.update().values(sealed=b"damaged"))
        (row,) = open_callbacks(connection, stores.vault, MORNING)
    assert (row.id, row.number, row.about) == (asked, "", "")


Step = tuple[str, str, int]
STEP = st.tuples(
    st.sampled_from(("take", "release", "tried", "solved", "given_up")),
    st.sampled_from(("ada", "bo")),
    st.integers(0, 90),
)


@pytest.mark.parametrize("records_config", ["sqlite"], indirect=True)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, max_size=STEPS))
def test_whatever_two_people_do_it_is_nobody_s_one_s_or_over(
    database: Database, vault: Vault, steps: list[Step]
) -> None:
    with database.writing() as connection:
        vault.prepare(connection)
        connection.execute(delete(callbacks))
        which = asked_in(Talks(connection, vault, small_bot()))
        status, holder, count, now = "open", "", 0, MORNING
        for what, agent, minutes in steps:
            now += timedelta(minutes=minutes, seconds=1)
            done = _done(connection, vault, which, agent, now)[what]()
            free = status == "open" or (status == "taken" and holder == agent)
            match what:
                case "take":
                    assert done or not free
                    status, holder = ("taken", agent) if done else (status, holder)
                case "release":
                    assert done == (status == "taken" and holder == agent)
                    status, holder = ("open", "") if done else (status, holder)
                case "tried":
                    assert done == (status in ("open", "taken"))
                    status, holder, count = ("open", "", count + 1) if done else (status, holder, count)
                case _:
                    assert done == free
                    status, holder = ("done" if what == "solved" else what, agent) if done else (status, holder)
            row = connection.execute(select(callbacks)).one()
            assert (row.status, row.taken_by, row.tries) == (status, holder, count)
            assert (row.done_at is not None) == (status in ("done", "given_up"))


def _done(connection: Connection, vault: Vault, which: str, agent: str, now: datetime) -> dict[str, Callable[[], bool]]:
    return {
        "take": lambda: take(connection, which, agent, now),
        "release": lambda: release(connection, which, agent),
        "tried": lambda: tried(connection, which, now, None),
        "solved": lambda: settle(connection, vault, which, agent, "solved", now),
        "given_up": lambda: settle(connection, vault, which, agent, "given_up", now),
    }


@pytest.mark.parametrize("keep", ["redacted", "nothing"])
def test_messages_without_a_number_have_nobody_in_common(stores: Stores, keep: str) -> None:
    bot = small_bot()
    bot = replace(bot, records=replace(bot.records, keep=keep))
    with stores.database.writing() as connection:
        talks = Talks(connection, stores.vault, bot)
        for caller in (NUMBER, "+4740011222"):
            conversation = talks.talk(Said("si fra om lampa"), number=caller)
            talks.note(
                CallbackAsked(
                    conversation,
                    new_id(),
                    "",
                    ABOUT,
                    "nb",
                    "desk",
                    None,
                    MORNING + timedelta(days=1),
                    MORNING,
                    "message",
                )
            )
        rows = connection.execute(select(callbacks.c.caller_id, callbacks.c.number_hash)).all()
    assert len({row.caller_id for row in rows}) == 2 and {row.number_hash for row in rows} == {""}
