"""Digits in a transcript, written or spelled out: how many the caller has given so far."""

import re

_NAMES = {
    "nb": "null en én ett to tre fire fem seks sju syv åtte ni",
    "nn": "ein eitt sjau",
    "en": "zero oh one two three four five six seven eight nine",
    "uk": "нуль один одна одне два дві три чотири п'ять п’ять шість сім вісім дев'ять дев’ять",
}
_DIGIT_NAMES = frozenset(name for names in _NAMES.values() for name in names.split())
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def count_digits(text: str) -> int:
    """How many digits the text holds: "4 7", "47" and "fire sju" are two each."""
    return sum(_digits_in(word) for word in _WORD.findall(text.lower()))


def count_other_words(text: str) -> int:
    """How many words of the text hold no digit."""
    return sum(not _digits_in(word) for word in _WORD.findall(text.lower()))


def _digits_in(word: str) -> int:
    return sum(character.isdigit() for character in word) or int(word in _DIGIT_NAMES)
