"""Addresses, birth dates and what is secret in words: "Storgata fem b", "0155 Oslo", "født", "passordet er"."""

import re
from collections.abc import Iterator

from dialog.redaction.judging import Span
from dialog.redaction.seen import HIDDEN, Seen
from dialog.slots.number_words import meanings

_LATIN, _CYRILLIC = "A-ZÆØÅÄÖÉ", "А-ЯІЇЄҐ"
_STREET = re.compile(
    rf"(?:\b[{_LATIN}][\w.'-]*\s+){{0,3}}"
    r"(?:\b(?!(?i:europa|riks|fylkes|motor|hoved|hovud))(?i:[\w'-]{2,}(?:gat[ae]|gaten|vei|veien|veg|vegen|allé|alleen"
    r"|alléen|svingen|bakken|stien|plassen|tunet|haugen|løkka|kollen|ringen|torget|brygge|terrasse|grenda))"
    rf"|(?<=[a-zæøå]\s)\b(?i:gat[ae]|vei|veg|allé|plass|torg|brygge|terrasse))\b"
)
_HOUSE = re.compile(r",?\s+(?:nummer |nr\.? ?)?(?P<figures>\d{1,4})\s?(?:[A-Za-z]\b)?", re.IGNORECASE)
_POST = re.compile(
    rf"\s*,?\s*(?:i|in|på|postnummer|post code)?\s*(?:\d{{4}}\s+(?:[{_LATIN}][\w-]+)?|(?:i |in )?[{_LATIN}][a-zæøå]+)?"
)
_ENGLISH = re.compile(
    r"\b\d{1,5}[A-Za-z]?,?\s+(?:[A-Z][\w'-]*\s+){1,3}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Close|Court|Crescent|Terrace|Way|Place|Square|Gardens|Boulevard)\b\.?"
)
_ENGLISH_SAID = re.compile(
    r"\b(?:live at|address is|house is)\W+(?:\w+\W+){1,6}?"
    r"(?:street|road|avenue|lane|drive|close|court|crescent|terrace|square|gardens|boulevard)\b"
)
_UKRAINIAN = re.compile(
    rf"\b(?i:вул(?:иц\w+|\.)|просп(?:ект\w*|\.)|пров(?:улок|улку|\.)|бульв(?:ар\w*|\.)|площ\w+|узвіз\w*|шосе)"
    rf"\s*(?:[{_CYRILLIC}][\w'-]*\s*){{1,3}},?\s*"
    r"(?i:(?:будинок|буд\.?|номер|№)?\s*\d{1,4}\s?(?:-?[а-яґєії]\b)?(?:,?\s*(?:кв\.?|квартир\w+)\s*\d{1,4})?)"
)
_UKRAINIAN_SAID = re.compile(
    r"\b(?:вулиц\w+|проспект\w*|провул\w+|бульвар\w*)\s+(?:[\w']+\s+){1,3}?(?=(?P<number>\w+))"
)
_CODE_AND_PLACE = re.compile(
    rf"(?:(?<=^)|(?<=[,.;]\s)|(?<=\btil\s)|(?<=\bi\s)|(?<=\bto\s)|(?<=\bin\s)|(?<=\bpå\s)|(?<=\ber\s))"
    rf"(?P<code>\d{{4}})\s+(?P<place>[{_LATIN}][a-zæøå]{{2,}}(?:-[{_LATIN}]\w+)?)(?!\w)"
)
_BOX = re.compile(r"\b(?i:postboks|po box|p\.o\. box|абонентська скринька) \d{1,5}(?:,? \d{4} \w+)?")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_MOST_NUMBER_WORDS = 6
_WORD = re.compile(r"\w+(?:['-]\w+)*")

_BORN = re.compile(
    r"\b(?:født|fødd|fødselsdato\w*|fødselsdag\w*|bursdag(?:en)?|date of birth|birth ?date|born|d\.?o\.?b|birthday"
    r"|народи\w+|дата народження|дату народження|день народження)\b"
)
_DATE_FILLERS = frozenset(
    "den på i er min mi dato datoen og of the on in is was my it's året år року рік дня у в є моя".split()
)
_MONTHS = frozenset(
    "januar februar mars april mai juni juli august september oktober november desember "
    "january february march may june july october december jan feb mar apr jun jul aug sep sept okt oct nov des dec "
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня".split()
)
MOST_DATE_WORDS = 12
SHORTEST_DATE = 3
"""Characters; "født i 90" says a year and no day."""

