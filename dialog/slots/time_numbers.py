"""Numbers in a sentence about time: what a figure or a number word may be of a date or a clock."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dialog.slots.number_words import Meaning, meanings

_FEMININE = ("а", "ої", "ій", "у", "я", "ьої", "ю")
"""Ukrainian endings: hours are feminine, days of the month are not."""

_OR_SO = ("tiden", "tida", "tia")
"""Norwegian: "i tretida" is around three."""

_CENTURIES = {"nitten": 1900, "tjue": 2000}


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a figure of the sentence: its sort in _TOKEN, and its text in lower case."""

    sort: str
    text: str


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
        value = int(re.sub(r"\D.*", "", token.text))
        senses = _senses(value, ordinal=True, hour=token.text.endswith((".", "а", "я", "ої")))
        written = token.text.endswith(("st", "nd", "rd", "th", "го")) and 1 <= value <= 31
        return senses | ({"WRITTEN_ORDINAL": value} if written else {}), 1
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
