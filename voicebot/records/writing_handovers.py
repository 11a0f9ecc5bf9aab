"""How what happens between callers and people becomes rows: transfers, callbacks, wrap-ups, and who is free."""

from typing import Any

from sqlalchemy import Connection, delete, exists, select, update

from voicebot.records.entries import (
    AgentStatusSet,
    TransferAttempted,
    TransferEnded,
    TransferRequested,
    TransferSaved,
)
from voicebot.records.preparing import PreparedCallback, PreparedWrapUp
from voicebot.records.rows import Gone, kept_of, put
from voicebot.records.schema import (
    agent_statuses,
    callbacks,
    conversations,
    live_transfers,
    transfer_attempts,
    transfers,
    wrap_ups,
)
from voicebot.records.vault import Vault, place_of


def write_transfer(connection: Connection, entry: TransferRequested | TransferAttempted | TransferEnded) -> None:
    """A transfer, one try of it, or its end. Raises Gone."""
    if isinstance(entry, TransferRequested):
        if kept_of(connection, entry.conversation)[1] == "nothing":
            return
        values: dict[str, Any] = {
            "id": entry.transfer,
            "conversation_id": entry.conversation,
            "department": entry.department,
            "reason": entry.reason,
            "at": entry.at,
        }
        put(connection, transfers, ("id",), values)
        return
    if not connection.execute(select(exists().where(transfers.c.id == entry.transfer))).scalar_one():
        raise Gone
    if isinstance(entry, TransferEnded):
        connection.execute(
            update(transfers)
            .where(transfers.c.id == entry.transfer)
            .values(outcome=entry.outcome, seconds_to_human=entry.seconds_to_human, ended_at=entry.at)
        )
        return
    values = {name: getattr(entry, name) for name in ("attempt", "agent", "outcome", "at", "department")}
    values |= {"transfer_id": entry.transfer, "answered_at": entry.answered, "ended_at": entry.ended}
    put(connection, transfer_attempts, ("transfer_id", "attempt"), values)


def save_transfer(connection: Connection, vault: Vault, keep: str, saved: TransferSaved) -> None:
    """What a restart needs to go on; it is kept at every level, for without it the caller would be dropped.

    Where nothing is kept it belongs to nobody but itself: a key of its own locks it, and nothing leads to the call.

    Raises:
        Gone: the caller has been erased.
    """
    if not saved.state:
        connection.execute(delete(live_transfers).where(live_transfers.c.transfer_id == saved.transfer))
        return
    query = select(conversations.c.id, conversations.c.caller_id).join(transfers)
    row = connection.execute(query.where(transfers.c.id == saved.transfer)).one_or_none()
    if row is None and keep != "nothing":
        raise Gone
    conversation, caller = (None, None) if row is None else (row.id, row.caller_id)
    if caller is None:
        owned = select(live_transfers.c.caller_id).where(live_transfers.c.transfer_id == saved.transfer)
        caller = connection.execute(owned).scalar_one_or_none() or vault.caller(connection, None)
    values = {
        "transfer_id": saved.transfer,
        "conversation_id": conversation,
        "caller_id": caller,
        "call_id": saved.call_id if conversation is not None else "",
        "at": saved.at,
        "sealed": vault.seal(connection, caller, saved.state, place_of("live_transfers", "sealed", saved.transfer)),
    }
    put(connection, live_transfers, ("transfer_id",), values)


def write_callback(connection: Connection, vault: Vault, callback: PreparedCallback) -> None:
    """A callback or a message that was left; what has come of it since stays as it is. Raises Gone."""
    asked = callback.asked
    caller, _ = kept_of(connection, asked.conversation)
    number = asked.number or None
    values = {
        "id": asked.callback,
        "conversation_id": asked.conversation if caller is not None else None,
        "caller_id": caller if caller is not None else vault.caller(connection, number),
        "number_hash": "" if number is None else vault.number_hash(connection, number),
        "wanted_until": asked.until,
        **{name: getattr(asked, name) for name in ("at", "kind", "language", "department", "wanted", "deadline")},
    }
    place = place_of("callbacks", "sealed", asked.callback)
    values["sealed"] = vault.seal(connection, str(values["caller_id"]), callback.sealed, place)
    put(connection, callbacks, ("id",), values)


def write_wrap_up(connection: Connection, vault: Vault, prepared: PreparedWrapUp) -> None:
    """What a person says of a conversation; nothing where nothing is kept of it. Raises Gone."""
    wrapped = prepared.wrapped
    caller, kept = kept_of(connection, wrapped.conversation)
    if caller is None or kept == "nothing":
        return
    sealed = None
    if prepared.note is not None and kept == "redacted":
        place = place_of("wrap_ups", "sealed", wrapped.conversation)
        sealed = vault.seal(connection, caller, prepared.note, place)
    mine = (transfers.c.id == wrapped.transfer) & (transfers.c.conversation_id == wrapped.conversation)
    values = {
        "conversation_id": wrapped.conversation,
        "transfer_id": connection.execute(select(transfers.c.id).where(mine)).scalar_one_or_none(),
        "sealed": sealed,
        **{name: getattr(wrapped, name) for name in ("agent", "outcome", "brief_right", "at")},
    }
    put(connection, wrap_ups, ("conversation_id",), values)


def write_status(connection: Connection, entry: AgentStatusSet) -> None:
    """How somebody stands now."""
    values = {"person": entry.person, "status": entry.status, "at": entry.at}
    put(connection, agent_statuses, ("person",), values)
