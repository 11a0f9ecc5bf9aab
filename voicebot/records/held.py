"""What is kept about somebody, counted by kind: enough to see that there is something, without reading any of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from voicebot.records.belonging import owned_tables
from voicebot.records.schema import Instant, tombstones
from voicebot.records.subjects import Subject, of_subject

WHEN = ("started_at", "at", "created_at")
"""What the time of a row is called."""


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of one table. `kind`: its name; first, last: None where rows have no time."""

    kind: str
    count: int
    first: datetime | None
    last: datetime | None


def held(connection: Connection, subject: Subject) -> Iterator[Held]:
    """Every table with something about them.

    Args:
        connection: a reading one.
        subject: about whom.
    """
    for table in owned_tables():
        time = next((table.c[name] for name in WHEN if name in table.c), None)
        times = () if time is None else (func.min(time, type_=Instant), func.max(time, type_=Instant))
        row = connection.execute(
            select(func.count(), *times).select_from(table).where(of_subject(table, subject))
        ).one()
        if row[0]:
            yield Held(table.name, row[0], row[1] if times else None, row[2] if times else None)


def erased_at(connection: Connection, subject: Subject) -> datetime | None:
    """When something about these numbers was erased last; None when never."""
    query = select(func.max(tombstones.c.erased_at, type_=Instant))
    return connection.execute(query.where(tombstones.c.number_hash.in_(subject.number_hashes))).scalar_one_or_none()
