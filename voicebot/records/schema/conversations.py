"""What was said and decided in conversations."""

from sqlalchemy import CheckConstraint, Column, Float, Index, Integer, LargeBinary, Table, Text

from voicebot.records.schema.kinds import (
    caller_column,
    conversation_as_key,
    id_column,
    metadata,
    moment,
    text_column,
)

conversations = Table(
    "conversations",
    metadata,
    id_column(),
    caller_column(nullable=True),  # NULL: nothing is kept that leads to a person
    text_column("call_id"),
    text_column("line"),
    text_column("bot"),
    text_column("content_version"),
    text_column("language"),
    text_column("keep"),
    moment("started_at", index=True),
    moment("ended_at", nullable=True),
    Column("outcome", Text),
    Column("turns", Integer, nullable=False, server_default="0"),
    Column("sealed", LargeBinary),
    CheckConstraint("keep IN ('redacted', 'facts', 'nothing')", name="keep"),
    Index("ix_conversations_call_id", "call_id"),
    Index("ix_conversations_outcome_started_at", "outcome", "started_at"),
    Index("ix_conversations_language_started_at", "language", "started_at"),
)

turns = Table(
    "turns",
    metadata,
    conversation_as_key(),
    Column("turn", Integer, primary_key=True),
    moment(index=True),
    text_column("event"),
    text_column("rule"),
    Column("article", Text),
    Column("flow", Text),
    text_column("language"),
    Column("score", Float),
    Column("record", LargeBinary),
    Column("heard", LargeBinary),
)

live_states = Table(
    "live_states", metadata, conversation_as_key(), moment(index=True), Column("sealed", LargeBinary, nullable=False)
)
