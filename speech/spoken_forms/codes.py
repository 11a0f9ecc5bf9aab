"""What is read sign by sign or in groups: phone numbers, ids, accounts, e-mail addresses, web addresses."""

import re
import unicodedata

from speech.spoken_forms.rules import ALONE, Rules

_NATIONAL_PAIRS = re.compile(r"(?:\+47|0047)?([2-9]\d{7})")
_ONE_DIGIT_COUNTRIES = ("1", "7")
_THREE_DIGIT_COUNTRIES = (
    "21",
    "22",
    "23",
    "24",
    "25",
    "26",
    "29",
    "35",
    "37",
    "38",
    "42",
    "50",
    "59",
    "67",
    "80",
    "97",
)
"""First two digits of country codes of three digits (ITU-T E.164)."""

_SHORT_CODE = 3
"""A code of so few signs is said in one breath: "A4", "PS5"."""

_RUN = re.compile(r"\d+|[^\W\d_]+")
_ADDRESS_RUN = re.compile(r"\d+|[^\W\d_]+|[^\w\s]|_")
_PROTOCOL = re.compile(r"^(?:(?:https?|mailto|tel):)?(?://)?(?:www\.)?", re.IGNORECASE)
_VOWEL = re.compile("[aeiouyæøåаеєиіїоуюя]")


def digits_one_by_one(digits: str, rules: Rules) -> str:
    """Digit words with a space between: "null to åtte"."""
    return " ".join(rules.whole(int(digit), ALONE) for digit in digits)


def in_groups(digits: str, sizes: tuple[int, ...] = (), national: bool = False) -> list[str]:
    """Cut a row of digits into groups that can be written down by ear.

    Args:
        digits: ASCII digits.
        sizes: of the groups, the rest in one; by default threes and fours, the longer ones last.
        national: the part of a phone number behind its country code; nine digits are then 2-3-2-2 (Ukraine, Sweden).
    """
    if not sizes:
        count = max(1, len(digits) // 3)
        if len(digits) <= 4:
            sizes = (len(digits),)
        elif len(digits) == 5:
            sizes = (2, 3)
        elif len(digits) == 8:
            sizes = (4, 4)
        elif len(digits) == 9 and national:
            sizes = (2, 3, 2, 2)
        else:
            longer = len(digits) - 3 * count
            sizes = (3,) * (count - longer) + (4,) * longer
    groups, start = [], 0
    for size in sizes:
        groups.append(digits[start : start + size])
        start += size
    return [group for group in (*groups, digits[start:]) if group]


def speak_groups(groups: list[str], rules: Rules) -> str:
    """Digit by digit, with a comma's pause between the groups."""
    return ", ".join(digits_one_by_one(group, rules) for group in groups)


def phone_groups(number: str) -> tuple[str, list[str]]:
    """The country code ("+47" or "") and the groups of a phone number as people write them.

    Norwegian numbers of eight digits go in pairs, 800 and 900 numbers as 3-2-3; others keep their own groups, or are
    cut into threes and fours.
    """
    plain = re.sub(r"[^\d+]", "", number)
    national = _NATIONAL_PAIRS.fullmatch(plain)
    country = "+47" if plain.startswith(("+47", "0047")) else ""
    if national:
        digits = national[1]
        sizes = (3, 2, 3) if digits.startswith("8") else (2, 2, 2, 2)
        return country, in_groups(digits, sizes)
    if plain.startswith("+"):
        own = re.findall(r"\d+", number)
        if len(own) > 2 and len(own[0]) <= 3:
            return "+" + own[0], own[1:]
        digits = plain.replace("+", "")
        size = 1 if digits.startswith(_ONE_DIGIT_COUNTRIES) else 3 if digits[:2] in _THREE_DIGIT_COUNTRIES else 2
        return "+" + digits[:size], in_groups(digits[size:], national=True)
    own = re.findall(r"\d+", number)
    return "", own if len(own) > 1 else in_groups(plain)


def speak_phone(number: str, rules: Rules) -> str:
    """A phone number: a Norwegian one in pairs where the language does so ("nittito, tjuefire, ...")."""
    country, groups = phone_groups(number)
    pairs = rules.phone_in_pairs and [len(group) for group in groups] in ([2, 2, 2, 2], [3, 2, 3])
    spoken = [_speak_pair(group, rules) if pairs else digits_one_by_one(group, rules) for group in groups]
    if country:
        code = country.lstrip("+")
        spoken.insert(
            0, f"{rules.symbols['+']} {_speak_pair(code, rules) if pairs else digits_one_by_one(code, rules)}"
        )
    return ", ".join(spoken)


def _speak_pair(pair: str, rules: Rules) -> str:
    if len(pair) != 2 or pair.startswith("0"):
        return digits_one_by_one(pair, rules)
    return rules.whole(int(pair), ALONE)


def speak_code(code: str, rules: Rules) -> str:
    """An order number, a case id, a licence plate: letters by their names, digits one by one, a pause between runs."""
    runs = []
    for run in _RUN.findall(code):
        if run.isdecimal():
            runs.append(speak_groups(in_groups(run), rules))
        elif len(run) > 3 and _VOWEL.search(run.lower()) and not run.isupper():
            runs.append(run)
        else:
            runs.append(letters_one_by_one(run, rules))
    return (" " if len(code) <= _SHORT_CODE else ", ").join(runs)


def letters_one_by_one(letters: str, rules: Rules) -> str:
    """Names of the letters; one that the language has no name for stays as it is, without its accent."""
    names = []
    for letter in letters.lower():
        name = rules.letters.get(letter) or rules.letters.get(unicodedata.normalize("NFD", letter)[0], letter)
        names.append(name)
    return " ".join(names)


def speak_address(address: str, rules: Rules) -> str:
    """An e-mail or web address: words as words, signs by their names, the protocol and "www" left out."""
    spoken = []
    plain = _PROTOCOL.sub("", address.strip()).rstrip("/")
    for run in _ADDRESS_RUN.findall(plain):
        if run.isdecimal():
            spoken.append(speak_groups(in_groups(run), rules))
        elif "." + run.lower() in rules.symbols:
            spoken.append(rules.symbols["." + run.lower()])
        elif run.isalpha():
            wordlike = len(run) > 2 and _VOWEL.search(run.lower())
            spoken.append(run if wordlike else letters_one_by_one(run, rules))
        else:
            spoken.append(rules.symbols.get(run, ""))
    return " ".join(word for word in spoken if word)
