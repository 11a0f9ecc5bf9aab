"""An erased caller is nowhere: not in a row, not in the store's own files, not in the key backup; and stays away."""

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.voicebot.records.kept_calls import every_row, keep_call
from voicebot.records import access_log, escrow
from voicebot.records.belonging import NOT_OF_CALLERS, leads_to_a_person, owned_tables
from voicebot.records.erasing import erase
from voicebot.records.errors import KeyDestroyed, RecordsUnavailable
from voicebot.records.schema import metadata, tombstones
from voicebot.records.stores import Stores
from voicebot.records.subjects import Officer, subject_of_conversation, subject_of_number
from voicebot.records.vault import place_of

KARI, OLA = "+4792243711", "+4740011222"
OFFICER = Officer("cli:anne", "operator", "asked by letter")


def test_every_table_leads_to_a_caller_or_is_known_not_to():
    owned = {table.name for table in owned_tables()}
    assert owned | NOT_OF_CALLERS == set(metadata.tables), "say of the new table whether it holds something of callers"
    assert not owned & NOT_OF_CALLERS
    assert {name for name in NOT_OF_CALLERS if leads_to_a_person(metadata.tables[name])} == {"tombstones"}


def test_erasing_removes_every_row_and_the_key_and_leaves_others_untouched(stores: Stores):
    with stores.database.writing() as connection:
        others = keep_call(connection, stores.vault, OLA, "what Ola said")
        before = every_row(connection, "access_log", "tombstones")
        kari = keep_call(connection, stores.vault, KARI, "what Kari said")
        subject = subject_of_number(connection, stores.vault, KARI)

    proof = erase(stores, subject, OFFICER)

    assert proof.complete and not proof.left
    assert proof.removed == {table.name: 1 for table in owned_tables()}
    with stores.database.reading() as connection:
        assert every_row(connection, "access_log", "tombstones") == before
        with pytest.raises(KeyDestroyed):
            stores.vault.caller_key(connection, kari.caller_id)
        (stone,) = connection.execute(select(tombstones)).all()
        assert (stone.number_hash, stone.by) == (subject.number_hashes[0], "cli:anne")
        (line,) = access_log.shown(connection)
        assert (line.action, line.subject) == ("caller.erase", subject.name)
        assert access_log.verify(connection, stores.vault).is_whole
        assert stores.key_backup is not None
        kept = escrow.read(stores.key_backup, stores.vault.master)
        assert kept is not None and set(kept.keys) == {others.caller_id}
        assert [one.number_hash for one in kept.tombstones] == [stone.number_hash]


def test_a_caller_without_a_number_is_erased_by_a_conversation(stores: Stores):
    with stores.database.writing() as connection:
        other = keep_call(connection, stores.vault, None, "somebody else")
        kept = keep_call(connection, stores.vault, None, "withheld")
        subject = subject_of_conversation(connection, stores.vault, kept.conversation)
        assert subject is not None

    assert erase(stores, subject, OFFICER).complete

    with stores.database.reading() as connection:
        assert subject_of_conversation(connection, stores.vault, kept.conversation) is None
        assert subject_of_conversation(connection, stores.vault, other.conversation) is not None


def test_a_callback_that_another_asked_for_goes_with_the_number_to_call(stores: Stores):
    with stores.database.writing() as connection:
        karis = stores.vault.number_hash(connection, KARI)
        keep_call(connection, stores.vault, OLA, "call my wife back", number_hash=karis)
        subject = subject_of_number(connection, stores.vault, KARI)

    assert erase(stores, subject, OFFICER).removed == {"callbacks": 1}


def test_who_calls_again_after_being_erased_is_a_new_caller(stores: Stores):
    with stores.database.writing() as connection:
        old = keep_call(connection, stores.vault, KARI, "before")
        subject = subject_of_number(connection, stores.vault, KARI)
    erase(stores, subject, OFFICER)

    with stores.database.writing() as connection:
        new = keep_call(connection, stores.vault, KARI, "after")
        assert new.caller_id != old.caller_id
        place = place_of("turns", "record", new.conversation, 1)
        sealed = stores.vault.seal(connection, new.caller_id, "later", place)
        assert stores.vault.open(connection, new.caller_id, sealed, place) == "later"
        with pytest.raises(KeyDestroyed):  # what a live call of before still wants to write
            stores.vault.seal(connection, old.caller_id, "late entry", place)


def test_recordings_go_also_those_not_noted_yet_and_nothing_outside_their_folder(stores: Stores, tmp_path: Path):
    folder = stores.folder / "recordings"
    folder.mkdir(parents=True)
    outside = tmp_path / "outside"
    outside.write_bytes(b"x")
    with stores.database.writing() as connection:
        first = keep_call(connection, stores.vault, KARI, "x", file="noted.sound")
        second = keep_call(connection, stores.vault, KARI, "x", file="../../outside")
        subject = subject_of_number(connection, stores.vault, KARI)
    for name in ("noted.sound", f"{first.conversation}-1.sound", f"{second.conversation}-2.sound", "another-1.sound"):
        (folder / name).write_bytes(b"sound")

    proof = erase(stores, subject, OFFICER)

    assert proof.files == 3 and proof.complete
    assert [path.name for path in folder.iterdir()] == ["another-1.sound"] and outside.exists()


def test_when_the_key_backup_cannot_be_written_nothing_is_erased(stores: Stores):
    assert stores.key_backup is not None
    (stores.key_backup / escrow.ESCROW_FILE).mkdir(parents=True)
    with stores.database.writing() as connection:
        keep_call(connection, stores.vault, KARI, "x")
        before = every_row(connection)
        subject = subject_of_number(connection, stores.vault, KARI)

    with pytest.raises(RecordsUnavailable, match="cannot be written"):
        erase(stores, subject, OFFICER)

    with stores.database.reading() as connection:
        assert every_row(connection) == before


def test_a_number_of_whom_nothing_is_kept_gets_a_tombstone_for_the_backups(stores: Stores):
    with stores.database.writing() as connection:
        subject = subject_of_number(connection, stores.vault, KARI)
    proof = erase(stores, subject, OFFICER)
    assert proof.complete and not proof.removed
    with stores.database.reading() as connection:
        assert len(connection.execute(select(tombstones)).all()) == 1
