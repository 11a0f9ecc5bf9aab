"""How callers came to people: at once, or by being called back; and what those people said of it afterwards."""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from voicebot.records.schema.kinds import (
    caller_column,
    conversation_as_key,
    conversation_column,
    id_column,
    metadata,
    moment,
    text_column,
)

transfers = Table(
    "transfers",
    metadata,
    id_column(),
    conversation_column(),
    text_column("department"),
    text_column("reason"),
    moment(index=True),
    Column("outcome", Text),
    Column("seconds_to_human", Float),
    moment("ended_at", nullable=True),
)

transfer_attempts = Table(
    "transfer_attempts",
    metadata,
    Column("transfer_id", ForeignKey("transfers.id", ondelete="CASCADE"), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    text_column("agent"),
    text_column("outcome"),
    moment(),
    text_column("department", ""),  # "" for that of the transfer
    moment("answered_at", nullable=True),
    moment("ended_at", nullable=True),
)

# What goes on with a caller between two people while our process is away; gone when it is over.
live_transfers = Table(
    "live_transfers",
    metadata,
    Column("transfer_id", String(32), primary_key=True),
    conversation_column(nullable=True),  # NULL: where nothing is kept of the conversation
    caller_column(),
    text_column("call_id", ""),  # the carrier's; "" where nothing may lead to the call
    moment(index=True),
    Column("sealed", LargeBinary, nullable=False),
)

callbacks = Table(
    "callbacks",
    metadata,
    id_column(),
    conversation_column(nullable=True),  # NULL: the conversation itself is not to be kept, or is gone already
    caller_column(),
    Column("number_hash", String(64), nullable=False, index=True),  # of the number to call; "" without one
    moment(index=True),
    text_column("kind", "callback"),  # or "message"
    text_column("language"),
    text_column("department"),
    moment("wanted", nullable=True),
    moment("wanted_until", nullable=True),
    moment("deadline"),
    text_column("status", "open"),  # "open", "taken", "done" or "given_up"
    text_column("taken_by", ""),
    moment("taken_at", nullable=True),
    Column("tries", Integer, nullable=False, server_default="0"),
    moment("tried_at", nullable=True),
    moment("next_at", nullable=True),  # not to be tried again before
    text_column("outcome", ""),
    moment("done_at", nullable=True),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_callbacks_status_deadline", "status", "deadline"),
)

wrap_ups = Table(
    "wrap_ups",
    metadata,
    conversation_as_key(),
    Column("transfer_id", ForeignKey("transfers.id", ondelete="SET NULL"), nullable=True, index=True),
    text_column("agent"),
    text_column("outcome"),
    text_column("brief_right"),  # "yes", "partly", "no", or "" where it was not said
    moment(index=True),
    Column("sealed", LargeBinary),  # the note; NULL where words are not kept
)
