"""What came of passing callers on to people, in figures. Nothing sealed is opened here.

None of the company's own people stands in them by name: whether callers reach a department can be mended by whoever
runs it, and how often one colleague picked up is a measure of that colleague, which the law wants agreed on first.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, case, func, or_, select

from voicebot.records.counting import Counted, conversations_of, most_first, span_of
from voicebot.records.schema import callbacks, conversations, ratings, transfer_attempts, transfers, wrap_ups

CALLBACKS = ("in_time", "late", "given_up", "open", "overdue")
"""What may have become of a callback or a message: done before its deadline or after it, given up, waiting, or waiting
beyond its deadline."""

MARKS = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Tries to reach people of one department; outcomes as `telephony.transfer.outcomes` names them."""

    department: str
    outcomes: Counted

    @property
    def number(self) -> int:
        """All of them."""
        return sum(number for _, number in self.outcomes)


@dataclass(frozen=True, slots=True)
class Handovers:
    """Of a period.

    Args:
        attempts: of each department, the one with most tries first.
        callbacks: asked for in the period, by what has become of them until now: see `CALLBACKS`.
        marks: how often callers gave each of `MARKS`.
        briefs: what people said of what the bot had told them: "yes" (it was right), "partly", "no".
        wrap_ups: what people said that came of their conversations.
    """

    attempts: tuple[Attempts, ...]
    callbacks: Mapping[str, int]
    marks: tuple[int, ...]
    briefs: Counted
    wrap_ups: Counted

    @property
    def rated(self) -> int:
        """Callers who gave a mark."""
        return sum(self.marks)

    @property
    def mean_mark(self) -> float | None:
        """None when nobody gave one."""
        whole = sum(mark * number for mark, number in zip(MARKS, self.marks, strict=True))
        return whole / self.rated if self.rated else None


def handovers(
    connection: Connection, first: date, last: date, zone: ZoneInfo, now: datetime, bot: str | None = None
) -> Handovers:
    """Count a period.

    Args:
        connection: to the records.
        first: its first day; `last` is counted, too.
        last: not before `first`.
        zone: whose days.
        now: what is overdue by now.
        bot: only what this bot answered; None for all. A callback whose conversation is not kept is every bot's.
    """
    ours = conversations_of(first, last, zone, bot)
    mark = select(ratings.c.score, func.count()).join(conversations).where(*ours).group_by(ratings.c.score)
    marks = {int(score): int(number) for score, number in connection.execute(mark)}

    def said(column: str) -> Counted:
        found = wrap_ups.c[column]
        query = select(found, func.count()).select_from(wrap_ups.join(conversations))
        return most_first(connection, query.where(*ours).group_by(found))

    return Handovers(
        attempts=_attempts(connection, ours),
        callbacks=_callbacks(connection, *span_of(first, last, zone), now, bot),
        marks=tuple(marks.get(one, 0) for one in MARKS),
        briefs=said("brief_right"),
        wrap_ups=said("outcome"),
    )


def _attempts(connection: Connection, ours: Sequence[ColumnElement[bool]]) -> tuple[Attempts, ...]:
    department = func.coalesce(func.nullif(transfer_attempts.c.department, ""), transfers.c.department)
    outcome = transfer_attempts.c.outcome
    query = (
        select(department, outcome, func.count())
        .select_from(transfer_attempts.join(transfers).join(conversations))
        .where(*ours, outcome != "")
        .group_by(department, outcome)
    )
    found: dict[str, Counter[str]] = {}
    for name, came_of_it, number in connection.execute(query):
        found.setdefault(str(name), Counter())[str(came_of_it)] += int(number)
    every = [Attempts(name, tuple(sorted(one.items(), key=_most))) for name, one in found.items()]
    return tuple(sorted(every, key=lambda one: (-one.number, one.department)))


def _most(row: tuple[str, int]) -> tuple[int, str]:
    return -row[1], row[0]


def _callbacks(
    connection: Connection, since: datetime, until: datetime, now: datetime, bot: str | None
) -> Mapping[str, int]:
    columns = callbacks.c
    fate = case(
        (columns.status == "given_up", "given_up"),
        (columns.status != "done", case((columns.deadline < now, "overdue"), else_="open")),
        (columns.done_at > columns.deadline, "late"),
        else_="in_time",
    )
    query = select(fate, func.count()).select_from(callbacks.outerjoin(conversations)).group_by(fate)
    query = query.where(columns.at >= since, columns.at < until)
    if bot is not None:
        query = query.where(or_(columns.conversation_id.is_(None), conversations.c.bot == bot))
    found = {str(name): int(number) for name, number in connection.execute(query)}
    return {name: found.get(name, 0) for name in CALLBACKS}
