"""Erasing a caller: every row, every file and the key, with a proof of what went and how that was checked.

The key goes first, so that no other process can write for the caller while the rows go. Entries of a call that is
still going on find no key any more and are dropped. The tombstone keeps a backup from bringing the caller back; it
does not keep the same person from calling again, which is a new caller with a new key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, insert, select

from voicebot.records import access_log, escrow
from voicebot.records.belonging import of_callers, owned_tables
from voicebot.records.schema import caller_keys, conversations, recordings, tombstones
from voicebot.records.scrubbing import scrub, traces
from voicebot.records.sound_files import files_of, recordings_folder, remove
from voicebot.records.stores import Stores
from voicebot.records.subjects import Officer, Subject, caller_hash, counted, of_subject


@dataclass(frozen=True, slots=True)
class Proof:
    """What an erasure did, and how it was checked; nothing in it is personal.

    Args:
        subject: see `Subject.name`.
        at: when it was done.
        by: who did it.
        removed: rows per table.
        files: recordings deleted.
        escrow: the key backup was written anew; None when there is none.
        scrubbed: the space of the deleted rows was cleared, too; False: another process stood in the way.
        left: what reading back still found, per table or file; empty when all is gone.
    """

    subject: str
    at: datetime
    by: str
    removed: Mapping[str, int]
    files: int
    escrow: bool | None
    scrubbed: bool
    left: Mapping[str, int]

    @property
    def complete(self) -> bool:
        """Whether all is gone and nothing of it can be read anywhere."""
        return self.scrubbed and not self.left


def erase(stores: Stores, subject: Subject, officer: Officer) -> Proof:
    """Remove everything about somebody; done again it removes what came since, and clears what was left.

    Raises:
        RecordsUnavailable: the key backup cannot be written: nothing has been erased.
    """
    folder = recordings_folder(stores.folder)
    with escrow.locked(stores.key_backup), stores.database.writing() as connection:
        marks = _marks(connection, subject)
        talks = list(connection.execute(select(conversations.c.id).where(of_subject(conversations, subject))).scalars())
        names = connection.execute(select(recordings.c.file).where(of_subject(recordings, subject))).scalars()
        files = files_of(folder, names, talks)
        hashes = subject.number_hashes or tuple(
            caller_hash(connection, stores.vault, one) for one in subject.caller_ids
        )
        removed = _removed(connection, subject)
        at = datetime.now(UTC)
        for number_hash in hashes:
            _bury(connection, number_hash, at, officer)
        access_log.note(
            connection, stores.vault, officer.actor, officer.role, "caller.erase", subject.name, officer.reason
        )
        if stores.key_backup is not None:  # before the commit: should it fail, nothing has been erased
            escrow.write(stores.key_backup, stores.vault.master, escrow.held(connection))
    deleted = remove(files)
    scrubbed = scrub(stores.database, [table for table in owned_tables() if removed.get(table.name)])
    left = _left(stores, subject, hashes, marks) | (
        {"recordings": len(rest)} if (rest := [f for f in files if f.exists()]) else {}
    )
    return Proof(
        subject.name, at, officer.actor, removed, deleted, None if stores.key_backup is None else True, scrubbed, left
    )


def _removed(connection: Connection, subject: Subject) -> dict[str, int]:
    """Delete children before parents, so that each row is counted where it stands; the keys before everything."""
    removed: dict[str, int] = {}
    for table in (caller_keys, *reversed(owned_tables())):
        gone = connection.execute(delete(table).where(of_subject(table, subject))).rowcount
        if gone:
            removed[table.name] = removed.get(table.name, 0) + gone
    return removed


def _bury(connection: Connection, number_hash: str, at: datetime, officer: Officer) -> None:
    connection.execute(delete(tombstones).where(tombstones.c.number_hash == number_hash))
    connection.execute(
        insert(tombstones).values(number_hash=number_hash, erased_at=at, by=officer.actor, reason=officer.reason)
    )


def _marks(connection: Connection, subject: Subject) -> tuple[bytes, ...]:
    """What would show in the store's own files that something is left: ids of the caller, and the locked key."""
    keys = connection.execute(
        select(caller_keys.c.wrapped).where(of_callers(caller_keys, subject.caller_ids))
    ).scalars()
    return (*(one.encode() for one in subject.caller_ids), *keys)


def _left(stores: Stores, subject: Subject, hashes: tuple[str, ...], marks: tuple[bytes, ...]) -> dict[str, int]:
    """Read back, in a transaction of its own, everything that must be gone, and the tombstone that must be there."""
    with stores.database.reading() as connection:
        left = counted(connection, subject)
        stones = select(func.count()).select_from(tombstones).where(tombstones.c.number_hash.in_(hashes))
        missing = len(hashes) - connection.execute(stones).scalar_one()
    if missing:
        left["tombstone missing"] = missing
    if stores.key_backup is not None:
        kept = escrow.read(stores.key_backup, stores.vault.master)
        if kept is None or any(one in kept.keys for one in subject.caller_ids):
            left["key backup"] = 1
    return left | traces(stores.database, marks)
