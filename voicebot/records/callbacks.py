"""Callbacks and messages that callers have left: read, taken by one person at a time, tried, and settled.

Two people who take the same one at once are kept apart by the database: one change of a row succeeds, the other finds
nothing to change.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, update

from voicebot.records.errors import SealBroken
from voicebot.records.keys import open_with
from voicebot.records.schema import callbacks, caller_keys, conversations
from voicebot.records.vault import Vault, place_of

TAKEN_FOR = timedelta(hours=2)
"""Whoever took one and let it lie so long has lost it to anybody else: no caller waits for a person who went home."""

GIVEN_UP = ("given_up", "not_reached")
"""Outcomes that leave the caller without an answer; every other is "done"."""


@dataclass(frozen=True, slots=True)
class CallbackRow:
    """Somebody who waits to hear from us.

    Args:
        id: of the callback.
        conversation: in which they asked; None where it is not kept.
        kind: "callback" or "message".
        department, language: whom they want, and in which language.
        about: what it is about; "" once nothing of it is kept, or when it is damaged and cannot be read.
        number: to call, E.164; "" as `about`.
        wanted, until: when they want it; None for as soon as may be.
        deadline: until when it was promised.
        status: "open", "taken", "done" or "given_up".
        tries: how often nobody was reached.
        next_at: not to be tried again before; None for any time.
        taken_by: who works on it, "" for nobody.
        at: when they asked.
        own: the number is the one that called.
        called: the number of ours that was called, E.164; "" when that is not known.
        outcome: what came of it, "" while it is open.
    """

    id: str
    conversation: str | None
    kind: str
    department: str
    language: str
    about: str
    number: str
    wanted: datetime | None
    until: datetime | None
    deadline: datetime
    status: str
    tries: int
    next_at: datetime | None
    taken_by: str
    at: datetime
    own: bool
    called: str
    outcome: str


def open_callbacks(connection: Connection, vault: Vault, now: datetime, most: int = 100) -> list[CallbackRow]:
    """Those that are open or taken: what can be done now comes first, then what has to wait; each by its deadline.

    Args:
        connection: a reading one.
        vault: opens them.
        now: timezone-aware.
        most: how many.
    """
    waits = func.coalesce(callbacks.c.next_at, callbacks.c.wanted, callbacks.c.at) > now
    order = (waits, callbacks.c.deadline, callbacks.c.id)
    query = _query().where(callbacks.c.status.in_(("open", "taken"))).order_by(*order).limit(most)
    return [_row(vault, row, now) for row in connection.execute(query)]


def callback(connection: Connection, vault: Vault, callback_id: str) -> CallbackRow | None:
    """One of them, or None. Whoever shows its number or words to somebody notes that in the access log first."""
    row = connection.execute(_query().where(callbacks.c.id == callback_id)).one_or_none()
    return None if row is None else _row(vault, row, None)


def take(connection: Connection, callback_id: str, agent: str, now: datetime) -> bool:
    """Have it for oneself; False when somebody else has it, or it is settled. Taking one's own again is fine.

    Args:
        connection: a writing one.
        callback_id: which.
        agent: as the bot folder names them.
        now: timezone-aware.
    """
    let_lie = and_(callbacks.c.status == "taken", callbacks.c.taken_at < now - TAKEN_FOR)
    free = or_(callbacks.c.status == "open", let_lie, _taken_by(agent))
    return _changed(connection, callback_id, free, status="taken", taken_by=agent, taken_at=now)


def release(connection: Connection, callback_id: str, agent: str) -> bool:
    """Let others have it again; False when it was not this person's."""
    return _changed(connection, callback_id, _taken_by(agent), status="open", taken_by="", taken_at=None)


def tried(connection: Connection, callback_id: str, now: datetime, next_at: datetime | None) -> bool:
    """Nobody was reached: it is open again, from `next_at` on. Told twice for the same moment it counts once.

    Args:
        connection: a writing one.
        callback_id: which.
        now: when it was tried.
        next_at: when to try again; None for any time.
    """
    unsettled = callbacks.c.status.in_(("open", "taken"))
    again = func.coalesce(callbacks.c.tried_at < now, True)
    values = {"tries": callbacks.c.tries + 1, "tried_at": now, "next_at": next_at, "status": "open"}
    return _changed(connection, callback_id, and_(unsettled, again), taken_by="", taken_at=None, **values)


def settle(connection: Connection, vault: Vault, callback_id: str, agent: str, outcome: str, now: datetime) -> bool:
    """It is over; False when somebody else has it, or it was over already.

    Where words are not kept, whom to call and why is not kept any longer than until now.

    Args:
        connection: a writing one.
        vault: seals what is left.
        callback_id: which.
        agent: who settles it.
        outcome: a name; those of `GIVEN_UP` leave the caller without an answer.
        now: timezone-aware.
    """
    status = "given_up" if outcome in GIVEN_UP else "done"
    mine = or_(callbacks.c.status == "open", _taken_by(agent))
    values = {"status": status, "taken_by": agent, "outcome": outcome, "done_at": now, "next_at": None}
    if not _changed(connection, callback_id, mine, **values):
        return False
    keep = select(callbacks.c.caller_id, conversations.c.keep).outerjoin(conversations)
    row = connection.execute(keep.where(callbacks.c.id == callback_id)).one()
    if row.keep != "redacted":
        empty = vault.seal(connection, row.caller_id, "{}", place_of("callbacks", "sealed", callback_id))
        connection.execute(update(callbacks).where(callbacks.c.id == callback_id).values(sealed=empty))
    return True


def _taken_by(agent: str) -> ColumnElement[bool]:
    return and_(callbacks.c.status == "taken", callbacks.c.taken_by == agent)


def _changed(connection: Connection, callback_id: str, when: ColumnElement[bool], **values: Any) -> bool:
    change = update(callbacks).where(callbacks.c.id == callback_id, when).values(**values)
    return connection.execute(change).rowcount == 1


def _query() -> Select[Any]:
    """The callers' keys come along: a look-up of each would take longer than all the rest."""
    keys = (caller_keys.c.wrapped, caller_keys.c.master_id)
    return select(callbacks, *keys).join(caller_keys, caller_keys.c.caller_id == callbacks.c.caller_id)


def _row(vault: Vault, row: Row[Any], now: datetime | None) -> CallbackRow:
    sealed = _opened(vault, row)
    let_lie = now is not None and row.status == "taken" and row.taken_at < now - TAKEN_FOR
    return CallbackRow(
        row.id,
        row.conversation_id,
        row.kind,
        row.department,
        row.language,
        str(sealed.get("about", "")),
        str(sealed.get("number", "")),
        row.wanted,
        row.wanted_until,
        row.deadline,
        "open" if let_lie else row.status,
        row.tries,
        row.next_at,
        "" if let_lie else row.taken_by,
        row.at,
        bool(sealed.get("own", False)),
        str(sealed.get("called", "")),
        row.outcome,
    )


def _opened(vault: Vault, row: Row[Any]) -> Mapping[str, Any]:
    try:
        key = vault.master.unwrap(row.wrapped, row.master_id, place_of("caller_keys", "wrapped", row.caller_id))
        found: Mapping[str, Any] = json.loads(open_with(key, row.sealed, place_of("callbacks", "sealed", row.id)))
    except (SealBroken, ValueError):  # it stays in the list: somebody waits, though nobody can say who
        return {}
    return found
