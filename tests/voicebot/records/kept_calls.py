"""Callers with something in every table that can hold something of them, made from the schema itself."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, Connection, Float, Integer, LargeBinary, Table, insert, select

from voicebot.records.belonging import owned_tables
from voicebot.records.entries import new_id
from voicebot.records.schema import Instant, caller_keys, caller_numbers, callers, conversations, metadata
from voicebot.records.vault import Vault, place_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class KeptCall:
    """One conversation that was stored, with the ids of its row in each table."""

    caller_id: str
    conversation: str
    ids: dict[str, dict[str, Any]]


def keep_call(
    connection: Connection,
    vault: Vault,
    number: str | None,
    words: str,
    at: datetime = NOON,
    bot: str = "nordlys",
    **others: Any,
) -> KeptCall:
    """Store a conversation with a row in every table that leads to a caller.

    Args:
        connection: a writing one.
        vault: locks `words`, which stand in every sealed column.
        number: of the caller, or None.
        words: what is sealed everywhere.
        at: every moment in it.
        bot: whose it is.
        **others: values of columns, by name, in every table that has them.
    """
    caller_id = vault.caller(connection, number)
    made: dict[str, dict[str, Any]] = {"callers": {"id": caller_id}}
    for table in owned_tables():
        if table in (callers, caller_keys, caller_numbers):
            continue
        key = {column.name: _key(column, made) for column in table.primary_key.columns}
        values = {column.name: _value(column, made, at, bot) for column in table.columns} | key
        values |= {name: value for name, value in others.items() if name in table.c}
        for column in table.columns:
            if isinstance(column.type, LargeBinary):
                place = place_of(table.name, column.name, *key.values())
                values[column.name] = vault.seal(connection, caller_id, words, place)
        connection.execute(insert(table).values(values))
        made[table.name] = key
    return KeptCall(caller_id, made[conversations.name]["id"], made)


def every_row(connection: Connection, *but: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that is stored, to compare before and after."""
    return {
        table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
        for table in metadata.sorted_tables
        if table.name not in but
    }


def _key(column: Any, made: dict[str, dict[str, Any]]) -> Any:
    if column.foreign_keys:
        return _parent(column, made)
    return 1 if isinstance(column.type, Integer) else new_id()


def _parent(column: Any, made: dict[str, dict[str, Any]]) -> Any:
    (key,) = column.foreign_keys
    return made[key.column.table.name][key.column.name]


def _value(column: Any, made: dict[str, dict[str, Any]], at: datetime, bot: str) -> Any:
    if column.foreign_keys:
        return _parent(column, made)
    if column.name in ("bot", "keep"):
        return bot if column.name == "bot" else "redacted"
    match column.type:
        case Instant():
            return at
        case Boolean():
            return True
        case Integer() | Float():
            return 1
        case LargeBinary():
            return None
    return "x"


def table_named(name: str) -> Table:
    """The table of this name."""
    return metadata.tables[name]
