"""Forgetting by rule: what is older than its kind may become goes, and with it the keys of callers of whom nothing is
left. Every run leaves a row for each rule, so that it can be shown that it ran.

It works in small transactions, so that calls are written down meanwhile. A conversation's own row stays, without
anything sealed in it, for as long as something of another rule hangs on it: a callback that may live longer.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, func, insert, or_, select, true, update

from dialog.records_rules import RecordsRules
from voicebot.records import access_log, escrow
from voicebot.records.belonging import owned_tables
from voicebot.records.changing import change_keys
from voicebot.records.entries import new_id
from voicebot.records.leftovers import tidy
from voicebot.records.schema import (
    callbacks,
    caller_keys,
    caller_numbers,
    callers,
    conversations,
    forget_runs,
    identity_attempts,
    live_states,
    live_transfers,
    recordings,
    sign_in_failures,
    sign_ins,
    unanswered,
)
from voicebot.records.scrubbing import fold
from voicebot.records.sound_files import all_files, files_of, recordings_folder, remove
from voicebot.records.stores import Stores

BATCH = 200
"""Conversations, or rows, deleted in one transaction: some ten milliseconds."""

ORPHANED_AFTER = timedelta(days=1)
"""A recording without a row is older than this: whatever wrote it has given up."""

OWN_RULES = {"callbacks": callbacks, "unanswered": unanswered, "identity": identity_attempts, "recordings": recordings}
"""Kinds with days of their own, and where they lie; everything else of a conversation goes with it."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What one rule did.

    Args:
        rule: the kind, or "live", "callers", "sign_ins".
        cutoff: what is older goes; None where age does not decide.
        deleted: rows, or files.
        seconds: it took.
    """

    rule: str
    cutoff: datetime | None
    deleted: int
    seconds: float


class _TriedOnly(Exception):
    """Takes back everything a dry run did."""


def forget(
    stores: Stores,
    rules: RecordsRules,
    bot: str | None,
    now: datetime,
    by: str,
    *,
    dry_run: bool = False,
) -> tuple[Forgotten, ...]:
    """Delete what is too old, and note that it was done.

    Args:
        stores: where it lies.
        rules: days per kind.
        bot: only conversations of this bot; None takes every bot's.
        now: timezone-aware.
        by: who runs it, for the access log: "system", "cli:anne".
        dry_run: find out what would go, and delete nothing; holds the ledger back meanwhile.
    Raises:
        RecordsUnavailable: the store or the key backup cannot be written; what was done until then stays done.
    """
    steps = tuple(_steps(stores, rules, bot, now, by))
    if dry_run:
        return _tried(stores, steps)
    with escrow.locked(stores.key_backup):
        done = [_done(stores, step) for step in steps]
        change_keys(stores.database, lambda connection: _renew_key_backup(connection, stores))
    done.append(_orphans(stores, now))
    _note(stores, done, now)
    fold(stores.database)
    return tuple(done)


def last_run(connection: Connection) -> datetime | None:
    """When `forget` was last done; None: never."""
    return connection.execute(select(func.max(forget_runs.c.at))).scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class _Step:
    """One rule.

    Args:
        rule: its name.
        cutoff: what is older goes; None where age does not decide.
        once: deletes a batch; returns how many rows went, and the files that go with them.
        batches: there may be more after one.
    """

    rule: str
    cutoff: datetime | None
    once: Callable[[Connection], tuple[int, list[Path]]]
    batches: bool = True


def _steps(stores: Stores, rules: RecordsRules, bot: str | None, now: datetime, by: str) -> Iterator[_Step]:
    cutoffs = {kind: now - timedelta(days=days) for kind, days in rules.days.items()}
    yield _Step("live", None, lambda connection: (_live(connection, now), []))
    for kind, table in OWN_RULES.items():
        yield _Step(kind, cutoffs[kind], _aged(table, cutoffs[kind], bot, stores))
    talks, lines = cutoffs["conversations"], cutoffs["access_log"]
    yield _Step("conversations", talks, lambda connection: (_talks(connection, talks, bot), []))
    yield _Step("callers", None, lambda connection: (_callers(connection), []))
    cut = _Step(
        "access_log", lines, lambda connection: (access_log.cut(connection, stores.vault, lines, by), []), False
    )
    yield cut  # one piece: each cut leaves a line of its own
    yield _Step("sign_ins", now, lambda connection: (_sign_ins(connection, now, lines), []))


def _done(stores: Stores, step: _Step) -> Forgotten:
    """Batch after batch, each in a transaction of its own."""
    began, deleted, more = time.monotonic(), 0, True
    while more:
        gone, files = change_keys(stores.database, step.once)
        remove(files)
        deleted += gone
        more = step.batches and gone > 0
    return Forgotten(step.rule, step.cutoff, deleted, time.monotonic() - began)


def _tried(stores: Stores, steps: tuple[_Step, ...]) -> tuple[Forgotten, ...]:
    """What would go: done in one transaction, and taken back."""
    tried: list[Forgotten] = []

    def try_all(connection: Connection) -> None:
        for step in steps:
            deleted, more = 0, True
            while more:
                gone, _ = step.once(connection)
                deleted += gone
                more = step.batches and gone > 0
            tried.append(Forgotten(step.rule, step.cutoff, deleted, 0.0))
        raise _TriedOnly

    with suppress(_TriedOnly):
        change_keys(stores.database, try_all)
    return tuple(tried)


def _live(connection: Connection, now: datetime) -> int:
    def held() -> int:
        return sum(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (live_states, live_transfers)
        )

    before = held()
    tidy(connection, now)
    return before - held()


def _of_bot(table: Table, bot: str | None) -> ColumnElement[bool]:
    if bot is None:
        return true()
    if "bot" in table.c:
        return table.c.bot == bot
    known = select(conversations.c.id).where(conversations.c.bot == bot)
    mine = table.c.conversation_id.in_(known)
    # What hangs on no conversation any more names no bot: the rules of whoever runs this hold.
    return or_(mine, table.c.conversation_id.is_(None)) if table.c.conversation_id.nullable else mine


def _aged(
    table: Table, cutoff: datetime, bot: str | None, stores: Stores
) -> Callable[[Connection], tuple[int, list[Path]]]:
    def once(connection: Connection) -> tuple[int, list[Path]]:
        old = and_(_age(table) < cutoff, _of_bot(table, bot))
        ids = list(connection.execute(select(table.c.id).where(old).limit(BATCH)).scalars())
        files: list[Path] = []
        if table is recordings:
            names = connection.execute(select(recordings.c.file).where(recordings.c.id.in_(ids))).scalars()
            files = files_of(recordings_folder(stores.folder), names, ())
        return connection.execute(delete(table).where(table.c.id.in_(ids))).rowcount, files

    return once


def _age(table: Table) -> ColumnElement[datetime]:
    """When a row began to grow old: a callback once it is done, or should have been."""
    return func.coalesce(callbacks.c.done_at, callbacks.c.deadline) if table is callbacks else table.c.at


def _talks(connection: Connection, cutoff: datetime, bot: str | None) -> int:
    """Everything of old conversations that has no rule of its own, and their rows where nothing is left on them."""
    with_it = [table for table in owned_tables() if "conversation_id" in table.c and table not in OWN_RULES.values()]
    busy = or_(*(exists().where(table.c.conversation_id == conversations.c.id) for table in OWN_RULES.values()))
    # Consents stand for as long as a recording they allow: they go with the row.
    emptied = [table for table in with_it if table.name != "consents"]
    full = or_(*(exists().where(table.c.conversation_id == conversations.c.id) for table in emptied))
    old = and_(conversations.c.started_at < cutoff, _of_bot(conversations, bot))
    query = select(conversations.c.id).where(old, or_(full, conversations.c.sealed.is_not(None), ~busy)).limit(BATCH)
    ids = list(connection.execute(query).scalars())
    deleted = 0
    for table in emptied:
        deleted += connection.execute(delete(table).where(table.c.conversation_id.in_(ids))).rowcount
    deleted += connection.execute(delete(conversations).where(conversations.c.id.in_(ids), ~busy)).rowcount
    rest = update(conversations).where(conversations.c.id.in_(ids)).values(sealed=None)
    return deleted + connection.execute(rest).rowcount


def _callers(connection: Connection) -> int:
    """Callers of whom nothing is left, with their keys."""
    kept = [table for table in owned_tables() if "caller_id" in table.c and table not in (caller_keys, caller_numbers)]
    left = or_(*(exists().where(table.c.caller_id == callers.c.id) for table in kept))
    ids = list(connection.execute(select(callers.c.id).where(~left).limit(BATCH)).scalars())
    if not ids:
        return 0
    for table in (caller_keys, caller_numbers):
        connection.execute(delete(table).where(table.c.caller_id.in_(ids)))
    connection.execute(delete(callers).where(callers.c.id.in_(ids)))
    return len(ids)


def _renew_key_backup(connection: Connection, stores: Stores) -> None:
    """At the end of every run, whether or not a key went: a run that was cut short may have left one behind."""
    if stores.key_backup is not None:
        escrow.write(stores.key_backup, stores.vault.master, escrow.held(connection))


def _sign_ins(connection: Connection, now: datetime, runs_before: datetime) -> int:
    deleted = connection.execute(delete(sign_ins).where(sign_ins.c.expires_at <= now)).rowcount
    old = sign_in_failures.c.at < now - timedelta(days=1)
    deleted += connection.execute(delete(sign_in_failures).where(old)).rowcount
    return deleted + connection.execute(delete(forget_runs).where(forget_runs.c.at < runs_before)).rowcount


def _orphans(stores: Stores, now: datetime) -> Forgotten:
    """Files that no row names: of a conversation that was forgotten while it wrote, or of a process that died."""
    began, folder = time.monotonic(), recordings_folder(stores.folder)
    with stores.database.reading() as connection:
        named = {(folder / name).resolve() for name in connection.execute(select(recordings.c.file)).scalars()}
    before = (now - ORPHANED_AFTER).timestamp()
    old = [path for path in all_files(folder) if path.resolve() not in named and path.stat().st_mtime < before]
    return Forgotten("orphaned files", now - ORPHANED_AFTER, remove(old), time.monotonic() - began)


def _note(stores: Stores, done: list[Forgotten], now: datetime) -> None:
    at = now.astimezone(UTC)
    rows = [
        {
            "id": new_id(),
            "at": at,
            "rule": one.rule,
            "cutoff": one.cutoff,
            "deleted": one.deleted,
            "seconds": one.seconds,
        }
        for one in done
    ]
    with stores.database.writing() as connection:
        connection.execute(insert(forget_runs), rows)
