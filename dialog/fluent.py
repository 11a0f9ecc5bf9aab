"""Speech as it would be written, without what says nothing of the topic: fillers, repetitions, stumps, numbers."""

from collections.abc import Sequence

FILLERS = frozenset(
    "eh ehm em øh øhm hm hmm mm mhm uh uhm um umm er erm ah æh åh eeh æhm ee е-е ем емм гм мм ну ось".split()
)
"""Sounds of thinking. "er" is a Norwegian verb: it stays where the words around it are Norwegian (`fluent`)."""

LONGEST_REPEAT_WORDS = 3
LEAST_STUMP_LETTERS = 3
"""Of a word broken off before it is said whole ("bestil bestilling"); shorter ones are mostly words."""


DIGIT_WORDS = frozenset(
    "null en ein én to tre fire fem seks sju syv åtte ni zero oh one two three four five six seven eight nine double "
    "нуль один два три чотири п'ять шість сім вісім дев'ять dobbel".split()
)
LEAST_DIGIT_ROW = 3
"""Fewer number words in a row may be articles and amounts ("to av en")."""


def fluent(said: Sequence[str], english: bool = False) -> tuple[str, ...]:
    """The words without what speaking adds; all of them when nothing else would be left.

    Numbers go too: "where is order 402713" asks what "where is order" asks.

    Args:
        said: words, lower-case.
        english: "er" is a filler, not a verb.
    """
    kept: list[str] = []
    for word in _without_digits(said):
        if word in FILLERS and (english or word != "er"):
            continue
        kept.append(word)
        if len(kept) > 1 and _is_stump(kept[-2], word):
            del kept[-2]
        for length in range(LONGEST_REPEAT_WORDS, 0, -1):
            if len(kept) >= 2 * length and kept[-length:] == kept[-2 * length : -length]:
                del kept[-length:]
                break
    return tuple(kept) if kept else tuple(said)


def _is_stump(word: str, following: str) -> bool:
    return LEAST_STUMP_LETTERS <= len(word) < len(following) - 1 and following.startswith(word) and not word.isdigit()


def _without_digits(said: Sequence[str]) -> list[str]:
    """Words without figures, and without rows of digits read aloud."""
    found: list[str] = []
    row = 0
    for word in (*said, ""):
        if word in DIGIT_WORDS or any(letter.isdigit() for letter in word):
            row += 1
        elif row >= LEAST_DIGIT_ROW:
            del found[-row:]
            row = 0
        else:
            row = 0
        found.append(word)
    return [word for word in found if word and not word.isdigit()]
