"""All that a caller's sentence says of time: days, clock times, parts of the day, lengths."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from dialog.slots.clock_rules import ASKED_CLOCK_RULES, CLOCK_RANGE_RULES, CLOCK_RULES, LONE_HOUR_RULES, in_part
from dialog.slots.day_rules import ASKED_DATE_RULES, DATE_RULES, LONE_NUMBER_RULES
from dialog.slots.length_rules import LENGTH_RULES, NOW_RULES, RELATIVE_RULES, SUM_RULES
from dialog.slots.period_rules import PERIOD_RULES
from dialog.slots.time_grammar import Item, rewrite
from dialog.slots.time_numbers import Token
from dialog.slots.time_values import Clock, Clocks, Days, Instant, Length, Scene, Stretch
from dialog.slots.time_words import items, tokens, with_nearest_words
from dialog.slots.weekday_rules import NUMBER_RANGE_RULES, RANGE_RULES, WEEKDAY_RULES

MOST_UNITS = 6
"""Lengths are added in so many passes: years, months, weeks, days, hours, minutes."""


@dataclass(frozen=True, slots=True)
class When:
    """What was said of time, in the order it was said.

    Args:
        days: each day or span of days named, without those that were denied or taken back.
        clocks: likewise clock times, their half of the day settled by a part of the day beside them.
        ranges: likewise from one clock time to another.
        parts: parts of the day left over ("på kvelden").
        instants: moments counted from now.
        lengths: lengths of time that are counted from nothing.
        stretches: hours or less up to now or from now on.
        bound: "after" or "before" when that is what was said of the day or clock time, else "".
        open_end: the days begin something without an end ("fra mandag").
        no_such_day: a day was named that no calendar has ("31. april").
        misheard: a word was taken for one that sounds nearly like it.
        words: the caller's words from the first to the last of these.
        day_words: those from the first to the last day alone.
        clock_words: those from the first to the last clock time or part of the day alone.
    """

    days: tuple[Days, ...] = ()
    clocks: tuple[Clock, ...] = ()
    ranges: tuple[Clocks, ...] = ()
    parts: tuple[str, ...] = ()
    instants: tuple[Instant, ...] = ()
    lengths: tuple[Length, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    bound: str = ""
    open_end: bool = False
    no_such_day: bool = False
    misheard: bool = False
    words: str = ""
    day_words: str = ""
    clock_words: str = ""

    @property
    def sure(self) -> bool:
        """False when it should be read back for how it was said."""
        return not self.bound and not self.misheard


T = TypeVar("T")

RESULTS = ("DAYS", "CLOCK", "CLOCKS", "INSTANT", "LENGTH", "STRETCH")


def read_when(said: str, scene: Scene) -> When:
    """What a sentence says of time; an empty When for nothing.

    Args:
        said: as the recogniser or a keyboard wrote it.
        scene: the moment, the language, and what was asked for.
    """
    spoken = tokens(said)
    ways = with_nearest_words(spoken, scene.language) if scene.expected else ()
    if not ways:
        return _gathered(_found(spoken, scene), spoken)
    # "den tredje marrs" must not become the third of this month.
    read = [_gathered(_found(way, scene), way) for way in ways]
    return replace(read[0], days=_once(days for when in read for days in when.days), misheard=True)


def _found(spoken: tuple[Token, ...], scene: Scene) -> list[Item]:
    return _without_what_was_taken_back(_rewritten(items(spoken, scene.language, scene.expected), scene))


def _rewritten(found: list[Item], scene: Scene) -> list[Item]:
    asked = ASKED_CLOCK_RULES if scene.clock and not scene.day else ()
    # "26. i 11." is a date where one was asked for, else twenty-six minutes to eleven.
    both = (*DATE_RULES, *CLOCK_RULES) if scene.day and not scene.clock else (*CLOCK_RULES, *DATE_RULES)
    # Ukrainian "2 дня" is two in the afternoon, or two days where a length was asked for.
    first = (*LENGTH_RULES, *both) if not scene.day and not scene.clock else (*asked, *both, *LENGTH_RULES)
    found = rewrite(found, first, scene)
    if scene.day and not (scene.clock and _any(found, "DAYS")):
        found = rewrite(found, ASKED_DATE_RULES, scene)
    if scene.clock:
        found = rewrite(found, ASKED_CLOCK_RULES, scene)
    for _ in range(MOST_UNITS):
        shorter = rewrite(found, SUM_RULES, scene)
        if len(shorter) == len(found):
            break
        found = shorter
    found = rewrite(found, (*NUMBER_RANGE_RULES, *PERIOD_RULES, *RELATIVE_RULES), scene)
    found = rewrite(found, (*WEEKDAY_RULES, *RELATIVE_RULES), scene)
    found = rewrite(found, (*RANGE_RULES, *CLOCK_RANGE_RULES), scene)
    found = rewrite(found, RANGE_RULES, scene)
    # "nittito tjuefire trettisju elleve" is no clock time and no day.
    lone = sum(_any([item], "NUMBER", "ORDINAL") for item in _behind_no(found)) == 1
    if lone and scene.clock and not _any(found, "CLOCK", "CLOCKS", "INSTANT", "LENGTH", "STRETCH"):
        found = rewrite(found, LONE_HOUR_RULES, scene)
    if lone and scene.day and not _any(found, "DAYS", "INSTANT", "LENGTH"):
        found = rewrite(found, LONE_NUMBER_RULES, scene)
    if not _any(found, *RESULTS):
        found = rewrite(found, NOW_RULES, scene)
    return found


def _behind_no(found: list[Item]) -> list[Item]:
    last = max((index for index, item in enumerate(found) if "NO" in item.values), default=-1)
    return found[last + 1 :]


def _any(found: list[Item], *senses: str) -> bool:
    return any(sense in item.values for item in found for sense in senses)


def _is_result(item: Item) -> bool:
    return any(sense in item.values for sense in RESULTS)


def _without_what_was_taken_back(found: list[Item]) -> list[Item]:
    """Only what stands behind the last "nei", and nothing that "ikke" stands before."""
    for index in range(len(found) - 1, 0, -1):
        if "NO" in found[index].values and any(_is_result(item) for item in found[index:]):
            found = found[index + 1 :]
            break
    kept: list[Item] = []
    for item in found:
        denied = bool(kept) and "NOT" in kept[-1].values and _is_result(item)
        kept.append(Item({}, item.start, item.end) if denied else item)
    return kept


def _gathered(found: list[Item], spoken: tuple[Token, ...]) -> When:
    days = _all(found, Days)
    parts = _all(found, str, "PART") + [value.part for value in days if value.part]
    part = parts[0] if parts else ""
    results = [index for index, item in enumerate(found) if _is_result(item)]
    senses_before = [found[index - 1].values if index else {} for index in results]
    return When(
        _once(days),
        _once(in_part(clock, part) for clock in _all(found, Clock)),
        _once(Clocks(in_part(both.first, part), in_part(both.last, part)) for both in _all(found, Clocks)),
        _once(parts),
        _once(_all(found, Instant)),
        _once(_all(found, Length)),
        _once(_all(found, Stretch)),
        _bound(found, senses_before),
        any("FROM" in senses for senses in senses_before),
        any("NO_SUCH_DAY" in item.values for item in found),
        words=_words(found, spoken, RESULTS),
        day_words=_words(found, spoken, ("DAYS", "INSTANT")),
        clock_words=_words(found, spoken, ("CLOCK", "CLOCKS", "PART", "INSTANT")),
    )


def _words(found: list[Item], spoken: tuple[Token, ...], senses: tuple[str, ...]) -> str:
    ends = [end for item in found if _any([item], *senses) for end in (item.start, item.end)]
    return " ".join(token.text for token in spoken[ends[0] : ends[-1]]) if ends else ""


def _bound(found: list[Item], senses_before: list[Mapping[str, object]]) -> str:
    own = (clock.bound for clock in _all(found, Clock) if clock.bound)
    beside = (bound for senses in senses_before for bound in ("after", "before") if bound.upper() in senses)
    return next(own, next(beside, ""))


def _all(found: list[Item], kind: type[T], sense: str = "") -> list[T]:
    return [
        value
        for item in found
        for name, value in item.values.items()
        if isinstance(value, kind) and (name == sense or not sense)
    ]


def _once(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
