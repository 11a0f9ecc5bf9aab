"""What may be promised to a caller, and when it is tried again: arithmetic in opening hours, without any I/O."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from dialog import Bot
from dialog.callback_rules import CallbackRules
from dialog.hours import Hours

LATE_AFTER = timedelta(hours=1)
"""Whoever named a time and no end of it waits no longer than this beyond it."""

WAITS = (timedelta(minutes=30), timedelta(hours=2))
"""After the first and after the second time that nobody was reached. After the last try it is given up."""

MOST_TRIES = len(WAITS) + 1

FARTHEST = timedelta(days=31)
"""Nothing is promised for a time later than this."""

_LONGEST_DAYS = 120
"""Looked ahead for a deadline: the longest there is has 336 opening hours, of a company open a few hours a day."""


def hours_of(bot: Bot, department: str) -> Hours | None:
    """When a department answers; that of the company for one that does not say, or is not there any more."""
    found = bot.department(department)
    return bot.hours if found is None or found.hours is None else found.hours


def deadline_of(hours: Hours | None, now: datetime, opening_hours: int) -> datetime:
    """Until when somebody must have dealt with it: so many hours in which somebody is there. UTC.

    Args:
        hours: of the department; None counts hours of the clock.
        now: when it was asked for, timezone-aware.
        opening_hours: how many.
    """
    left = timedelta(hours=opening_hours)
    last = now.astimezone(UTC) + left
    if hours is None:
        return last
    for begin, end in hours.openings(now, _LONGEST_DAYS):
        if end - begin >= left:
            return begin + left
        left -= end - begin
        last = end
    return last


def tried_out(bot: Bot, rules: CallbackRules, arguments: Mapping[str, str], now: datetime) -> dict[str, str]:
    """What comes of the act where nobody keeps it, in scripts and at the keyboard: the same moments as in a call.

    Args:
        bot: the bot.
        rules: its own.
        arguments: of the act.
        now: timezone-aware.
    """
    hours = hours_of(bot, arguments.get("department", ""))
    until, wanted = arguments.get("until", ""), arguments.get("wanted", "")
    if not until:
        moment = (
            datetime.fromisoformat(wanted) + LATE_AFTER if wanted else deadline_of(hours, now, rules.deadline_hours)
        )
        until = moment.isoformat(timespec="minutes")
    return {"until": until, "sms": "yes" if rules.sms else "no"}


def within(hours: Hours | None, wanted: datetime) -> datetime:
    """The same time, or the next opening when nobody is there then. UTC."""
    at = wanted.astimezone(UTC)
    if hours is None or hours.is_open(at):
        return at
    return next((begin for begin, _ in hours.openings(at)), at)


def next_try(hours: Hours | None, tries: int, now: datetime) -> datetime | None:
    """When to try again; None when it is to be given up.

    Args:
        hours: of the department.
        tries: how often nobody was reached, this time included.
        now: timezone-aware.
    """
    return within(hours, now + WAITS[tries - 1]) if tries < MOST_TRIES else None
