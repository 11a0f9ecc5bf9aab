"""Who can be reached now: departments, their opening hours, and where a caller goes when one is closed."""

from dataclasses import dataclass
from datetime import datetime

from dialog.bot import Bot, Department
from dialog.people import Callee


@dataclass(frozen=True, slots=True)
class Reachable:
    """Somebody answers.

    Args:
        asked: the department the caller asked for.
        answering: the department that answers: the same, or another because `asked` is closed.
        number: to call.
        rounds: who may be rung and briefed before that: people of `answering`, then of those who stand in for it.
    """

    asked: Department
    answering: Department
    number: str
    rounds: tuple[tuple[Callee, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    """Nobody answers now.

    Args:
        asked: the department the caller asked for.
        opening: when it opens next, in the company's time zone; None when not within a month.
    """

    asked: Department
    opening: datetime | None


def find_person(bot: Bot, department_id: str | None, now: datetime) -> Reachable | Closed | None:
    """Where a caller who wants a person goes; None when the bot has no departments.

    The department asked for when it is open; then its own number for outside the hours; then another department that is
    open, the default one first; then nobody.
    """
    asked = next((found for found in bot.departments if found.id == department_id), bot.default_department)
    if asked is None:
        return None
    if is_open(asked, now):
        return Reachable(asked, asked, asked.number, _rounds(bot, asked, now))
    if asked.out_of_hours:
        return Reachable(asked, asked, asked.out_of_hours)
    for other in sorted(bot.departments, key=lambda department: not department.default):
        if is_open(other, now):
            return Reachable(asked, other, other.number, _rounds(bot, other, now))
    return Closed(asked, asked.hours.next_opening(now) if asked.hours else None)


def is_open(department: Department, now: datetime) -> bool:
    """True when the department answers at `now`; without hours it always does."""
    return department.hours is None or department.hours.is_open(now)


def _rounds(bot: Bot, department: Department, now: datetime) -> tuple[tuple[Callee, ...], ...]:
    """Who is rung, round by round: the department's people, then those of the open ones that stand in for it.

    `then` may lead in a circle, and one person may answer for two departments; no phone is rung twice.
    """
    if not department.people:
        return ()
    rounds: list[tuple[Callee, ...]] = []
    waiting, seen, numbers = [department], {department.id}, set[str]()
    while waiting:
        one = waiting.pop(0)
        people = tuple(person for person in one.people if person.number not in numbers)
        numbers |= {person.number for person in people}
        rounds += [people] if one.ring_all and people else [(person,) for person in people]
        for other in (bot.department(name) for name in one.then):
            if other is not None and other.id not in seen and is_open(other, now):
                seen.add(other.id)
                waiting.append(other)
    return tuple(rounds)
