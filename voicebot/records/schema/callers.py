"""Who has called, and the keys that open what is kept of them."""

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table

from voicebot.records.schema.kinds import caller_column, id_column, metadata, moment, text_column

callers = Table("callers", metadata, id_column(), moment("created_at"))

# HMAC of the number: the only way from a number to what is kept.
caller_numbers = Table("caller_numbers", metadata, Column("number_hash", String(64), primary_key=True), caller_column())

# Tables of their own, because backups leave the callers' keys out.
caller_keys = Table(
    "caller_keys",
    metadata,
    Column("caller_id", ForeignKey("callers.id", ondelete="CASCADE"), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    text_column("master_id"),
)
secrets = Table(
    "secrets",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    text_column("master_id"),
)
