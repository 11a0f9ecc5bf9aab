"""Erasing a caller: every row, every file and the key, with a proof of what went and how that was checked.

The key goes first, so that no other process can write for the caller while the rows go. Entries of a call that is
still going on find no key any more and are dropped. The tombstone keeps a backup from bringing the caller back; it
does not keep the same person from calling again, which is a new caller with a new key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select

from voicebot.records import access_log, escrow
from voicebot.records.belonging import owned_tables
from voicebot.records.changing import change_keys
from voicebot.records.schema import caller_keys, conversations, recordings, tombstones
from voicebot.records.scrubbing import scrub, traces
from voicebot.records.sound_files import files_of, recordings_folder, remove
from voicebot.records.stores import Stores
from voicebot.records.subjects import Officer, Subject, caller_hash, counted, current, of_subject


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
        RecordsUnavailable: the store or the key backup cannot be written: nothing has been erased.
    """
    with escrow.locked(stores.key_backup):
        taken = change_keys(stores.database, lambda connection: _take_out(connection, stores, subject, officer))
    files = remove(taken.files)
    scrubbed = scrub(stores.database, [table for table in owned_tables() if taken.removed.get(table.name)])
    renewed = None if stores.key_backup is None else True
    return Proof(
        subject.name, taken.at, officer.actor, taken.removed, files, renewed, scrubbed, _left(stores, subject, taken)
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    """What the transaction took out: `marks` would show in the store's own files that something is left of it."""

    at: datetime
    caller_ids: tuple[str, ...]
    removed: Mapping[str, int]
    files: list[Path]
    marks: tuple[bytes, ...]
    hashes: tuple[str, ...]


def _take_out(connection: Connection, stores: Stores, asked: Subject, officer: Officer) -> _Taken:
    subject = current(connection, asked)
    keys = connection.execute(select(caller_keys.c.wrapped).where(of_subject(caller_keys, subject))).scalars()
    marks = (*(one.encode() for one in subject.caller_ids), *keys)
    talks = connection.execute(select(conversations.c.id).where(of_subject(conversations, subject))).scalars()
    names = connection.execute(select(recordings.c.file).where(of_subject(recordings, subject))).scalars()
    files = files_of(recordings_folder(stores.folder), names, set(talks))
    secret = stores.vault.named(connection, "numbers")
    hashes = subject.number_hashes or tuple(caller_hash(secret, one) for one in subject.caller_ids)
    removed = _removed(connection, subject)
    at = datetime.now(UTC)
    for number_hash in hashes:
        _bury(connection, number_hash, at, officer)
    access_log.note(
        connection, stores.vault, officer.actor, officer.role, "caller.erase", subject.name, officer.noted_reason
    )
    if stores.key_backup is not None:  # before the commit: should it fail, nothing has been erased
        escrow.write(stores.key_backup, stores.vault.master, escrow.held(connection))
    return _Taken(at, subject.caller_ids, removed, files, marks, hashes)


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
        insert(tombstones).values(number_hash=number_hash, erased_at=at, by=officer.actor, reason=officer.noted_reason)
    )


def _left(stores: Stores, subject: Subject, taken: _Taken) -> dict[str, int]:
    """Read back, in a transaction of its own, everything that must be gone, and the tombstone that must be there."""
    with stores.database.reading() as connection:
        left = counted(connection, replace(subject, caller_ids=taken.caller_ids))
        stones = select(func.count()).select_from(tombstones).where(tombstones.c.number_hash.in_(taken.hashes))
        missing = len(taken.hashes) - connection.execute(stones).scalar_one()
    if stores.key_backup is not None:
        kept = escrow.read(stores.key_backup, stores.vault.master)
        left["key backup"] = sum(kept is None or one in kept.keys for one in taken.caller_ids)
    left |= {"tombstone missing": missing, "recordings folder": sum(path.exists() for path in taken.files)}
    return {place: number for place, number in (left | traces(stores.database, taken.marks)).items() if number}
