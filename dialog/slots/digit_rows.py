"""Rows of digits in what a caller said, in words or figures: "nitti to, tjuefire" is 9224.

A row can be read in more than one way ("nittito" is 92, or 90 and 2): every reading has a cost, and the length or the
check digit of what was asked for chooses among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dialog.slots.number_parts import Part, compose, parts_of

LONGEST_DIGITS = 64
MOST_TIMES = 6
"""Nobody says "sju nuller"."""
SHORTEST_TWICE = 4
"""Digits that nobody repeats by accident."""
MOST_READINGS = 24
"""Kept at every step; what is less likely than these is far-fetched."""

ARTICLES_IN_A_ROW = 3
"""So many of "en, en, en" are figures: nobody says three articles one after the other."""

# What a reading costs. They only order readings: 1 is "a caller would rarely mean it so".
SPLIT_WORDS, SPLIT_IN_WORD, JOIN_OVER_PAUSE, JOIN_FIGURES = 1.0, 2.0, 1.5, 2.0
BARE_HUNDRED = 2.0  # "syv hundre fire hundre" is 700 400, and hardly 704 100
SKIP_ARTICLE, SKIP_SOUND, USE_SOUND, SKIP_SOUND_INSIDE = 1.5, 0.5, 1.0, 1.5


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a row of digits.

    Args:
        digits: 0-9 only.
        cost: 0 the way it was most likely meant.
    """

    digits: str
    cost: float


@dataclass(frozen=True, slots=True)
class Run:
    """Number words that stand together.

    Args:
        readings: the likeliest first, at least one.
        start: position of its first word in `dialog.text.words`.
        end: position behind its last word.
        starts_at: offset of its first character in `dialog.text.folded`.
        ends_at: offset behind its last character.
        figures: what stands in figures, each as it is written.
        other_words: words of the utterance that belong to no run.
    """

    readings: tuple[Reading, ...]
    start: int
    end: int
    starts_at: int
    ends_at: int
    figures: tuple[str, ...]
    other_words: int


def joined_readings(runs: Sequence[Run]) -> tuple[Reading, ...]:
    """Readings of several runs as one row of digits."""
    found: tuple[Reading, ...] = (Reading("", 0.0),) if runs else ()
    for run in runs:
        together = [Reading(a.digits + b.digits, a.cost + b.cost) for a in found for b in run.readings]
        found = _cheapest(together)
    return found


