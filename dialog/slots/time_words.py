"""Words of time: a caller's sentence becomes items with their senses (weekday, month, number, "halv", "om" ...).

The words stand in `dialog/built_in/time.<language>.yaml`; numbers are read with dialog/slots/number_words.py.
Nynorsk shares bokmål's file: callers mix the two within a sentence.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from dialog.slots.number_words import Meaning, meanings
from dialog.slots.time_grammar import Item
from dialog.text import APOSTROPHES

LONGEST_WORDS = 200
"""An answer with more words is a story; what stands behind them is not looked at."""

SHORT_ANSWER_WORDS = 2
"""In longer ones "man" is a pronoun, "sat" a verb and "Jan" a person."""

_TOKEN = re.compile(
    r"""(?P<ymd>\b\d{4}[-./]\d{1,2}[-./]\d{1,2}\b)
    |(?P<dmy>\b\d{1,2}([./-])\d{1,2}\3(?:\d{4}|\d{2})\b|\b\d{1,2}/\d{1,2}-(?:\d{4}|\d{2})\b)
    |(?P<clock>\b\d{1,2}:\d{2}(?::\d{2})?\b|\b\d{1,2}h(?:\d{2}|rs?)?\b)
    |(?P<pair>\b\d{1,2}[./]\d{1,2}\b\.?(?![./-]?\d)|\b\d{1,2}-\d{1,2}\b(?![./-]?\d))
    |(?P<ordinal>\b\d{1,2}(?:\.(?=[\s,/–-]|$)|(?:st|nd|rd|th)\b|-?(?:го|ого|й|ий|ій|е|є|а|я|ша|га|та|ої|му|те|ше|ге|тє)\b))
    |(?P<decimal>\b\d+,\d+\b)
    |(?P<digits>\d+)
    |(?P<word>[^\W\d_]+(?:\.[^\W\d_]+)+|[^\W\d_]+(?:'[^\W\d_]+)*)
    |(?P<dash>[-–—/])""",
    re.VERBOSE,
)
_HYPHEN = re.compile(r"(?<=[^\W\d])[-‐](?=[^\W\d])")
_FEMININE = ("а", "ої", "ій", "у", "я", "ьої", "ю")
_OR_SO = ("tiden", "tida", "tia")
"""Norwegian: "i tretida" is around three."""

_CENTURIES = {"nitten": 1900, "tjue": 2000}
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


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a figure of the sentence: its sort in _TOKEN, and its text in lower case."""

    sort: str
    text: str


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


def _phrase(known: Lexicon, texts: tuple[str, ...], index: int) -> tuple[Mapping[str, object], int]:
    for length in range(min(known.longest, len(texts) - index), 0, -1):
        values = known.phrases.get(texts[index : index + length])
        if values is not None:
            return values, length
    return {}, 0


def number_at(said: tuple[Token, ...], index: int, language: str) -> tuple[Mapping[str, object], int]:
    """Senses of the number or figure that begins at a word, and how many words it has; ({}, 0) for none."""
    token = said[index]
    if token.sort == "dash":
        return {"DASH": True}, 1
    if token.sort in ("ymd", "dmy", "clock", "pair"):
        return {token.sort.upper(): token.text}, 1
    if token.sort == "decimal":
        return {"AMOUNT": float(token.text.replace(",", "."))}, 1
    if token.sort == "ordinal":
        value = int(re.match(r"\d+", token.text)[0])  # type: ignore[index]  # the token begins with digits
        return _senses(value, ordinal=True, hour=token.text.endswith((".", "а", "я", "ої"))), 1
    if token.sort == "digits":
        return _figures(token.text), 1
    return _spoken(said, index, language)


def _figures(text: str) -> Mapping[str, object]:
    value = int(text[:9])
    if len(text) <= 2:
        early: dict[str, object] = {"EARLY": value} if text[0] == "0" else {}
        return _senses(value, ordinal=False, hour=True) | early
    if len(text) in (3, 4):
        senses: dict[str, object] = {"NUMBER": value, "CLOCK_ROW": text} | ({"FOUR": text} if len(text) == 4 else {})
        return senses | ({"YEAR": value} if 1900 <= value <= 2100 else {})
    return {"NUMBER": value} | ({"ROW": text} if len(text) in (6, 8) else {})


def _senses(value: int, ordinal: bool, hour: bool) -> dict[str, object]:
    found: dict[str, object] = {"ORDINAL": value} if ordinal else {"NUMBER": value}
    if 1 <= value <= 31:
        found["DAY_NUMBER"] = value
    if hour and 0 <= value <= 24:
        found["HOUR"] = value
    if value <= 59 and not (ordinal and hour is False):
        found["MINUTE"] = value
    if value == 0:
        found["ZERO"] = True
    if 1900 <= value <= 2100:
        found["YEAR"] = value
    return found


def _grown_year(word: str, language: str) -> int | None:
    """ "nittenåttifem", "tjuetjueseks": a century and a year in one word."""
    for century, value in _CENTURIES.items():
        rest = meanings(word.removeprefix(century), language) if word.startswith(century) and word != century else ()
        if rest and rest[0].sort in ("teen", "tens") and all(part.sort in ("teen", "tens", "digit") for part in rest):
            return value + sum(part.value for part in rest)
    return None


def _spoken(said: tuple[Token, ...], index: int, language: str) -> tuple[Mapping[str, object], int]:
    if said[index].text.endswith(_OR_SO):
        about = meanings(said[index].text.rpartition("ti")[0], language)
        if len(about) == 1 and about[0].value <= 12:
            return {"HOUR_OR_SO": about[0].value}, 1
    year = _grown_year(said[index].text, language)
    if year is not None:
        return {"NUMBER": year, "YEAR": year}, 1
    sum_ = _Sum(language)
    length = 0
    for position, word in enumerate(_words_from(said, index), start=1):
        parts = meanings(word, language)
        if not parts or not all(sum_.add(part) for part in parts):
            break
        if sum_.complete:
            length, value, ordinal = position, sum_.value, sum_.ordinal
        if sum_.ordinal:
            break
    if not length:
        return {}, 0
    last = said[index + length - 1].text
    if last == "a":
        return {"NUMBER": value}, length  # "at a table"
    hour = not ordinal or (language == "uk" and last.endswith(_FEMININE))
    return _senses(value, ordinal, hour), length


def _words_from(said: tuple[Token, ...], index: int) -> Iterator[str]:
    for token in said[index : index + 8]:
        if token.sort != "word":
            return
        yield token.text


class _Sum:
    """A number under way, word by word."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.thousands = 0
        self.rest = 0
        self.last = ""
        self.first_digit = 0
        self.ordinal = False

    @property
    def value(self) -> int:
        return self.thousands + self.rest

    @property
    def complete(self) -> bool:
        return self.last not in ("", "and")

    def add(self, part: Meaning) -> bool:
        """Take in the next part; False when the number cannot go on with it."""
        if part.doubt > 1:
            return False
        sort, value = part.sort, part.value
        if sort == "ordinal" and value < 100:
            self.ordinal = True
            sort = "digit" if value < 10 else "teen" if value < 20 else "tens"
        fits = {
            "digit": self._digit, "teen": self._ten, "tens": self._ten, "hundred": self._hundred,
            "hundreds": self._hundreds, "scale": self._thousand, "and": self._and,
        }.get(sort)  # fmt: skip
        if fits is None or not fits(value):
            return False
        self.last = sort
        return True

    def _digit(self, value: int) -> bool:
        if self.last == "":
            self.first_digit = value
        elif value == 0 or self.rest % 10 or (self.last == "and" and self.rest % 100) or self.last in ("teen", "digit"):
            return False
        self.rest += value
        return True

    def _ten(self, value: int) -> bool:
        if self.last == "and" and self.first_digit and self.value == self.first_digit:
            if value < 20:
                return False
        elif self.last not in ("", "hundred", "hundreds", "scale", "and") or self.rest % 100:
            return False
        self.rest += value
        return True

    def _hundred(self, value: int) -> bool:
        if self.last == "":
            self.rest = value
        elif self.last in ("digit", "teen") and self.rest < 20:
            self.rest *= value
        else:
            return False
        return True

    def _hundreds(self, value: int) -> bool:
        if self.last not in ("", "scale"):
            return False
        self.rest += value
        return True

    def _thousand(self, value: int) -> bool:
        if value != 1000 or self.thousands or self.last == "and":
            return False
        self.thousands, self.rest = (self.rest or 1) * value, 0
        return True

    def _and(self, value: int) -> bool:
        if self.language == "uk" or self.last not in ("digit", "hundred", "hundreds", "scale"):
            return False
        # "to og" goes on only with a ten: "to og tyve".
        return self.last != "digit" or (self.language == "nb" and 0 < self.first_digit == self.value)
