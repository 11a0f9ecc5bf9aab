"""Personal values made up by chance, and the ways people say them and recognisers write them."""

import random
from collections.abc import Callable, Mapping, Sequence

from num2words import num2words

from dialog.slots.checksums import is_account, is_kid, is_national_id, passes_mod10

_ZERO = {"nb": "null", "nn": "null", "en": "zero", "uk": "нуль"}
_NUM2WORDS = {"nb": "no", "nn": "no", "en": "en", "uk": "uk"}
_NYNORSK = {"en": "ein", "syv": "sju", "hundre": "hundre", "tjue": "tjue"}
_OLD_TENS = {2: "tyve", 3: "tredve", 4: "førti", 5: "femti", 6: "seksti", 7: "sytti", 8: "åtti", 9: "nitti"}
_DOUBLE = {"nb": "dobbel", "nn": "dobbel", "en": "double", "uk": "подвійний"}
_FILLER = {"nb": ("eh", "altså", "så"), "nn": ("eh", "altså", "så"), "en": ("uh", "then"), "uk": ("е", "потім")}
_AND = {"nb": "og", "nn": "og", "en": "and", "uk": "і"}
_WAIT = {"nb": "vent litt", "nn": "vent litt", "en": "wait", "uk": "зачекайте"}

Way = Callable[[str, str, random.Random], str]
"""Digits, language and chance give the words."""


def in_words(value: int, language: str) -> str:
    """A number in words of nb, nn, en or uk."""
    said = str(num2words(value, lang=_NUM2WORDS[language])).replace("-", " " if language == "en" else "")
    if language == "nn":
        said = " ".join(_NYNORSK.get(word, word) for word in said.split())
    return said.replace(" and ", " and ")


def _group(digits: str, language: str) -> str:
    """A group of one to three digits as it is said: leading noughts one by one."""
    noughts = len(digits) - len(digits.lstrip("0"))
    said = [_ZERO[language]] * noughts
    return " ".join([*said, in_words(int(digits), language)] if digits.lstrip("0") else said)


def _cut(digits: str, sizes: Sequence[int]) -> list[str]:
    groups, position = [], 0
    for size in sizes:
        groups.append(digits[position : position + size])
        position += size
    return [group for group in (*groups, digits[position:]) if group]


def _by_chance(digits: str, chance: random.Random, most: int = 4) -> list[str]:
    groups = []
    while digits:
        size = chance.randint(1, most)
        groups.append(digits[:size])
        digits = digits[size:]
    return groups


def solid(digits: str, language: str, chance: random.Random) -> str:
    return digits


