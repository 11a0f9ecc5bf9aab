"""A new master key: everything opens with it alone afterwards, and a rotation cut off in the middle changes nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.voicebot.records.kept_calls import every_row, keep_call
from voicebot.config import RecordsConfig
from voicebot.records import escrow
from voicebot.records.errors import MasterKeyMissing, RecordsUnavailable, SealBroken
from voicebot.records.keys import KEY_FILE, load_master_keys, make_key_file, new_master_key, read_key_file
from voicebot.records.rotating import keys_held, rotate
from voicebot.records.stores import Stores, open_vault
from voicebot.records.vault import Vault, place_of

KARI = "+4792243711"


def with_keys(stores: Stores, config: RecordsConfig, *keys: str) -> Stores:
    return replace(stores, vault=Vault(load_master_keys(replace(config, master_keys=keys))))


def test_after_a_rotation_the_new_key_alone_opens_everything_and_the_old_one_nothing(
    stores: Stores, records_config: RecordsConfig
):
    (old,), new = read_key_file(records_config.folder / KEY_FILE), new_master_key()
    with stores.database.writing() as connection:
        call = keep_call(connection, stores.vault, KARI, "words")
        sealed = stores.vault.seal(connection, call.caller_id, "words", "here")

    assert rotate(with_keys(stores, records_config, new, old)) == 5

    after = with_keys(stores, records_config, new)
    with stores.database.reading() as connection:
        assert after.vault.open(connection, call.caller_id, sealed, "here") == "words"
        with pytest.raises(MasterKeyMissing):
            with_keys(stores, records_config, old).vault.open(connection, call.caller_id, sealed, "here")
    assert stores.key_backup is not None
    held = escrow.read(stores.key_backup, after.vault.master)
    assert held is not None and set(held.keys) == {call.caller_id}
    assert keys_held(after).locked == {after.vault.master.current.id: 5}


def test_a_house_that_runs_on_takes_up_the_new_key_from_the_key_file(stores: Stores, records_config: RecordsConfig):
    with stores.database.writing() as connection:
        call = keep_call(connection, stores.vault, KARI, "words")
    path = records_config.folder / KEY_FILE
    make_key_file(path, (new_master_key(), *read_key_file(path)))
    elsewhere = replace(stores, vault=Vault(load_master_keys(records_config)))
    rotate(elsewhere)
    with stores.database.writing() as connection:
        assert stores.vault.caller(connection, KARI) == call.caller_id
        stores.vault.seal(connection, call.caller_id, "more words", "here")
        stores.vault.caller(connection, None)
    assert set(keys_held(stores).locked) == {elsewhere.vault.master.current.id}, "and locks with it"


def test_a_rotation_that_cannot_finish_changes_nothing(stores: Stores, records_config: RecordsConfig):
    (old,) = read_key_file(records_config.folder / KEY_FILE)
    with stores.database.writing() as connection:
        keep_call(connection, stores.vault, KARI, "words")
        before = every_row(connection)
    assert stores.key_backup is not None
    (stores.key_backup / escrow.ESCROW_FILE).mkdir(parents=True)
    with pytest.raises(RecordsUnavailable):
        rotate(with_keys(stores, records_config, new_master_key(), old))
    with stores.database.reading() as connection:
        assert every_row(connection) == before


def test_a_blob_opens_only_where_it_was_sealed_and_only_unchanged(stores: Stores):
    with stores.database.writing() as connection:
        caller = stores.vault.caller(connection, KARI)
        other = stores.vault.caller(connection, None)
        place = place_of("turns", "record", "a", 1)
        sealed = stores.vault.seal(connection, caller, "words", place)
        assert stores.vault.open(connection, caller, sealed, place) == "words"
        assert stores.vault.seal(connection, caller, "words", place) != sealed, "a nonce is used once"
        for who, blob, where in (
            (caller, sealed, place_of("turns", "record", "a", 2)),
            (other, sealed, place),
            (caller, sealed[:-1], place),
            (caller, bytes([sealed[0] ^ 1]) + sealed[1:], place),
            (caller, b"", place),
        ):
            with pytest.raises(SealBroken):
                stores.vault.open(connection, who, blob, where)


def test_a_lost_key_file_is_not_made_anew_over_records_that_need_the_old_one(
    stores: Stores, records_config: RecordsConfig
):
    path = records_config.folder / KEY_FILE
    assert path.stat().st_mode & 0o077 == 0
    path.unlink()
    with pytest.raises(RecordsUnavailable, match="is gone"):
        open_vault(stores.database, records_config)
    assert not path.exists()
    make_key_file(path, (new_master_key(),))
    with pytest.raises(MasterKeyMissing):
        open_vault(stores.database, records_config)


@pytest.mark.parametrize("keys", [("short",), ("!" * 44,), (new_master_key(), "")])
def test_a_key_that_is_none_is_refused_without_being_shown(tmp_path: Path, keys: tuple[str, ...]):
    with pytest.raises(RecordsUnavailable, match="32 bytes") as refused:
        load_master_keys(RecordsConfig(tmp_path, "", keys, None, None))
    assert "!!!" not in str(refused.value) and "short" not in str(refused.value)
