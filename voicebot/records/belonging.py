"""Which rows belong to a caller: read off the schema itself, so that a table added tomorrow is erased, exported and
backed up like the others.

A row belongs to the callers that its foreign keys lead to: itself, by `caller_id`, or by its conversation or transfer.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, LargeBinary, String, Table, null, or_, select

from voicebot.records.schema import caller_keys, callers, metadata
from voicebot.records.vault import place_of

NOT_OF_CALLERS = frozenset(
    {
        "secrets",
        "content_versions",
        "tombstones",
        "access_log",
        "access_cuts",
        "accounts",
        "sign_ins",
        "sign_in_failures",
        "agent_statuses",
        "forget_runs",
    }
)
"""Tables that hold nothing of callers: a test holds that every other table leads to one."""


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column that is locked with the key of the caller the row belongs to."""

    table: Table
    column: Column[bytes]

    def place(self, row: object) -> str:
        """Where this row's value stands, as it was sealed. row: with the table's primary key as attributes."""
        return place_of(
            self.table.name, self.column.name, *(getattr(row, key.name) for key in self.table.primary_key.columns)
        )


@cache
def owned_tables() -> tuple[Table, ...]:
    """Every table that leads to a caller, parents before children."""
    owned: list[Table] = []
    for table in metadata.sorted_tables:
        if table is callers or any(parent in owned for _, parent in _parents(table)):
            owned.append(table)
    return tuple(owned)


def of_callers(table: Table, caller_ids: Collection[str]) -> ColumnElement[bool]:
    """The rows of a table that belong to these callers, by any of its foreign keys."""
    if table is callers:
        return callers.c.id.in_(caller_ids)
    ways = []
    for column, parent in _parents(table):
        if parent is callers:
            ways.append(column.in_(caller_ids))
        elif parent in owned_tables():
            (key,) = parent.primary_key.columns
            ways.append(column.in_(select(key).where(of_callers(parent, caller_ids))))
    return or_(*ways)


def owner(table: Table) -> ColumnElement[Any]:
    """The one caller whose key a row is locked with: its own `caller_id` first, or its parent's. NULL: nobody's."""
    if table is callers:
        return callers.c.id
    ways = sorted(_parents(table), key=lambda way: way[1] is not callers)
    for column, parent in ways:
        if parent is callers:
            return column
        if parent in owned_tables():
            (key,) = parent.primary_key.columns
            return select(owner(parent)).where(key == column).correlate(table).scalar_subquery()
    return null()


def sealed_columns(table: Table) -> Iterator[SealedColumn]:
    """The columns of a table that hold what a caller's key has locked."""
    if table in owned_tables() and table is not caller_keys:
        for column in table.columns:
            if isinstance(column.type, LargeBinary):
                yield SealedColumn(table, column)


def leads_to_a_person(table: Table) -> bool:
    """Whether a table has a column that names a caller, a conversation or a number, by its name or by a foreign key."""
    words = ("caller", "conversation", "number", "transfer")
    return any(
        isinstance(column.type, String | LargeBinary) and any(word in column.name for word in words)
        for column in table.columns
    ) or any(parent in owned_tables() for _, parent in _parents(table))


def _parents(table: Table) -> Iterator[tuple[Column[str], Table]]:
    for column in table.columns:
        for key in column.foreign_keys:
            yield column, key.column.table
