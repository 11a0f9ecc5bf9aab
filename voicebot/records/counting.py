"""What can be counted without knowing who called: the analyst's figures. Nothing sealed is opened here.

Days are those of the company's own time zone. Everything is grouped by the database; what comes back is a few hundred
rows however many conversations there are.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Select, distinct, func, select

from voicebot.records.schema import conversations, transfers, turns, unanswered

KINDS: Mapping[str, tuple[str, ...]] = {
    "alone": ("goodbye",),
    "hung_up": ("caller_hung_up", "no_input"),
    "passed_on": ("handed_off", "closed"),
    "trouble": ("fault", "line_lost", "lost", "time_limit"),
}
"""What outcomes come to. A caller who hung up may have been answered or not: nobody knows; it is a kind of its own."""

MOST_NAMED = 15
"""Articles and flows told by name."""

Counted: TypeAlias = tuple[tuple[str, int], ...]
"""Names with how often, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day's conversations that have ended, and those still going on, by kind (see KINDS; "open" is not over)."""

    day: date
    kinds: Mapping[str, int]

    @property
    def calls(self) -> int:
        """All of them."""
        return sum(self.kinds.values())


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a period.

    Args:
        days: every day of the period, also those without a call.
        outcomes, languages, lines: of the conversations.
        reasons: why callers were passed on; `passed` what came of it.
        articles: quoted most; `flows`: under way in most conversations.
        median_turns: replies per conversation; None without conversations.
        unanswered: questions without an answer; `with_unanswered`: conversations that had one.
        median_seconds_to_human: of transfers where somebody spoke; None when nobody did or it is not known.
    """

    days: tuple[Day, ...]
    outcomes: Counted
    languages: Counted
    lines: Counted
    reasons: Counted
    passed: Counted
    articles: Counted
    flows: Counted
    median_turns: float | None
    unanswered: int
    with_unanswered: int
    median_seconds_to_human: float | None

    @property
    def calls(self) -> int:
        """Conversations of the period."""
        return sum(day.calls for day in self.days)

    def kind(self, name: str) -> int:
        """Conversations of one kind (see KINDS)."""
        return sum(day.kinds.get(name, 0) for day in self.days)


def figures(connection: Connection, first: date, last: date, zone: ZoneInfo, bot: str | None = None) -> Figures:
    """Count a period.

    Args:
        connection: to the records.
        first: its first day; `last` is counted, too.
        last: not before `first`.
        zone: whose days.
        bot: only what this bot answered; None for all.
    """
    ours = conversations_of(first, last, zone, bot)

    def counted(column: ColumnElement[Any], *tables: Any, of: ColumnElement[Any] | None = None) -> Counted:
        return most_first(connection, _of_conversations(column, of, tables).where(*ours, column.is_not(None)))

    lengths = _lengths(connection, ours)
    spoken = select(transfers.c.seconds_to_human).select_from(transfers.join(conversations))
    waited = connection.scalars(spoken.where(*ours, transfers.c.seconds_to_human.is_not(None)))
    asked = connection.execute(
        select(func.count(), func.count(distinct(unanswered.c.conversation_id)))
        .select_from(unanswered.join(conversations))
        .where(*ours)
    ).one()
    return Figures(
        days=_days(connection, ours, first, last, zone),
        outcomes=counted(conversations.c.outcome),
        languages=counted(conversations.c.language),
        lines=counted(conversations.c.line),
        reasons=counted(transfers.c.reason, transfers),
        passed=counted(transfers.c.outcome, transfers),
        articles=counted(turns.c.article, turns)[:MOST_NAMED],
        flows=counted(turns.c.flow, turns, of=distinct(turns.c.conversation_id))[:MOST_NAMED],
        median_turns=_median(lengths),
        unanswered=asked[0],
        with_unanswered=asked[1],
        median_seconds_to_human=_median(Counter(float(seconds) for seconds in waited if seconds is not None)),
    )


def span_of(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first moment of the first day until the first after the last."""
    since = datetime.combine(first, time(), zone).astimezone(UTC)
    return since, datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)


def conversations_of(first: date, last: date, zone: ZoneInfo, bot: str | None) -> list[ColumnElement[bool]]:
    """Conditions that hold for the conversations of a period; see `figures`."""
    since, until = span_of(first, last, zone)
    ours = [conversations.c.started_at >= since, conversations.c.started_at < until]
    return ours if bot is None else [*ours, conversations.c.bot == bot]


def _of_conversations(
    column: ColumnElement[Any], of: ColumnElement[Any] | None, tables: Sequence[Any]
) -> Select[tuple[Any, int]]:
    source: Any = conversations
    for table in tables:
        source = source.join(table)
    number = func.count() if of is None else func.count(of)
    return select(column, number).select_from(source).group_by(column)


def most_first(connection: Connection, query: Select[tuple[Any, int]]) -> Counted:
    """Rows of a name and a number; a name that is "" is left out."""
    rows = [(str(name), int(number)) for name, number in connection.execute(query) if name != ""]
    return tuple(sorted(rows, key=lambda row: (-row[1], row[0])))


def _lengths(connection: Connection, where: Sequence[ColumnElement[bool]]) -> Mapping[float, int]:
    """Numbers of replies in a conversation that is over, with how many conversations had so many."""
    length = conversations.c.turns
    query = select(length, func.count()).where(*where, conversations.c.ended_at.is_not(None)).group_by(length)
    return {float(replies): int(number) for replies, number in connection.execute(query)}


def _days(
    connection: Connection, where: Sequence[ColumnElement[bool]], first: date, last: date, zone: ZoneInfo
) -> tuple[Day, ...]:
    """Hours are counted in UTC, which both databases can do, and put into days here: zones differ by whole hours."""
    started = conversations.c.started_at
    hour: ColumnElement[str] = (
        func.strftime("%Y-%m-%d %H", started)
        if connection.dialect.name == "sqlite"
        else func.to_char(func.timezone("UTC", started), "YYYY-MM-DD HH24")
    )
    kinds: dict[date, Counter[str]] = {}
    named = {outcome: kind for kind, outcomes in KINDS.items() for outcome in outcomes}
    hour = hour.label("hour")
    query = select(hour, conversations.c.outcome, func.count()).where(*where).group_by(hour, conversations.c.outcome)
    for text, outcome, number in connection.execute(query):
        day = datetime.strptime(text, "%Y-%m-%d %H").replace(tzinfo=UTC).astimezone(zone).date()
        kind = "open" if outcome is None else named.get(outcome, "trouble")
        kinds.setdefault(day, Counter())[kind] += number
    every = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return tuple(Day(day, kinds.get(day, {})) for day in every)


def _median(numbers: Mapping[float, int]) -> float | None:
    """Of values with how often each comes."""
    half = sum(numbers.values()) / 2
    seen = 0
    below: float | None = None
    for value in sorted(numbers):
        if below is not None:
            return (below + value) / 2
        seen += numbers[value]
        if seen > half:
            return value
        if seen == half:
            below = value
    return None


def bots_of(connection: Connection) -> tuple[str, ...]:
    """Every bot that has a conversation here, by name."""
    return tuple(connection.scalars(select(conversations.c.bot).distinct().order_by(conversations.c.bot)))
