"""Every table of the records, in one place; the same on SQLite and on PostgreSQL.

Times are UTC and come back timezone-aware. Ids are 32 hex digits unless a comment says otherwise. A column named
`sealed`, `record` or `heard` holds bytes that `voicebot.records.vault.Vault` made: what a caller said, and every
number, stands nowhere else. docs/006-records.md says of each table what it holds and why.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Names of constraints are fixed, so that a migration can name them on both databases."""


class Instant(TypeDecorator[datetime]):
    """A moment: aware in, UTC and aware out. SQLite, which knows no zones, keeps UTC as sortable text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC. Raises ValueError for a time without a zone: it would mean another moment elsewhere."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id() -> Column[str]:
    return Column("id", String(32), primary_key=True)


def _caller(nullable: bool = False) -> Column[str]:
    return Column("caller_id", ForeignKey("callers.id", ondelete="CASCADE"), nullable=nullable, index=True)


def _conversation(nullable: bool = False) -> Column[str]:
    return Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=nullable, index=True)


def _conversation_as_key() -> Column[str]:
    return Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)


def _at(name: str = "at", nullable: bool = False, index: bool = False) -> Column[datetime]:
    return Column(name, Instant, nullable=nullable, index=index)


def _text(name: str, default: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


callers = Table("callers", metadata, _id(), _at("created_at"))

# HMAC of the number: the only way from a number to what is kept.
caller_numbers = Table("caller_numbers", metadata, Column("number_hash", String(64), primary_key=True), _caller())

# Tables of their own, because backups leave the callers' keys out.
caller_keys = Table(
    "caller_keys",
    metadata,
    Column("caller_id", ForeignKey("callers.id", ondelete="CASCADE"), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    _text("master_id"),
)
secrets = Table(
    "secrets",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    _text("master_id"),
)

conversations = Table(
    "conversations",
    metadata,
    _id(),
    _caller(nullable=True),  # NULL: nothing is kept that leads to a person
    _text("call_id"),
    _text("line"),
    _text("bot"),
    _text("content_version"),
    _text("language"),
    _text("keep"),
    _at("started_at", index=True),
    _at("ended_at", nullable=True),
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
    _conversation_as_key(),
    Column("turn", Integer, primary_key=True),
    _at(index=True),
    _text("event"),
    _text("rule"),
    Column("article", Text),
    Column("flow", Text),
    _text("language"),
    Column("score", Float),
    Column("record", LargeBinary),
    Column("heard", LargeBinary),
)

live_states = Table(
    "live_states", metadata, _conversation_as_key(), _at(index=True), Column("sealed", LargeBinary, nullable=False)
)

transfers = Table(
    "transfers",
    metadata,
    _id(),
    _conversation(),
    _text("department"),
    _text("reason"),
    _at(index=True),
    Column("outcome", Text),
    Column("seconds_to_human", Float),
    _at("ended_at", nullable=True),
)

transfer_attempts = Table(
    "transfer_attempts",
    metadata,
    Column("transfer_id", ForeignKey("transfers.id", ondelete="CASCADE"), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    _text("agent"),
    _text("outcome"),
    _at(),
)

callbacks = Table(
    "callbacks",
    metadata,
    _id(),
    _conversation(nullable=True),  # NULL: the conversation itself is not to be kept, or is gone already
    _caller(),
    Column("number_hash", String(64), nullable=False, index=True),  # of the number to call, which may be another's
    _at(index=True),
    _text("language"),
    _text("department"),
    _at("wanted", nullable=True),
    _at("deadline"),
    _text("status", "open"),
    _at("done_at", nullable=True),
    Column("sealed", LargeBinary, nullable=False),
)

unanswered = Table(
    "unanswered",
    metadata,
    _id(),
    _conversation(),
    _caller(),
    _text("bot"),
    _at(index=True),
    _text("language"),
    _text("near"),  # JSON list of the nearest articles and flows
    _text("status", "open"),  # "open", "done" or "ignored"
    _text("note", ""),  # the content owner's
    _text("settled_by", ""),
    _at("settled_at", nullable=True),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_unanswered_status_at", "status", "at"),
)

ratings = Table("ratings", metadata, _conversation_as_key(), Column("score", Integer, nullable=False), _at())

consents = Table(
    "consents",
    metadata,
    _id(),
    _conversation(),
    _text("purpose"),
    Column("granted", Boolean, nullable=False),
    _text("how"),
    _text("wording"),
    _text("version"),
    _text("language"),
    _at(index=True),
)

recordings = Table(
    "recordings",
    metadata,
    _id(),
    _conversation(),
    _text("file"),
    Column("seconds", Float, nullable=False),
    _at(index=True),
)

identity_attempts = Table(
    "identity_attempts",
    metadata,
    _id(),
    _conversation(),
    _text("provider"),
    _text("outcome"),
    _text("level"),
    _at(index=True),
)

content_versions = Table(
    "content_versions",
    metadata,
    Column("bot", Text, primary_key=True),
    Column("content_version", Text, primary_key=True),
    _at("first_at"),
    _at("last_at"),
    _text("details"),  # JSON object
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("number_hash", String(64), primary_key=True),
    _at("erased_at"),
    _text("by"),
    _text("reason"),
)

access_log = Table(
    "access_log",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # given by `access_log.note`: a gap tells
    _at(index=True),
    _text("actor"),
    _text("role"),
    _text("action"),
    _text("subject"),
    _text("reason"),
    _text("previous"),
    _text("hash"),
    Index("ix_access_log_subject", "subject"),
)

# Signed marks of where `forget` has cut the beginning of the access log off.
access_cuts = Table(
    "access_cuts",
    metadata,
    Column("up_to", BigInteger, primary_key=True, autoincrement=False),
    _at(),
    _at("cutoff"),
    _text("by"),
    _text("hash"),  # of the last line that was cut
    _text("mac"),
)

accounts = Table(
    "accounts",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    _text("roles"),  # names, separated by spaces
    _text("language", "nb"),
    _at("created_at"),
    Column("password", Text),  # argon2id; NULL for who comes through OpenID Connect, or has not begun
    Column("start_code", Text),  # hash of the code that sets the first password
    _at("start_until", nullable=True),
    Column("totp", LargeBinary),  # sealed
    Column("totp_step", BigInteger, nullable=False, server_default="0"),  # of the last code: none is good twice
    _text("recovery", ""),  # hashes of the codes for a lost phone, separated by spaces
    Column("subject", Text, unique=True),  # issuer and subject of OpenID Connect
    _at("disabled_at", nullable=True),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    _text("csrf"),
    _text("stage"),
    _text("device", ""),
    _at("created_at"),
    _at("seen_at"),
    _at("expires_at", index=True),
)

# Who or what has to wait before trying to sign in again: keyed hashes of account names and of addresses.
sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    _at(index=True),
    _at("until", nullable=True),
)

forget_runs = Table(
    "forget_runs",
    metadata,
    _id(),
    _at(index=True),
    _text("rule"),
    _at("cutoff", nullable=True),
    Column("deleted", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
)
