"""Words of time: a caller's sentence becomes items with their senses (weekday, month, number, "halv", "om" ...).

The words stand in `dialog/built_in/time.<language>.yaml`; numbers are read by dialog/slots/time_numbers.py.
Nynorsk shares bokmål's file: callers mix the two within a sentence.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml
from rapidfuzz import fuzz, process

from dialog.slots.number_words import meanings
from dialog.slots.time_grammar import Item
from dialog.slots.time_numbers import Token, number_at
from dialog.text import APOSTROPHES

LONGEST_WORDS = 200
"""An answer with more words is a story; what stands behind them is not looked at."""

SHORT_ANSWER_WORDS = 2
"""In longer ones "man" is a pronoun, "sat" a verb and "Jan" a person."""

SHORTEST_NAME = 5
"""Shorter words are too near to too many others."""

NEARLY = 80.0
"""rapidfuzz ratio, 0..100: "tossdag"/"torsdag" 86, "desembær"/"desember" 88; "onsdag"/"torsdag" 77."""

AS_NEAR = 2.0
"""Names whose ratios are no further apart are equally likely."""

_NAMES = frozenset(("WEEKDAY", "MONTH", "HOLIDAY", "RELATIVE"))

_TOKEN = re.compile(
    r"""(?P<ymd>\b\d{4}[-./]\d{1,2}[-./]\d{1,2}\b)
    |(?P<dmy>\b\d{1,2}([./-])\d{1,2}\3(?:\d{4}|\d{2})\b|\b\d{1,2}/\d{1,2}-(?:\d{4}|\d{2})\b)
    |(?P<clock>\b\d{1,2}:\d{2}(?::\d{2})?(?!\d)|\b\d{1,2}h(?:\d{2}|rs?)?\b)
    |(?P<pair>\b\d{1,2}[./]\d{1,2}\b\.?(?![./-]?\d)|\b\d{1,2}-\d{1,2}\b(?![./-]?\d))
    |(?P<ordinal>\b\d{1,2}(?:\.(?=[\s,/–-]|$)|(?:st|nd|rd|th)\b|-?(?:го|ого|й|ий|ій|е|є|а|я|ша|га|та|ої|му|те|ше|ге|тє)\b))
    |(?P<decimal>\b\d+,\d+\b)
    |(?P<digits>\d+)
    |(?P<word>[^\W\d_]+(?:\.[^\W\d_]+)+|[^\W\d_]+(?:'[^\W\d_]+)*)
    |(?P<dash>[-–—/])""",
    re.VERBOSE,
)
_HYPHEN = re.compile(r"(?<=[^\W\d])[-‐](?=[^\W\d])")
_LISTS = {
    "half": "HALF", "half_after": "HALF_AFTER", "quarter_hour": "QUARTER", "past": "PAST", "to": "TO", "into": "INTO",
    "lacking": "LACKING", "at": "AT", "o_clock": "O_CLOCK", "about": "ABOUT", "in": "IN", "within": "WITHIN",
    "ago": "AGO", "from_now": "FROM_NOW", "next": "NEXT", "coming": "COMING", "this": "THIS", "last": "LAST",
    "previous": "PREVIOUS", "recent": "RECENT", "ahead": "AHEAD", "last_one": "LAST_ONE", "from": "FROM",
    "until": "UNTIL", "between": "BETWEEN", "after": "AFTER", "before": "BEFORE", "on": "ON", "of": "OF",
    "year_word": "YEAR_WORD", "no": "NO", "not": "NOT", "or": "OR", "zone": "ZONE", "and": "AND", "now": "NOW",
    "this_weekend": "THIS_WEEKEND", "one_and_a_half": "ONE_AND_A_HALF", "filler": "FILLER", "here": "HERE",
    "every": "EVERY",
}  # fmt: skip
"""Sense by the key of a plain list in the file."""

_VALUED = {
    "weekdays": ("WEEKDAY", int), "relative_years": ("RELATIVE_YEAR", int),
    "months": ("MONTH", int), "relative_days": ("RELATIVE", int),
    "today_parts": ("TODAY_PART", str), "parts": ("PART", str), "moments": ("MOMENT", str),
    "lengths": ("LENGTH_WORD", int),
    "units_of_time": ("UNIT", str), "long_units": ("UNIT", str), "holidays": ("HOLIDAY", str),
    "holiday_spans": ("HOLIDAY_SPAN", str), "seasons": ("SEASON", int), "numbers": ("NUMBER", int),
    "years": ("YEAR", int),
}  # fmt: skip
"""Sense, and how its value is read, by the key of a mapping in the file."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language.

    Args:
        phrases: senses by words.
        longest: words of the longest phrase.
    """

    phrases: Mapping[tuple[str, ...], Mapping[str, object]]
    longest: int


def lexicon_language(said: str, language: str) -> str:
    """Whose words to look for: nynorsk shares bokmål's; Cyrillic letters are Ukrainian whatever the call speaks."""
    if re.search(r"[а-яіїєґ]", said, re.IGNORECASE):
        return "uk"
    return "nb" if language in ("nb", "nn", "uk") else language


@lru_cache(maxsize=6)
def lexicon(language: str, short: bool) -> Lexicon:
    """The words of "nb", "en" or "uk"; read once. Those under `short_` are of time in short answers only."""
    raw = _read(language)
    phrases: dict[tuple[str, ...], dict[str, object]] = {}
    for written, value in raw.items():
        key = written.removeprefix("short_")
        if key != written and not short:
            continue
        if key in _VALUED:
            sense, kind = _VALUED[key]
            for name, forms in value.items():
                _add(phrases, forms, sense, kind(name))
        elif key in _LISTS:
            _add(phrases, value, _LISTS[key], True)
    return Lexicon(phrases, max(map(len, phrases)))


def _add(phrases: dict[tuple[str, ...], dict[str, object]], forms: Iterable[str], sense: str, value: object) -> None:
    for form in forms:
        phrases.setdefault(tuple(token.text for token in tokens(form)), {})[sense] = value


def _read(language: str) -> dict[str, Any]:
    file = resources.files("dialog").joinpath("built_in", f"time.{language}.yaml")
    found: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return found


def tokens(said: str) -> tuple[Token, ...]:
    """Words and figures of a sentence; marks between them are left out, but for dashes."""
    plain = APOSTROPHES.sub("'", unicodedata.normalize("NFKC", said[: LONGEST_WORDS * 20])).lower()
    found = []
    for match in _TOKEN.finditer(_HYPHEN.sub(" ", plain.replace("\u0301", ""))):
        sort = match.lastgroup or "word"
        text = match[0].replace(".", "") if sort == "word" else match[0]
        found.append(Token(sort, text))
    return tuple(found[:LONGEST_WORDS])


def items(said: tuple[Token, ...], language: str, expected: bool = True) -> list[Item]:
    """The sentence as items; a phrase or a number of several words is one item.

    Args:
        said: from tokens().
        language: "nb", "en" or "uk".
        expected: something of time was asked for: in a short answer "man." and "sat" are days.
    """
    known = lexicon(language, expected and sum(token.sort == "word" for token in said) <= SHORT_ANSWER_WORDS)
    texts = tuple(token.text for token in said)
    found: list[Item] = []
    index = 0
    while index < len(said):
        phrase, length = _phrase(known, texts, index)
        number, parts = number_at(said, index, language)
        values: dict[str, object] = dict(phrase) if length >= parts else {}
        if parts >= max(length, 1):
            values.update(number)
        length = max(length, parts, 1)
        if "FILLER" not in values or len(values) > 1:
            found.append(Item(values, index, index + length))
        index += length
    return found


def with_nearest_words(said: tuple[Token, ...], language: str) -> tuple[tuple[Token, ...], ...]:
    """The sentence with misheard names of days and months in the place of what was written, in each likely way.

    "Tossdag" is Thursday; "sondag" is Sunday or Wednesday. None when no word is nearly such a name.
    """
    known = _all_words(language)
    ways: list[tuple[Token, ...]] = [()]
    for token in said:
        unknown = token.sort == "word" and len(token.text) >= SHORTEST_NAME and token.text not in known
        unknown = unknown and not meanings(token.text, language)
        near = (
            process.extract(token.text, _long_names(language), scorer=fuzz.ratio, score_cutoff=NEARLY)
            if unknown
            else []
        )
        names = [name for name, score, _ in near if score >= near[0][1] - AS_NEAR] or [token.text]
        ways = [(*way, token if name == token.text else Token("word", name)) for way in ways for name in names[:3]][:4]
    return tuple(way for way in ways if way != said)


@lru_cache(maxsize=4)
def _all_words(language: str) -> frozenset[str]:
    return frozenset(word for phrase in lexicon(language, short=True).phrases for word in phrase)


@lru_cache(maxsize=4)
def _long_names(language: str) -> tuple[str, ...]:
    known = lexicon(language, short=False).phrases.items()
    return tuple(
        words[0]
        for words, senses in known
        if len(words) == 1 and len(words[0]) >= SHORTEST_NAME and not _NAMES.isdisjoint(senses)
    )


def _phrase(known: Lexicon, texts: tuple[str, ...], index: int) -> tuple[Mapping[str, object], int]:
    for length in range(min(known.longest, len(texts) - index), 0, -1):
        values = known.phrases.get(texts[index : index + length])
        if values is not None:
            return values, length
    return {}, 0
