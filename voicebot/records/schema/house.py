"""What the house keeps of itself: which bot answered, who looked at what, that deletion ran, who has been erased."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table, Text

from voicebot.records.schema.kinds import id_column, metadata, moment, text_column

content_versions = Table(
    "content_versions",
    metadata,
    Column("bot", Text, primary_key=True),
    Column("content_version", Text, primary_key=True),
    moment("first_at"),
    moment("last_at"),
    text_column("details"),  # JSON object
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("number_hash", String(64), primary_key=True),
    moment("erased_at"),
    text_column("by"),
    text_column("reason"),
)

access_log = Table(
    "access_log",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # given by `access_log.note`: a gap tells
    moment(index=True),
    text_column("actor"),
    text_column("role"),
    text_column("action"),
    text_column("subject"),
    text_column("reason"),
    text_column("previous"),
    text_column("hash"),
    Index("ix_access_log_subject", "subject"),
)

# Signed marks of where `forget` has cut the beginning of the access log off.
access_cuts = Table(
    "access_cuts",
    metadata,
    Column("up_to", BigInteger, primary_key=True, autoincrement=False),
    moment(),
    moment("cutoff"),
    text_column("by"),
    text_column("hash"),  # of the last line that was cut
    text_column("mac"),
)

forget_runs = Table(
    "forget_runs",
    metadata,
    id_column(),
    moment(index=True),
    text_column("rule"),
    moment("cutoff", nullable=True),
    Column("deleted", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
)
