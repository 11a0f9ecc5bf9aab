"""What every writer of rows needs."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from voicebot.records.schema import conversations


class Gone(Exception):
    """The conversation is not there: it was erased, or never written. What belongs to it must not be written either."""


def put(connection: Connection, table: Table, key: Collection[str], values: dict[str, Any]) -> None:
    """Insert a row, or give the row with this key these values."""
    made = postgresql_insert(table) if connection.dialect.name == "postgresql" else sqlite_insert(table)
    changed = {name: value for name, value in values.items() if name not in key}
    connection.execute(made.values(**values).on_conflict_do_update(index_elements=list(key), set_=changed))


def kept_of(connection: Connection, conversation: str) -> tuple[str | None, str]:
    """The caller and the level of keeping of a conversation.

    Raises:
        Gone: it is not there.
    """
    query = select(conversations.c.caller_id, conversations.c.keep).where(conversations.c.id == conversation)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Gone
    return row.caller_id, row.keep