_SECRET = re.compile(
    r"\b(?:passordet|passord|password|passphrase|passcode|пароль)(?: mitt| mi| my| мій)?(?:\s+(?:er|is|це|heter)|:)\s+"
    r"(?P<secret>[^\s" + HIDDEN + r"]{3,})"
)
_BRITISH_ID = re.compile(r"\b[a-ceghj-prtw-z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[a-d]\b")
_IBAN = re.compile(r"\b[a-z]{2}\d{2}(?:[ -]?[a-z0-9]{4}){2,7}(?:[ -]?[a-z0-9]{1,3})?\b")


def addresses_in(text: Seen, language: str) -> Iterator[Span]:
    """Streets with a house number, in figures or in words, with what follows of post code and place."""
    for match in _STREET.finditer(text.text):
        end = _house_number(text, match.end(), language)
        if end:
            post = _POST.match(text.text, end)
            tail = post[0].rstrip(" ,") if post else ""
            yield Span("address", match.start(), end + len(tail) if tail.strip(" ,") not in ("i", "in", "på") else end)
    for pattern in (_ENGLISH, _UKRAINIAN, _BOX):
        yield from (Span("address", match.start(), match.end()) for match in pattern.finditer(text.text))
    for match in _ENGLISH_SAID.finditer(text.lower):
        start = re.compile(r"\b(?:live at|address is|house is)\W+").match(text.lower, match.start())
        if start and _is_number(text.lower[start.end() : match.end()], "en"):
            yield Span("address", start.end(), match.end())
    for match in _UKRAINIAN_SAID.finditer(text.lower):
        end = _number_words(text.lower, match.start("number"), "uk")
        if end:
            yield Span("address", match.start(), end)
    for match in _CODE_AND_PLACE.finditer(text.text):
        after_comma = text.text[match.start() - 2 : match.start()] == ", " and language in ("nb", "nn")
        if not _YEAR.fullmatch(match["code"]) or after_comma:
            yield Span("address", match.start(), match.end())


def _house_number(text: Seen, start: int, language: str) -> int:
    """Behind the house number that follows a street; 0 when none does."""
    figures = _HOUSE.match(text.text, start)
    if figures:
        longer = re.compile(r"\d").match(text.text, figures.end("figures"))
        return 0 if longer else figures.end()
    gap = re.compile(r"\s+(?:nummer |nr )?").match(text.lower, start)
    return _number_words(text.lower, gap.end(), language) if gap else 0


def _number_words(lower: str, start: int, language: str) -> int:
    """Behind the number words that begin at a place; 0 when none do."""
    position = end = start
    for _ in range(_MOST_NUMBER_WORDS):
        word = _WORD.match(lower, position)
        if word is None or not _is_number(word[0], language):
            break
        end = word.end()
        position = end + 1
    return end if end > start else 0


def _is_number(words: str, language: str) -> bool:
    return any(
        any(part.sort in ("digit", "teen", "tens", "hundred", "hundreds") and part.doubt == 0 for part in parts)
        for word in _WORD.findall(words)
        if (parts := meanings(word, language)) or word.isdecimal()
    ) or any(word.isdecimal() for word in _WORD.findall(words))


def birth_dates_in(lower: str, language: str) -> Iterator[Span]:
    """The date behind "født", "born", "народився": from its first number to its last."""
    for cue in _BORN.finditer(lower):
        first: re.Match[str] | None = None
        last, end = cue, cue.end()
        for count, word in enumerate(_WORD.finditer(lower, cue.end())):
            if count >= MOST_DATE_WORDS or HIDDEN in lower[end : word.start()] or "\n" in lower[end : word.start()]:
                break
            end = word.end()
            if _of_a_date(word[0], language) or word[0] in _MONTHS:
                first, last = first or word, word
            elif word[0] not in _DATE_FILLERS:
                break
        if first and last.end() - first.start() > SHORTEST_DATE:
            yield Span("birth_date", first.start(), last.end())


def _of_a_date(word: str, language: str) -> bool:
    parts = meanings(word, language)
    return word[0].isdecimal() or any(part.sort not in ("other", "filler", "and") and part.doubt < 2 for part in parts)


def secrets_in(lower: str) -> Iterator[Span]:
    """Passwords that are said, British insurance numbers, and accounts in their international form (IBAN)."""
    for match in _SECRET.finditer(lower):
        yield Span("code", match.start("secret"), match.end("secret"))
    for match in _BRITISH_ID.finditer(lower):
        yield Span("national_id", match.start(), match.end())
    for match in _IBAN.finditer(lower):
        if is_iban(match[0]):
            yield Span("account", match.start(), match.end())


def is_iban(text: str) -> bool:
    """An account number with its country: two letters, two check digits by mod 97. Source: ISO 13616.

    Args:
        text: in any case, with blanks or hyphens between its groups.
    """
    plain = re.sub(r"[ -]", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{8,30}", plain):
        return False
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1