def pairs(digits: str, language: str, chance: random.Random) -> str:
    return " ".join(_cut(digits, [2] * (len(digits) // 2)))


def grouped(digits: str, language: str, chance: random.Random) -> str:
    return " ".join(_by_chance(digits, chance))


def recognised(digits: str, language: str, chance: random.Random) -> str:
    """Groups with the punctuation that recognisers put between them."""
    first, *rest = _by_chance(digits, chance)
    return first + "".join(chance.choice((" ", " ", ", ", ". ", "-")) + group for group in rest)


def one_by_one(digits: str, language: str, chance: random.Random) -> str:
    return " ".join(_group(digit, language) for digit in digits)


def said_in_pairs(digits: str, language: str, chance: random.Random) -> str:
    return " ".join(_group(group, language) for group in _cut(digits, [2] * (len(digits) // 2)))


def said_in_threes(digits: str, language: str, chance: random.Random) -> str:
    return " ".join(_group(group, language) for group in _cut(digits, [3] * (len(digits) // 3)))


def mixed(digits: str, language: str, chance: random.Random) -> str:
    """Some groups in words, some in figures."""
    return " ".join(
        group if chance.random() < 0.5 else _group(group, language) for group in _by_chance(digits, chance, 2)
    )


WAYS: Mapping[str, Way] = {
    "solid": solid, "pairs": pairs, "grouped": grouped, "recognised": recognised, "one by one": one_by_one,
    "said in pairs": said_in_pairs, "said in threes": said_in_threes, "mixed": mixed,
}  # fmt: skip
"""Ways that the rules were written with."""


def hesitating(digits: str, language: str, chance: random.Random) -> str:
    words = [_group(group, language) for group in _by_chance(digits, chance, 2)]
    words.insert(chance.randint(1, len(words) - 1), chance.choice(_FILLER[language]))
    return " ".join(words)


def doubled(digits: str, language: str, chance: random.Random) -> str:
    said, position = [], 0
    while position < len(digits):
        twice = digits[position : position + 2] == digits[position] * 2
        said.append((_DOUBLE[language] + " " if twice else "") + _group(digits[position], language))
        position += 2 if twice else 1
    return ", ".join(said)


def counted_the_old_way(digits: str, language: str, chance: random.Random) -> str:
    if language not in ("nb", "nn"):
        return said_in_pairs(digits, language, chance)
    said = []
    for group in _cut(digits, [2] * (len(digits) // 2)):
        tens, unit = int(group) // 10, int(group) % 10
        one = "ein" if language == "nn" and unit == 1 else _group(str(unit), language)
        said.append(f"{one}og{_OLD_TENS[tens]}" if len(group) == 2 and tens > 1 and unit else _group(group, language))
    return " ".join(said)


def with_a_break(digits: str, language: str, chance: random.Random) -> str:
    half = len(digits) // 2
    return f"{one_by_one(digits[:half], language, chance)}, {_WAIT[language]}, {pairs(digits[half:], language, chance)}"


def dotted(digits: str, language: str, chance: random.Random) -> str:
    return ".".join(_cut(digits, [2] * (len(digits) // 2)))


def with_and(digits: str, language: str, chance: random.Random) -> str:
    groups = [_group(group, language) for group in _by_chance(digits, chance, 2)]
    return " ".join(groups[:-1]) + f" {_AND[language]} " + groups[-1] if len(groups) > 1 else groups[0]


def capitals(digits: str, language: str, chance: random.Random) -> str:
    said = [_group(group, language) for group in _by_chance(digits, chance, 2)]
    return ". ".join(one[0].upper() + one[1:] for one in said)


HELD_OUT_WAYS: Mapping[str, Way] = {
    "hesitating": hesitating, "doubled": doubled, "the old way": counted_the_old_way, "with a break": with_a_break,
    "dotted": dotted, "with and": with_and, "capitals": capitals,
}  # fmt: skip
"""Ways that nobody looked at while the rules were written."""


def _digits(chance: random.Random, count: int) -> str:
    return "".join(str(chance.randrange(10)) for _ in range(count))


def national_id(language: str, chance: random.Random) -> str:
    """Fødselsnummer, D-number, and those made up for tests."""
    while True:
        day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randrange(100)
        day += chance.choice((0, 0, 40))
        month += chance.choice((0, 0, 40, 80))
        stem = f"{day:02}{month:02}{year:02}{_digits(chance, 3)}"
        found = next((f"{stem}{end:02}" for end in range(100) if is_national_id(f"{stem}{end:02}")), "")
        if found:
            return found


def account(language: str, chance: random.Random) -> str:
    """Eleven digits by mod 11, that are no national identity number."""
    while True:
        stem = str(chance.randint(1, 9)) + _digits(chance, 9)
        found = next((stem + str(end) for end in range(10) if is_account(stem + str(end))), "")
        if found and not is_national_id(found):
            return found


def card(language: str, chance: random.Random) -> str:
    """Thirteen to nineteen digits by the Luhn rule."""
    stem = str(chance.choice((2, 3, 4, 5, 6))) + _digits(chance, chance.choice((14, 14, 14, 13, 11, 17)))
    return next(stem + str(end) for end in range(10) if passes_mod10(stem + str(end)))


def kid(language: str, chance: random.Random) -> str:
    """Twelve to twenty-five digits by either rule."""
    stem = _digits(chance, chance.randint(11, 24))
    return next(stem + str(end) for end in range(10) if is_kid(stem + str(end)))


def phone(language: str, chance: random.Random) -> str:
    """Mostly of the country of the language, some with a country code (then with "00", which is said as well)."""
    norwegian = str(chance.choice((2, 3, 4, 4, 4, 5, 6, 7, 9, 9, 9))) + _digits(chance, 7)
    if language == "uk" and chance.random() < 0.7:
        own = chance.choice(("50", "63", "66", "67", "68", "73", "93", "95", "96", "97", "98", "99")) + _digits(
            chance, 7
        )
        return chance.choice(("0", "0", "380", "00380")) + own
    if language == "en" and chance.random() < 0.5:
        return chance.choice(("07", "07", "00447", "447")) + str(chance.randint(1, 9)) + _digits(chance, 8)
    return norwegian if chance.random() < 0.8 else "0047" + norwegian


DIGITS: Mapping[str, Callable[[str, random.Random], str]] = {
    "national_id": national_id, "account": account, "card": card, "kid": kid, "phone": phone,
}  # fmt: skip
"""Values that are rows of digits."""

_FIRST = {
    "nb": "kari ola per anne lars ingrid magnus silje".split(), "nn": "torbjørg sveinung oddny eirik".split(),
    "en": "john sarah emma oliver james".split(), "uk": "марія оксана іван тарас олена".split(),
}  # fmt: skip
_LAST = {
    "nb": "nordmann hansen lie berg dahl".split(), "nn": "haugen vik tveit".split(),
    "en": "smith jones wilson carter".split(), "uk": "шевченко коваль бондар мельник".split(),
}  # fmt: skip
_DOMAINS = ("gmail com", "hotmail com", "outlook com", "online no", "firma no", "bedrift no", "example com", "ukr net")
_LATIN = str.maketrans("абвгґдеєжзиіїйклмнопрстуфхцчшщьюяåøæ", "abvhgdeezzyiiiklmnoprstufhccss'uaaoa")
_SAID = {
    "nb": ("punktum", "krøllalfa", "understrek", "bindestrek"),
    "nn": ("punktum", "krøllalfa", "understrek", "bindestrek"),
    "en": ("dot", "at", "underscore", "dash"), "uk": ("крапка", "собака", "підкреслення", "дефіс"),
}  # fmt: skip
_SAID_HELD_OUT = {
    "nb": ("prikk", "alfakrøll", "underscore", "strek"), "nn": ("prikk", "snabel-a", "underscore", "strek"),
    "en": ("dot", "at sign", "under score", "hyphen"), "uk": ("точка", "равлик", "нижнє підкреслення", "тире"),
}  # fmt: skip
_UKRAINIAN_DOMAINS = {"gmail com": "гмейл {} ком", "hotmail com": "хотмейл {} ком", "ukr net": "укр {} нет"}


def email(language: str, chance: random.Random, held_out: bool) -> tuple[str, str]:
    """How an address comes ("written", "said", "spelled"), and the address in that way."""
    first, last = chance.choice(_FIRST[language]), chance.choice(_LAST[language])
    domain = chance.choice(_DOMAINS)
    way = chance.choice(("written", "said", "said", "spelled"))
    if way == "written":
        written = f"{first}{chance.choice(('.', '_', '', '-'))}{last}{chance.choice(('', '', '7', '95'))}".translate(
            _LATIN
        )
        return way, f"{written.replace(chr(39), '')}@{domain.replace(' ', '.')}"
    dot, at, under, dash = (_SAID_HELD_OUT if held_out else _SAID)[language]
    name, _, end = domain.partition(" ")
    said = f"{name} {dot} {end}"
    if language == "uk" and domain in _UKRAINIAN_DOMAINS:
        said = _UKRAINIAN_DOMAINS[domain].format(dot)
    if way == "spelled":
        return way, f"{chance.choice((' ', '-', ', ')).join(first)} {at} {said}"
    local = chance.choice(
        (f"{first} {dot} {last}", f"{first} {under} {last}", first, f"{first} {dash} {last}",
         f"{first} {last}", f"{first} {in_words(chance.randint(2, 99), language)}")
    )  # fmt: skip
    return way, f"{local} {at} {said}"
