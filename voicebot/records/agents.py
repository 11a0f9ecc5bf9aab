"""What people who take callers need of the records: what goes on, what they said of it, and who called before."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, select

from voicebot.records.errors import KeyDestroyed, SealBroken
from voicebot.records.keys import open_with
from voicebot.records.reading import ConversationRow, rows_of
from voicebot.records.schema import (
    agent_statuses,
    caller_keys,
    conversations,
    live_transfers,
    transfer_attempts,
    transfers,
    wrap_ups,
)
from voicebot.records.vault import Vault, place_of

MOST_WRAP_UPS = 100
"""Of one person, in a list."""


@dataclass(frozen=True, slots=True)
class WrapUp:
    """What somebody said of a conversation; see `voicebot.records.entries.WrappedUp`.

    Args:
        note: None where it is not kept, or cannot be read.
    """

    conversation: str
    transfer: str | None
    agent: str
    outcome: str
    note: str | None
    brief_right: str
    at: datetime


def saved_transfers(connection: Connection, vault: Vault, since: datetime) -> Sequence[tuple[str, str]]:
    """Transfers under way: their ids, and what was saved of them last; what cannot be opened is left out.

    Args:
        connection: a reading one.
        vault: opens them.
        since: older ones are over, whatever came of them.
    """
    # The callers' keys come along: the house does not answer before it has these.
    keys = (caller_keys.c.wrapped, caller_keys.c.master_id)
    query = select(live_transfers, *keys).join(caller_keys, caller_keys.c.caller_id == live_transfers.c.caller_id)
    found = []
    for row in connection.execute(query.where(live_transfers.c.at >= since).order_by(live_transfers.c.at)):
        with suppress(SealBroken):
            key = vault.master.unwrap(row.wrapped, row.master_id, place_of("caller_keys", "wrapped", row.caller_id))
            state = open_with(key, row.sealed, place_of("live_transfers", "sealed", row.transfer_id))
            found.append((row.transfer_id, state.decode()))
    return found


def statuses(connection: Connection) -> dict[str, tuple[str, datetime]]:
    """How everybody stands who ever said so, and since when; by person."""
    return {row.person: (row.status, row.at) for row in connection.execute(select(agent_statuses))}


def wrap_up(connection: Connection, vault: Vault, conversation: str) -> WrapUp | None:
    """What was said of a conversation, or None."""
    query = select(wrap_ups, conversations.c.caller_id).join(conversations)
    row = connection.execute(query.where(wrap_ups.c.conversation_id == conversation)).one_or_none()
    if row is None:
        return None
    note = None
    if row.sealed is not None:
        try:
            note = vault.open(connection, row.caller_id, row.sealed, place_of("wrap_ups", "sealed", conversation))
        except (SealBroken, KeyDestroyed):
            note = None
    return WrapUp(conversation, row.transfer_id, row.agent, row.outcome, note, row.brief_right, row.at)


def waiting_wrap_ups(connection: Connection, agent: str, since: datetime) -> list[ConversationRow]:
    """Conversations that this person has talked in and said nothing of yet, the newest first.

    Args:
        connection: a reading one.
        agent: as the bot folder names them.
        since: transfers that ended before then are let be.
    """
    said = exists().where(wrap_ups.c.conversation_id == transfers.c.conversation_id, wrap_ups.c.at >= transfers.c.at)
    talked = (
        select(transfers.c.conversation_id)
        .join(transfer_attempts)
        .where(transfers.c.ended_at >= since, transfers.c.seconds_to_human.is_not(None), ~said)
        # Whoever took the caller has an attempt that came to what the transfer came to.
        .where(transfer_attempts.c.agent == agent, transfer_attempts.c.outcome == transfers.c.outcome)
    )
    return list(rows_of(connection, conversations.c.id.in_(talked), MOST_WRAP_UPS))


def written_wrap_ups(connection: Connection, agent: str, since: datetime) -> list[ConversationRow]:
    """Conversations that this person has said something of since then, the newest first."""
    theirs = select(wrap_ups.c.conversation_id).where(wrap_ups.c.agent == agent, wrap_ups.c.at >= since)
    return list(rows_of(connection, conversations.c.id.in_(theirs), MOST_WRAP_UPS))


def history(connection: Connection, conversation: str, most: int = 20) -> list[ConversationRow]:
    """Earlier conversations of the same caller, the newest first; none for a caller who is not known by a number.

    Args:
        connection: a reading one.
        conversation: which one it goes on with; it is not among them.
        most: how many.
    """
    now = select(conversations.c.caller_id, conversations.c.started_at).where(conversations.c.id == conversation)
    row = connection.execute(now).one_or_none()
    if row is None or row.caller_id is None:
        return []
    earlier = and_(
        conversations.c.caller_id == row.caller_id,
        conversations.c.started_at <= row.started_at,
        conversations.c.id != conversation,
    )
    return list(rows_of(connection, earlier, most))
