"""What a call leaves behind when it has no proper end: taken up again within minutes, or closed."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, exists, func, or_, select, update

from voicebot.records.entries import Recalled
from voicebot.records.schema import conversations, live_states, live_transfers, turns
from voicebot.records.vault import Vault, place_of

LIVE_FOR = timedelta(minutes=10)
"""How long a conversation that is not properly over can be taken up again, unless its caller is with a person."""

TRANSFER_FOR = timedelta(minutes=65)
"""How long a transfer may go on from its last change: people talk for an hour at most, and then part."""

LOST_AFTER = timedelta(minutes=15)
"""A conversation without an end and without a turn for so long was cut off by a crash."""

ROUNDED = timedelta(hours=1)
"""Where nothing is kept, the beginning is known by the hour only."""


def recalled(connection: Connection, vault: Vault, call_id: str, now: datetime) -> Recalled | None:
    """The conversation that this call can go on with, or None.

    Args:
        connection: in a transaction.
        vault: opens the state.
        call_id: the carrier's.
        now: timezone-aware.
    Raises:
        RecordsError: its state cannot be opened.
    """
    query = (
        select(conversations.c.id, conversations.c.caller_id, conversations.c.turns, live_states.c.sealed)
        .join(live_states, live_states.c.conversation_id == conversations.c.id)
        .where(conversations.c.call_id == call_id, _lives(now))
        .order_by(live_states.c.at.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    state = vault.open(connection, row.caller_id, row.sealed, place_of("live_states", "sealed", row.id))
    return Recalled(row.id, state, row.turns)


def open_calls(connection: Connection, now: datetime) -> frozenset[str]:
    """The carrier's ids of the calls that `recalled` would find."""
    query = (
        select(conversations.c.call_id)
        .join(live_states, live_states.c.conversation_id == conversations.c.id)
        .where(_lives(now))
    )
    return frozenset(connection.execute(query).scalars())


def _lives(now: datetime) -> ColumnElement[bool]:
    """States of calls that may come back: soon after their last turn, or when the person they talk with has gone."""
    with_a_person = exists().where(
        live_transfers.c.conversation_id == live_states.c.conversation_id, live_transfers.c.at >= now - TRANSFER_FOR
    )
    return or_(live_states.c.at >= now - LIVE_FOR, with_a_person)


def tidy(connection: Connection, now: datetime) -> None:
    """Let go of what only lives as long as a call, and close conversations that a crash has left open.

    Args:
        connection: in a writing transaction.
        now: timezone-aware.
    """
    connection.execute(delete(live_transfers).where(live_transfers.c.at < now - TRANSFER_FOR))
    connection.execute(delete(live_states).where(~_lives(now)))
    last_turn = select(func.max(turns.c.at)).where(turns.c.conversation_id == conversations.c.id).scalar_subquery()
    last = func.coalesce(last_turn, conversations.c.started_at)
    connection.execute(
        update(conversations)
        .where(conversations.c.ended_at.is_(None))
        .where(conversations.c.started_at < now - LOST_AFTER)
        .where(last < now - LOST_AFTER)
        .where(or_(conversations.c.keep != "nothing", conversations.c.started_at < now - LOST_AFTER - ROUNDED))
        .values(outcome="lost", ended_at=last)
    )
