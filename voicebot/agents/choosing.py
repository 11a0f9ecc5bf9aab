"""Which people of a department are rung for a caller."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from dialog.people import Callee

Rounds: TypeAlias = tuple[tuple[Callee, ...], ...]
"""Who is rung: those of a round at once, one round after the other."""


def choose(rounds: Rounds, free: Callable[[str], bool], language: str, now: datetime) -> Rounds:
    """Those who are at work and free: first who speaks the caller's language, then, rather than nobody, the others.

    Args:
        rounds: as the dialog gives them, the caller's department first.
        free: whether the person of an id may be rung for this caller.
        language: the caller's.
        now: timezone-aware.
    """
    there = _only(rounds, lambda one: at_work(one, now) and free(one.id))
    speaking = _only(there, lambda one: one.answers(now, language))
    return speaking + _only(there, lambda one: not one.answers(now, language))


def at_work(person: Callee, now: datetime) -> bool:
    """Whether it is within their hours; without hours of their own it always is."""
    return person.hours is None or person.hours.is_open(now)


def _only(rounds: Rounds, fits: Callable[[Callee], bool]) -> Rounds:
    kept = (tuple(person for person in people if fits(person)) for people in rounds)
    return tuple(people for people in kept if people)
