"""What every table is made of: names of constraints, moments in time, and columns that many tables have."""

from datetime import UTC, datetime

from sqlalchemy import Column, DateTime, Dialect, ForeignKey, MetaData, String, Text, TypeDecorator

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
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def id_column() -> Column[str]:
    """The key `id`: 32 hex digits."""
    return Column("id", String(32), primary_key=True)


def caller_column(nullable: bool = False) -> Column[str]:
    """The caller a row belongs to: it goes with them."""
    return Column("caller_id", ForeignKey("callers.id", ondelete="CASCADE"), nullable=nullable, index=True)


def conversation_column(nullable: bool = False) -> Column[str]:
    """The conversation a row belongs to: it goes with it."""
    return Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=nullable, index=True)


def conversation_as_key() -> Column[str]:
    """The same where a conversation has one such row at most."""
    return Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)


def moment(name: str = "at", nullable: bool = False, index: bool = False) -> Column[datetime]:
    """When something was."""
    return Column(name, Instant, nullable=nullable, index=index)


def text_column(name: str, default: str | None = None) -> Column[str]:
    """A text that is always there; `default` is the server's."""
    return Column(name, Text, nullable=False, server_default=default)