def said_twice(digits: str) -> str:
    """The number in a row of digits that is the same number twice ("402713, altså 402713"), "" in any other."""
    half = digits[: len(digits) // 2]
    return half if len(half) >= SHORTEST_TWICE and half * 2 == digits else ""


def digit_runs(said: str, language: str) -> tuple[Run, ...]:
    """Rows of digits that stand together; fillers do not part them, other words do.

    A word that is also an article counts only beside other digits, among others like it, or when nothing else was said.
    """
    parts, _ = parts_of(said, language)
    rows: list[list[Part]] = [[]]
    others = 0
    for part in parts:
        if part.sort in ("other", "point", "half", "one_half", "pair", "minus", "ordinal"):
            others += 1
            rows.append([])
        elif part.sort != "filler":
            rows[-1].append(part)
    rows = [_without_and(row) for row in rows]
    rows = [row for row in rows if row and (not others or _is_meant(row))]
    runs = []
    for row in rows:
        readings = readings_of(row)
        if readings:
            figures = tuple(part.text for part in row if part.sort == "figure")
            first, last = row[0], row[-1]
            runs.append(Run(readings, first.word, last.word + 1, first.start, last.end, figures, others))
    return tuple(runs)


def _is_meant(row: Sequence[Part]) -> bool:
    """Whether words beside other words are a number, though each of them may be an article or a sound."""
    return any(part.doubt == 0 for part in row) or sum(part.doubt == 1 for part in row) >= ARTICLES_IN_A_ROW


def _without_and(row: list[Part]) -> list[Part]:
    while row and row[0].sort == "and":
        row = row[1:]
    while row and row[-1].sort == "and":
        row = row[:-1]
    return row


def readings_of(row: Sequence[Part]) -> tuple[Reading, ...]:
    """The cheapest ways to cut a row into numbers and write these one after the other."""
    return tuple(reading for reading in readings_by_end(row)[-1] if reading.digits)


def readings_by_end(row: Sequence[Part], longest: int = LONGEST_DIGITS) -> list[tuple[Reading, ...]]:
    """Readings of the row's first part, of its first two, and so on: those of its first n stand at n.

    Args:
        row: parts that stand together.
        longest: digits; what would be longer is left out.
    """
    best: list[tuple[Reading, ...]] = [()] * (len(row) + 1)
    best[0] = (Reading("", 0.0),)
    for start in range(len(row)):
        if not best[start]:
            continue
        for end, digits, cost in _chunks(row, start):
            together = [Reading(reading.digits + digits, reading.cost + cost) for reading in best[start]]
            best[end] = _cheapest([*best[end], *(new for new in together if len(new.digits) <= longest)])
    return best


def _cheapest(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    kept: dict[str, Reading] = {}
    for reading in sorted(readings, key=lambda reading: reading.cost):
        kept.setdefault(reading.digits, reading)
    return tuple(kept.values())[:MOST_READINGS]


def _chunks(row: Sequence[Part], start: int) -> list[tuple[int, str, float]]:
    """What can be read from a position: (position behind it, digits, cost)."""
    part = row[start]
    found: list[tuple[int, str, float]] = []
    if part.sort == "and":
        return [(start + 1, "", 0.0)]
    if part.sort == "figure":
        found.append((start + 1, part.text, 0.0))
        found += _joined_figures(row, start)
    if part.sort == "noun":
        found.append((start + 1, str(part.value), 0.0))
    found += _repeated(row, start)
    if part.doubt:
        at_edge = start == 0 or start == len(row) - 1
        skip = SKIP_ARTICLE if part.doubt == 1 else SKIP_SOUND if at_edge else SKIP_SOUND_INSIDE
        if part.doubt == 2 or at_edge:
            found.append((start + 1, "", skip))
    numbers = compose(row, start)
    for end, value in numbers.items():
        if end == start + 1 and part.sort == "figure":
            continue
        cost = USE_SOUND * sum(each.doubt == 2 for each in row[start:end])
        cost += JOIN_OVER_PAUSE * sum(each.after_pause for each in row[start + 1 : end])
        if any(longer > end for longer in numbers) and end < len(row):
            cost += _split_cost(row[end])
        elif end < len(row) and row[end].gap == "" and row[end].word == row[end - 1].word:
            cost += SPLIT_IN_WORD
        if part.sort == "hundred" and start and row[start - 1].sort == "digit" and row[start - 1].value:
            cost += BARE_HUNDRED
        found.append((end, str(value), cost))
    return found


def _split_cost(part: Part) -> float:
    if part.after_pause:
        return 0.0
    return SPLIT_IN_WORD if part.joined else SPLIT_WORDS


def _joined_figures(row: Sequence[Part], start: int) -> list[tuple[int, str, float]]:
    """ "20 4" for "tjuefire", "400 12" for "fire hundre og tolv": the recogniser writes them apart."""
    if start + 1 >= len(row) or row[start + 1].sort != "figure":
        return []
    first, second = row[start].text, row[start + 1].text
    tens = len(first) == 2 and first[1] == "0" and len(second) == 1
    hundreds = len(first) == 3 and first.endswith("00") and len(second) <= 2
    if not (tens or hundreds) or first[0] == "0" or second[0] == "0":
        return []
    return [(start + 2, str(int(first) + int(second)), JOIN_FIGURES)]


def _repeated(row: Sequence[Part], start: int) -> list[tuple[int, str, float]]:
    """ "dobbel null", "to ganger fem", "tre nuller", "en åtter"."""
    part, following = row[start], row[start + 1 : start + 3]
    if not following:
        return []
    if part.sort == "again":
        return [(start + 2, str(following[0].value) * part.value, 0.0)] if _is_single(following[0]) else []
    if part.sort not in ("digit", "figure") or not 1 <= part.value <= MOST_TIMES or part.text.startswith("0"):
        return []
    if following[0].sort == "noun":
        return [(start + 2, str(following[0].value) * part.value, 0.0)]
    if following[0].sort == "times" and len(following) == 2 and _is_single(following[1]):
        return [(start + 3, str(following[1].value) * part.value, 0.0)]
    return []


def _is_single(part: Part) -> bool:
    return part.sort in ("digit", "figure", "noun") and part.value < 10
