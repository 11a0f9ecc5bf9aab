"""A backup holds everything, comes back whole or not at all, and never brings an erased caller back."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from tests.voicebot.records.kept_calls import NOON, every_row, keep_call
from voicebot.config import RecordsConfig
from voicebot.records import access_log, anchors, escrow
from voicebot.records.archive import lines_of
from voicebot.records.backing_up import NOT_IN_BACKUPS, back_up
from voicebot.records.database import open_database
from voicebot.records.erasing import erase
from voicebot.records.errors import KeyDestroyed, RecordsUnavailable
from voicebot.records.keys import MasterKeys
from voicebot.records.restoring import looked_through, restore
from voicebot.records.schema import accounts, conversations, turns
from voicebot.records.stores import Stores
from voicebot.records.subjects import Officer, subject_of_number
from voicebot.records.vault import Vault, place_of

OFFICER = Officer("cli:anne", "operator", "")
KARI, OLA = "+4792243711", "+4740011222"
NEVER_COMES_BACK = tuple(table.name for table in NOT_IN_BACKUPS if table.name != "caller_keys")


@pytest.fixture
def elsewhere(stores: Stores, tmp_path: Path) -> Iterator[Stores]:
    """Another, empty store of the same installation on another machine: always SQLite."""
    config = RecordsConfig(tmp_path / "other machine", "", (), None, None)
    database = open_database(config)
    yield Stores(database, stores.vault, config.folder, stores.key_backup)
    database.close()


def kept(stores: Stores) -> dict[str, list[tuple[Any, ...]]]:
    with stores.database.reading() as connection:
        return every_row(connection, *NEVER_COMES_BACK, "access_log")


def filled(stores: Stores, tmp_path: Path) -> Path:
    """A store with two callers, an account and a recording, backed up."""
    folder = stores.folder / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    with stores.database.writing() as connection:
        keep_call(connection, stores.vault, KARI, "what Kari said", file="kari-1.sound")
        keep_call(connection, stores.vault, OLA, "what Ola said", file="ola-1.sound")
        keep_call(connection, stores.vault, None, "what nobody said", file="gone.sound")
        connection.execute(insert(accounts).values(id="a" * 32, name="anne", roles="privacy", created_at=NOON))
        nothing = {"id": "b" * 32, "call_id": "", "line": "x", "bot": "x", "content_version": "x", "language": "nb"}
        connection.execute(insert(conversations).values(nothing | {"keep": "nothing", "started_at": NOON}))
        access_log.note(connection, stores.vault, "anne", "privacy", "conversation.read", "x")
    (folder / "kari-1.sound").write_bytes(b"sealed sound" * 50_000)
    (folder / "ola-1.sound").write_bytes(b"")
    path = tmp_path / "backup"
    back_up(stores, path, OFFICER)
    return path


def test_a_backup_comes_back_as_it_was_into_another_kind_of_store(stores: Stores, elsewhere: Stores, tmp_path: Path):
    path = filled(stores, tmp_path)
    before = kept(stores)

    done = restore(elsewhere, path, OFFICER)

    assert kept(elsewhere) == before and done.chain_is_whole and not done.dark and not done.buried
    assert (elsewhere.folder / "recordings" / "kari-1.sound").read_bytes() == b"sealed sound" * 50_000
    with elsewhere.database.reading() as connection:
        said = connection.execute(select(turns, conversations.c.caller_id).join(conversations)).all()
        opened = {
            elsewhere.vault.open(
                connection, row.caller_id, row.record, place_of("turns", "record", row.conversation_id, 1)
            )
            for row in said
        }
        assert opened == {"what Kari said", "what Ola said", "what nobody said"}

    back = tmp_path / "back"
    back_up(elsewhere, back, OFFICER)
    assert restore(stores, back, OFFICER, replace=True).chain_is_whole
    assert kept(stores) == before


def test_nothing_of_a_caller_can_be_seen_in_a_backup_without_the_callers_key(stores: Stores, tmp_path: Path):
    path = filled(stores, tmp_path)
    with stores.database.reading() as connection:
        subject = subject_of_number(connection, stores.vault, KARI)
        (caller,) = subject.caller_ids
    of_kari = [line for line in lines_of(path, stores.vault.master) if caller in str(line)]
    assert of_kari and all(set(line) == {"table", "caller", "sealed"} for line in of_kari)
    assert not any(subject.number_hashes[0] in str(line) for line in lines_of(path, stores.vault.master))


@pytest.mark.parametrize("old_keys", [False, True], ids=["key gone", "an old copy of the keys turned up"])
def test_who_was_erased_after_a_backup_does_not_come_back_with_it(
    stores: Stores, elsewhere: Stores, tmp_path: Path, old_keys: bool
):
    path = filled(stores, tmp_path)
    assert stores.key_backup is not None
    copy = tmp_path / "copy of the keys"
    shutil.copytree(stores.key_backup, copy)
    with stores.database.reading() as connection:
        subject = subject_of_number(connection, stores.vault, KARI)
    erase(stores, subject, OFFICER)
    with stores.database.writing() as connection:
        keep_call(connection, stores.vault, KARI, "called again")
    after = kept(stores)

    if old_keys:  # the tombstone is all that is left, in the store that is replaced
        done = restore(replace(stores, key_backup=copy), path, OFFICER, replace=True)
        assert done.buried["turns"] == 1 and not done.dark
        target = stores
    else:
        done = restore(elsewhere, path, OFFICER)
        assert done.dark["turns"] == 1 and not done.buried
        target = elsewhere

    with target.database.reading() as connection:
        with pytest.raises(KeyDestroyed):
            target.vault.caller_key(connection, subject.caller_ids[0])
        assert subject_of_number(connection, target.vault, KARI).caller_ids == ()
        assert len(connection.execute(select(turns)).all()) == 2
    assert not (target.folder / "recordings" / "kari-1.sound").exists() or target is stores
    assert kept(target)["tombstones"] == after["tombstones"]

    later = tmp_path / "later"
    if not old_keys:  # the call after the erasure is another caller's and survives
        back_up(stores, later, OFFICER)
        restore(elsewhere, later, OFFICER, replace=True)
        assert kept(elsewhere) == after


def test_a_store_with_something_in_it_is_only_replaced_when_told_and_no_look_is_lost(stores: Stores, tmp_path: Path):
    path = filled(stores, tmp_path)
    with stores.database.writing() as connection:
        access_log.note(connection, stores.vault, "eva", "agent", "conversation.read", "after the backup")
        anchors.write_anchor((stores.folder,), access_log.head(connection))
    before = kept(stores)
    with pytest.raises(RecordsUnavailable, match="not empty"):
        restore(stores, path, OFFICER)
    assert kept(stores) == before

    done = restore(stores, path, OFFICER, replace=True)

    with stores.database.reading() as connection:
        lines = access_log.shown(connection)
        assert [line.action for line in lines] == [
            "backup.restored", "conversation.read", "backup.made", "conversation.read",
        ]  # fmt: skip
        known = anchors.read_anchors((stores.folder,))
        assert done.chain_is_whole and access_log.verify(connection, stores.vault, known).is_whole
    assert not done.anchors_set_aside


def test_a_damaged_backup_changes_nothing(stores: Stores, tmp_path: Path):
    path = filled(stores, tmp_path)
    before, whole = kept(stores), path.read_bytes()
    middle = len(whole) // 2
    harms = {
        "cut off": whole[:-100],
        "one bit": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "of another key": whole[:8] + b"0" * 16 + whole[24:],
        "empty": b"",
        "something else": b"SQLite format 3\0" * 10,
    }
    for harm, content in harms.items():
        path.write_bytes(content)
        with pytest.raises(RecordsUnavailable, match=r"no backup of voicebot|locked with master key"):
            restore(stores, path, OFFICER, replace=True)
        assert kept(stores) == before, harm


def test_without_any_callers_key_or_with_another_master_key_nothing_is_restored(
    stores: Stores, elsewhere: Stores, tmp_path: Path
):
    path = filled(stores, tmp_path)
    with pytest.raises(RecordsUnavailable, match="none of the callers"):
        restore(replace(elsewhere, key_backup=None), path, OFFICER)
    stranger = Vault(MasterKeys([b"k" * 32]))
    with pytest.raises(RecordsUnavailable, match="locked with master key"):
        restore(replace(elsewhere, vault=stranger, key_backup=None), path, OFFICER)
    assert not kept(elsewhere)["callers"]


def test_a_backup_shows_one_moment_and_never_brings_a_key_back(stores: Stores, tmp_path: Path, monkeypatch):
    """Somebody is erased, and another calls, while it is being written."""
    with stores.database.writing() as connection:
        keep_call(connection, stores.vault, KARI, "x", file="kari-1.sound")
        kari = subject_of_number(connection, stores.vault, KARI)
    moved: list[str] = []

    def meanwhile(connection: object) -> str:
        if not moved:
            moved.append("on")
            with stores.database.writing() as writing:
                keep_call(writing, stores.vault, OLA, "y")
        return access_log.anchor_of(0, "0" * 64)

    monkeypatch.setattr("voicebot.records.access_log.head", meanwhile)
    done = back_up(stores, tmp_path / "backup", OFFICER)
    assert done.rows["conversations"] == 1
    assert looked_through(stores, tmp_path / "backup").rows["conversations"] == 1
    erase(stores, kari, OFFICER)
    assert stores.key_backup is not None
    held = escrow.read(stores.key_backup, stores.vault.master)
    assert held is not None and not set(kari.caller_ids) & set(held.keys)
    looked = looked_through(stores, tmp_path / "backup")
    assert looked.dark["turns"] == 1 and not looked.callers


def test_a_backup_does_not_write_over_another(stores: Stores, tmp_path: Path):
    path = filled(stores, tmp_path)
    before = path.read_bytes()
    with pytest.raises(RecordsUnavailable, match="there already"):
        back_up(stores, path, OFFICER)
    assert path.read_bytes() == before and path.stat().st_mode & 0o077 == 0
