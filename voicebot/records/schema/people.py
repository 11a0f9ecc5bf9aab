"""The company's own people: who may sign in, and whether they can take callers now."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from voicebot.records.schema.kinds import id_column, metadata, moment, text_column

accounts = Table(
    "accounts",
    metadata,
    id_column(),
    Column("name", Text, nullable=False, unique=True),
    text_column("roles"),  # names, separated by spaces
    text_column("language", "nb"),
    moment("created_at"),
    Column("password", Text),  # argon2id; NULL for who comes through OpenID Connect, or has not begun
    Column("start_code", Text),  # hash of the code that sets the first password
    moment("start_until", nullable=True),
    Column("totp", LargeBinary),  # sealed
    Column("totp_step", BigInteger, nullable=False, server_default="0"),  # of the last code: none is good twice
    text_column("recovery", ""),  # hashes of the codes for a lost phone, separated by spaces
    Column("subject", Text, unique=True),  # issuer and subject of OpenID Connect
    moment("disabled_at", nullable=True),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    text_column("csrf"),
    text_column("stage"),
    text_column("device", ""),
    moment("created_at"),
    moment("seen_at"),
    moment("expires_at", index=True),
)

# Who or what has to wait before trying to sign in again: keyed hashes of account names and of addresses.
sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    moment(index=True),
    moment("until", nullable=True),
)

# Only how things stand now: when somebody came and went is not kept, for it would be a record of their working day.
agent_statuses = Table(
    "agent_statuses",
    metadata,
    Column("person", Text, primary_key=True),  # as the bot folder names them
    text_column("status"),
    moment(),
)
