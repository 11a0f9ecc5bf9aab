"""A number from one to five in a caller's words: "fire", "en firer", "fem av fem", "four out of five", "п'ятірка"."""

import re
from collections.abc import Mapping

from dialog.text import words

WORST, BEST = 1, 5
LONGEST_WORDS = 8
"""Longer speech says something else than a number."""

_NORWEGIAN = {
    1: "én éin ein en ett eitt ener einar enar",
    2: "to toer toar",
    3: "tre tri treer trear",
    4: "fire fir firer firar",
    5: "fem fæm femmer femmar",
}
_NUMBERS: Mapping[str, Mapping[int, str]] = {
    "nb": _NORWEGIAN,
    "nn": _NORWEGIAN,
    "en": {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"},
    "uk": {
        1: "один одна одиниця одиничка",
        2: "два двійка двійку",
        3: "три трійка трійку",
        4: "чотири четвірка четвірку",
        5: "п'ять п'ятірка п'ятірку",
    },
}
_ARTICLES = frozenset("en ein ett eitt et one".split())
"""Numbers that may stand before another one: "en firer", "a four, the one with ..."."""

_OUT_OF = re.compile(r"\b(?:av|of|out of|із|з|зі) (?:maks |max )?(?:fem|fæm|five|п'яти|5)\b")
_OTHER = frozenset(
    "null seks sju syv åtte ni ti zero six seven eight nine ten нуль шість сім вісім дев'ять десять".split()
)


def rating_in(said: str, language: str) -> int | None:
    """The number that a caller gives; None when there is none, or more than one.

    Args:
        said: the caller's words.
        language: nb, nn, en or uk.
    """
    text = _OUT_OF.sub("", " ".join(words(said)))
    spoken = text.split()
    if not spoken or len(spoken) > LONGEST_WORDS or _OTHER & set(spoken):
        return None
    values = {word: value for value, listed in _NUMBERS[language].items() for word in listed.split()}
    values |= {str(value): value for value in range(WORST, BEST + 1)}
    if any(word.isdecimal() and word not in values for word in spoken):
        return None
    found = [(word, values[word]) for word in spoken if word in values]
    firm = [value for word, value in found if word not in _ARTICLES] or [value for _, value in found]
    return firm[0] if len(set(firm)) == 1 else None
