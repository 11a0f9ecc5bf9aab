"""In whatever order callers call, are erased and forgotten, and the store is backed up, put back and its key changed:
what was erased can be opened by nobody, and what was not, by its owner's key, word for word."""

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from dialog.records_rules import RecordsRules
from tests.voicebot.records.kept_calls import NOON, keep_call
from voicebot.config import RecordsConfig
from voicebot.records import access_log, escrow
from voicebot.records.archive_rows import Stored, found_in
from voicebot.records.backing_up import back_up
from voicebot.records.belonging import owner, sealed_columns
from voicebot.records.database import open_database
from voicebot.records.erasing import erase
from voicebot.records.forgetting import forget
from voicebot.records.keys import KEY_FILE, load_master_keys, make_key_file, new_master_key, read_key_file
from voicebot.records.restoring import restore
from voicebot.records.rotating import rotate
from voicebot.records.schema import callbacks, conversations, turns, wrap_ups
from voicebot.records.stores import Stores, open_vault
from voicebot.records.subjects import Officer, subject_of_conversation, subject_of_number
from voicebot.records.vault import Vault

EXAMPLES, STEPS = 8, 14
"""For every run of the tests; `python -m benchmarks.rights_laws` takes many more."""

NUMBERS = ("+4792243711", "+4740011222", None)
OFFICER = Officer("cli:anne", "operator", "")
RULES = RecordsRules()

Model = dict[str, tuple[str, int, str | None]]
"""Conversation: its words, how many days old, and the number."""


class Rights(RuleBasedStateMachine):
    """A store, and beside it what should be in it."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        home = Path(self._folder.name)
        self.config = RecordsConfig(home / "records", "", (), None, home / "keys")
        database = open_database(self.config)
        self.stores = Stores(database, open_vault(database, self.config), self.config.folder, self.config.key_backup)
        self.kept: Model = {}
        self.caller_of: dict[str, str] = {}
        self.erased_callers: set[str] = set()
        self.backups: list[tuple[Path, Model]] = []
        self.said = 0

    def teardown(self) -> None:
        self.stores.database.close()
        self._folder.cleanup()

    @initialize()
    def first_backup(self) -> None:
        self.back_up()

    @rule(number=st.sampled_from(NUMBERS), days=st.sampled_from((0, 20, 100)))
    def call(self, number: str | None, days: int) -> None:
        self.said += 1
        words = f"words {self.said}"
        with self.stores.database.writing() as connection:
            kept = keep_call(connection, self.stores.vault, number, words, at=NOON - timedelta(days=days))
        self.kept[kept.conversation] = (words, days, number)
        self.caller_of[kept.conversation] = kept.caller_id

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        conversation = data.draw(st.sampled_from(sorted(self.kept)))
        number = self.kept[conversation][2]
        with self.stores.database.reading() as connection:
            if number is None:
                subject = subject_of_conversation(connection, self.stores.vault, conversation)
            else:
                subject = subject_of_number(connection, self.stores.vault, number)
        assert subject is not None
        assert erase(self.stores, subject, OFFICER).complete
        self.erased_callers |= set(subject.caller_ids)
        self.kept = {
            one: about
            for one, about in self.kept.items()
            if one != conversation and (number is None or about[2] != number)
        }

    @rule()
    def forget(self) -> None:
        forget(self.stores, RULES, None, NOON, "system")
        self.kept = {one: about for one, about in self.kept.items() if about[1] < 90}

    @rule()
    def back_up(self) -> None:
        path = Path(self._folder.name) / f"backup {len(self.backups)}"
        back_up(self.stores, path, OFFICER)
        self.backups.append((path, dict(self.kept)))

    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        path, then = data.draw(st.sampled_from(self.backups))
        keys = self._keys()
        held = {
            found.row["id"]
            for found in found_in(path, self.stores.vault.master, keys)
            if isinstance(found, Stored) and found.table is conversations
        }
        assert held == {one for one in then if self.caller_of[one] in keys}, "whose key is gone cannot be seen"
        if then and not held:
            return  # none of its callers has a key left: it is refused
        assert restore(self.stores, path, OFFICER, replace=True).chain_is_whole
        self.kept = {one: about for one, about in then.items() if one in held}

    @rule()
    def change_the_master_key(self) -> None:
        path = self.config.folder / KEY_FILE
        make_key_file(path, (new_master_key(), *read_key_file(path)))
        self.stores = replace(self.stores, vault=Vault(load_master_keys(self.config)))
        rotate(self.stores)

    @invariant()
    def what_is_kept_is_what_was_said(self) -> None:
        with self.stores.database.reading() as connection:
            for table in (turns, callbacks, wrap_ups):
                rows = connection.execute(select(table, owner(table).label("sealed_for"))).all()
                for sealed in sealed_columns(table):
                    opened = {
                        row.conversation_id: self.stores.vault.open(
                            connection, row.sealed_for, getattr(row, sealed.column.name), sealed.place(row)
                        )
                        for row in rows
                    }
                    assert opened == {one: about[0] for one, about in self.kept.items()}, table.name
            assert access_log.verify(connection, self.stores.vault).is_whole

    @invariant()
    def what_was_erased_can_be_opened_by_nobody(self) -> None:
        assert not self.erased_callers & set(self._keys())

    def _keys(self) -> dict[str, escrow.WrappedKey]:
        """Every caller's key there is, here and in the key backup."""
        with self.stores.database.reading() as connection:
            keys = dict(escrow.held(connection).keys)
        assert self.stores.key_backup is not None
        elsewhere = escrow.read(self.stores.key_backup, self.stores.vault.master)
        return keys | dict(elsewhere.keys if elsewhere else {})


TestRights = Rights.TestCase
TestRights.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
