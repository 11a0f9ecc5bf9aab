"""Speech as it would be written: without fillers, words said twice and beginnings broken off."""

from collections.abc import Sequence

FILLERS = frozenset(
    "eh ehm em øh øhm hm hmm mm mhm uh uhm um umm er erm ah æh åh eeh æhm ee е-е ем емм гм мм ну ось".split()
)
"""Sounds of thinking. "er" is a Norwegian verb: it stays where the words around it are Norwegian (`fluent`)."""

LONGEST_REPEAT_WORDS = 3
LEAST_STUMP_LETTERS = 3
"""Of a word broken off before it is said whole ("bestil bestilling"); shorter ones are mostly words."""


def fluent(said: Sequence[str], english: bool = False) -> tuple[str, ...]:
    """The words without what speaking adds; all of them when nothing else would be left.

    Args:
        said: words, lower-case.
        english: "er" is a filler, not a verb.
    """
    kept: list[str] = []
    for word in said:
        if word in FILLERS and (english or word != "er"):
            continue
        kept.append(word)
        if len(kept) > 1 and _is_stump(kept[-2], word):
            del kept[-2]
        for length in range(LONGEST_REPEAT_WORDS, 0, -1):
            if len(kept) >= 2 * length and kept[-length:] == kept[-2 * length : -length] and not _is_number(kept[-1]):
                del kept[-length:]
                break
    return tuple(kept) if kept else tuple(said)


def _is_stump(word: str, following: str) -> bool:
    return LEAST_STUMP_LETTERS <= len(word) < len(following) - 1 and following.startswith(word) and not word.isdigit()


def _is_number(word: str) -> bool:
    """Digits are said twice because they stand twice."""
    return word.isdigit()
