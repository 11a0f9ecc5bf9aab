"""What a conversation leaves beside its turns."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, Table

from voicebot.records.schema.kinds import (
    caller_column,
    conversation_as_key,
    conversation_column,
    id_column,
    metadata,
    moment,
    text_column,
)

unanswered = Table(
    "unanswered",
    metadata,
    id_column(),
    conversation_column(),
    caller_column(),
    text_column("bot"),
    moment(index=True),
    text_column("language"),
    text_column("near"),  # JSON list of the nearest articles and flows
    text_column("status", "open"),  # "open", "done" or "ignored"
    text_column("note", ""),  # the content owner's
    text_column("settled_by", ""),
    moment("settled_at", nullable=True),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_unanswered_status_at", "status", "at"),
)

ratings = Table("ratings", metadata, conversation_as_key(), Column("score", Integer, nullable=False), moment())

consents = Table(
    "consents",
    metadata,
    id_column(),
    conversation_column(),
    text_column("purpose"),
    Column("granted", Boolean, nullable=False),
    text_column("how"),
    text_column("wording"),
    text_column("version"),
    text_column("language"),
    moment(index=True),
)

recordings = Table(
    "recordings",
    metadata,
    id_column(),
    conversation_column(),
    text_column("file"),
    Column("seconds", Float, nullable=False),
    moment(index=True),
)

identity_attempts = Table(
    "identity_attempts",
    metadata,
    id_column(),
    conversation_column(),
    text_column("provider"),
    text_column("outcome"),
    text_column("level"),
    moment(index=True),
)
