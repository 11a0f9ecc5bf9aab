"""What is too old by its rule goes and nothing else, with the keys of callers of whom nothing is left."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from dialog.records_rules import USUAL_DAYS, RecordsRules
from tests.voicebot.records.kept_calls import NOON, every_row, keep_call
from voicebot.records import access_log, escrow
from voicebot.records.errors import KeyDestroyed
from voicebot.records.forgetting import OWN_RULES, Forgotten, forget, last_run
from voicebot.records.forgetting_daily import DailyForgetting
from voicebot.records.schema import accounts, caller_keys, callers, conversations, forget_runs, sign_ins, turns
from voicebot.records.stores import Stores

RULES = RecordsRules()
KARI, OLA = "+4792243711", "+4740011222"


def days(number: float) -> timedelta:
    return timedelta(days=number)


def deleted(done: tuple[Forgotten, ...]) -> dict[str, int]:
    return {one.rule: one.deleted for one in done if one.deleted}


def test_a_caller_of_whom_everything_is_too_old_goes_with_the_key_and_others_stay(stores: Stores):
    with stores.database.writing() as connection:
        keep_call(connection, stores.vault, OLA, "recent", at=NOON - days(20))
        kept = every_row(connection, "live_states", "live_transfers", "forget_runs")
        old = keep_call(connection, stores.vault, KARI, "old", at=NOON - days(91))

    done = forget(stores, RULES, None, NOON, "system")

    assert deleted(done)["callers"] == 1
    with stores.database.reading() as connection:
        assert every_row(connection, "live_states", "live_transfers", "forget_runs") == kept
        with pytest.raises(KeyDestroyed):
            stores.vault.caller_key(connection, old.caller_id)
        assert {row.rule for row in connection.execute(select(forget_runs))} >= set(USUAL_DAYS)
        assert last_run(connection) == NOON
        assert stores.key_backup is not None
        held = escrow.read(stores.key_backup, stores.vault.master)
        assert held is not None and set(held.keys) == set(connection.execute(select(caller_keys.c.caller_id)).scalars())
    assert not deleted(forget(stores, RULES, None, NOON, "system")), "a second run finds nothing"


def test_each_kind_goes_at_its_own_age(stores: Stores):
    ages = {"callbacks": 10, "conversations": 20, "unanswered": 30, "recordings": 40, "identity": 50, "access_log": 400}
    calls = {}
    with stores.database.writing() as connection:
        for age in (10, 20, 30, 40, 50, 60):
            calls[age] = keep_call(connection, stores.vault, KARI, "x", at=NOON - days(age)).conversation

    forget(stores, RecordsRules(days=ages), None, NOON, "system")

    with stores.database.reading() as connection:
        for kind, table in {"conversations": turns, **OWN_RULES}.items():
            left = set(connection.execute(select(table.c.conversation_id)).scalars())
            assert left == {call for age, call in calls.items() if age <= ages[kind]}, kind
        rows = {row.id: row.sealed is not None for row in connection.execute(select(conversations))}
    expected = {call: age <= ages["conversations"] for age, call in calls.items() if age <= ages["identity"]}
    assert rows == expected, "the row stays, with nothing sealed in it, for what hangs on it"


def test_a_dry_run_says_what_a_run_does_and_changes_nothing(stores: Stores):
    with stores.database.writing() as connection:
        for age in (1, 31, 91, 800):
            keep_call(connection, stores.vault, None, "x", at=NOON - days(age))
        before = every_row(connection)
    tried = forget(stores, RULES, None, NOON, "cli:anne", dry_run=True)
    with stores.database.reading() as connection:
        assert every_row(connection) == before
    assert deleted(forget(stores, RULES, None, NOON, "cli:anne")) == deleted(tried)


def test_another_bots_conversations_follow_that_bots_rules(stores: Stores):
    with stores.database.writing() as connection:
        other = keep_call(connection, stores.vault, KARI, "x", at=NOON - days(91), bot="other")
        keep_call(connection, stores.vault, KARI, "x", at=NOON - days(91), bot="nordlys")
    forget(stores, RULES, "nordlys", NOON, "system")
    with stores.database.reading() as connection:
        assert connection.execute(select(conversations.c.id)).scalars().all() == [other.conversation]
        assert len(connection.execute(select(callers)).all()) == 1


def test_files_of_forgotten_recordings_go_and_orphans_older_than_a_day(stores: Stores):
    folder = stores.folder / "recordings"
    folder.mkdir(parents=True)
    for name in ("old.sound", "young.sound", "orphan.sound", "being-written.sound"):
        (folder / name).write_bytes(b"sound")
    for name in ("orphan.sound", "young.sound"):
        os.utime(folder / name, ((NOON - days(2)).timestamp(),) * 2)
    os.utime(folder / "being-written.sound", (NOON.timestamp(),) * 2)
    with stores.database.writing() as connection:
        keep_call(connection, stores.vault, KARI, "x", at=NOON - days(31), file="old.sound")
        keep_call(connection, stores.vault, KARI, "x", at=NOON - days(29), file="young.sound")
    forget(stores, RULES, None, NOON, "system")
    assert {path.name for path in folder.iterdir()} == {"young.sound", "being-written.sound"}


def test_expired_sign_ins_go_and_the_access_log_is_cut_so_that_it_still_verifies(stores: Stores):
    with stores.database.writing() as connection:
        connection.execute(insert(accounts).values(id="a", name="anne", roles="", created_at=NOON))
        for token, ends in (("1", NOON), ("2", NOON + days(1))):
            about = {"token_hash": token, "id": token, "account_id": "a", "csrf": "x", "stage": "x"}
            times = {"created_at": NOON, "seen_at": NOON, "expires_at": ends}
            connection.execute(insert(sign_ins).values(about | times))
        access_log.note(connection, stores.vault, "anne", "privacy", "conversation.read", "x")

    in_three_years = NOON + days(1100)
    forget(stores, RULES, None, NOON, "system")
    with stores.database.reading() as connection:
        assert connection.execute(select(sign_ins.c.token_hash)).scalars().all() == ["2"]
        assert len(access_log.shown(connection)) == 1
    forget(stores, RULES, None, in_three_years, "system")
    with stores.database.reading() as connection:
        assert [line.action for line in access_log.shown(connection)] == ["access_log.cut"]
        assert access_log.verify(connection, stores.vault).is_whole


def test_a_run_by_anybody_serves_for_a_day_and_two_days_without_are_told(stores: Stores):
    clock = [NOON]
    daily = DailyForgetting(stores, RULES, "nordlys", lambda: clock[0])
    assert daily.once() == days(1) and daily.trouble is None
    clock[0] += timedelta(hours=20)
    assert daily.once() == timedelta(hours=4)
    with stores.database.reading() as connection:
        assert last_run(connection) == NOON

    stores.key_backup.mkdir(exist_ok=True)  # type: ignore[union-attr]
    blocked = stores.key_backup / escrow.ESCROW_FILE  # type: ignore[operator]
    blocked.unlink()
    blocked.mkdir()
    clock[0] += timedelta(hours=10)
    assert daily.once() == timedelta(minutes=15) and daily.trouble is None
    clock[0] += timedelta(hours=30)
    daily.once()
    assert daily.trouble is not None and "since 2026-11-23" in daily.trouble
    blocked.rmdir()
    daily.once()
    assert daily.trouble is None
