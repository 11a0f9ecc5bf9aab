"""An e-mail address said aloud: "kari punktum nordmann krøllalfa gmail punktum com", "at", "собака"; spelled too."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from dialog.slots.letters import prepared, spelled
from dialog.slots.number_words import meanings
from dialog.slots.slot_type import Parsed, SlotContext
from dialog.slots.spoken_numbers import digit_strings
from dialog.text import folded

ADDRESS = re.compile(r"[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9_])?@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,18}")
"""Addresses that are written without quotes; others are not said on a telephone. Source: RFC 5321, 4.1.2."""

LONGEST = 120
MOST_ALTERNATIVES = 2

SIGNS: tuple[tuple[str, str], ...] = (
    (
        "@",
        r"krøll ?-?alfa|alfa ?-?krøll|krøllalpha|krull ?alfa|snabel ?-?a|et-tegn|at-tegn|ætt|at sign"
        r"|собака|собачка|равлик|ет",
    ),
    ("_", r"under ?-?strek|underskår|underscore|underline|under score|нижнє підкреслення|підкреслення|нижній дефіс"),
    ("-", r"binde ?-?strek|tankestrek|strek|minus|hyphen|dash|дефіс|тире|мінус|риска"),
    (".", r"punktum|punkt|prikk|dått|dot|full stop|period|крапка|крапку|точка"),
    ("+", r"pluss(?:tegn)?|plus(?: sign)?|плюс"),
)
"""What signs are called, in all languages: callers mix them."""

_AT = re.compile(r"(?<=[\w)]) at (?=\w)")
_LEAD = re.compile(
    r"^.*\b(?:e-?post(?:en|adressen|adressa)?|mail(?:en|adressen|adressa)?|e-?mail(?: address)?|adressen|adressa"
    r"|address|пошта|адреса|імейл)\b(?: min| mi| mitt| my| моя)?(?: er| e| is|:| це|-)*\s*"
    r"|^\s*(?:det|den|it|that|jeg|eg)(?: er|'s| is)\s+"
    r"|^\s*(?:it's|that's|ja|jo|yes|так|це|eh|ehm|okei|ok|nei|no|ні)[,.]?\s+"
)
_FILLERS = re.compile(
    r"\b(?:eh|ehm|øh|uh|um|altså|så|liksom|og så|deretter|then|alt i ett|i ett ord|ett ord|all one word|one word"
    r"|(?:med )?små bokstaver|(?:med )?små bokstavar|lower ?case|all lower ?case|takk|please|thanks|одним словом|потім"
    r"|маленькими(?: літерами)?)\b"
)
HEARD_DOMAINS: Mapping[str, str] = {
    "g mail": "gmail", "gimeil": "gmail", "jimail": "gmail", "gmeil": "gmail", "g-mail": "gmail", "ge mail": "gmail",
    "hot mail": "hotmail", "hått mail": "hotmail", "håttmail": "hotmail", "åutlook": "outlook", "out look": "outlook",
    "джімейл": "gmail", "джимейл": "gmail", "гмейл": "gmail", "гмаіл": "gmail", "гмайл": "gmail", "хотмейл": "hotmail",
    "аутлук": "outlook",
    "укрнет": "ukr",
    "укр нет": "ukr.net", "укр": "ukr", "яху": "yahoo", "i cloud": "icloud", "айклауд": "icloud",
}  # fmt: skip
"""Providers as recognisers write them."""

HEARD_ENDS: Mapping[str, str] = {
    "komm": "com", "kom": "com", "kåm": "com", "comm": "com", "nå": "no", "nor": "no", "enno": "no", "nett": "net",
    "orgg": "org", "ком": "com", "нет": "net", "юа": "ua", "ю а": "ua", "уа": "ua", "ноу": "no", "орг": "org",
}  # fmt: skip
"""The last part of a domain as recognisers write it."""

USUAL_END: Mapping[str, str] = {
    "gmail": "com",
    "hotmail": "com",
    "outlook": "com",
    "icloud": "com",
    "yahoo": "com",
    "ukr": "net",
}
"""The rest of a domain when the caller leaves it out."""

_LATIN: Mapping[str, str] = dict(
    zip("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя'", (
        "a b v h g d e ie zh z y i i i k l m n o p r s t u f kh ts ch sh shch  iu ia ".split(" ")
    ), strict=False)
)  # fmt: skip
"""Cyrillic letters in an address. Source: resolution 55 of the Cabinet of Ministers of Ukraine, 2010."""

_BENT: Mapping[str, tuple[str, str]] = {"å": ("a", "aa"), "ø": ("o", "oe"), "æ": ("ae", "e")}
"""How people write letters that addresses do not have; which of the two must be asked."""

_NAMES_OF_SIGNS = {
    "nb": {".": "punktum", "-": "bindestrek", "_": "understrek", "+": "pluss"},
    "nn": {".": "punktum", "-": "bindestrek", "_": "understrek", "+": "pluss"},
    "en": {".": "dot", "-": "hyphen", "_": "underscore", "+": "plus"},
    "uk": {".": "крапка", "-": "дефіс", "_": "підкреслення", "+": "плюс"},
}
_SPELLED_BACK = {"nb": "Det staves", "nn": "Det blir stava", "en": "That is spelled", "uk": "По літерах"}


@dataclass(frozen=True, slots=True)
class EmailSlot:
    """An e-mail address, lower-case. Canonical: "kari.nordmann@example.no"; the partial is what was said so far."""

    kind: str = "email"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        written = ADDRESS.search(said[:2000].lower())
        if written:
            return Parsed(written[0], words=said, sure=False)
        heard = _heard(said, context.language)
        if not context.expected:
            return Parsed(heard, words=said, sure=False) if ADDRESS.fullmatch(heard) and "@" in heard else Parsed()
        whole = heard if "@" in heard and not heard.startswith("@") else context.partial + heard
        whole = _with_end(whole)
        found = tuple(one for one in _bent(whole) if ADDRESS.fullmatch(one) and len(one) <= LONGEST)
        if len(found) > 1:
            return Parsed(alternatives=found[:MOST_ALTERNATIVES], words=said)
        if found:
            return Parsed(found[0], words=said, sure=False)
        # Half an address: only what looks like one, not a sentence.
        plausible = "@" in heard or re.search(r"[._\d]", heard) or context.partial or len(folded(said).split()) <= 3
        if plausible and re.fullmatch(r"[\w.+@-]{2,80}", whole) and whole.count("@") <= 1 and not _is_no(said):
            return Parsed(partial=whole, words=said)
        return Parsed()

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """Nothing: letters cannot be typed on a keypad."""
        return Parsed()

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """Another address, or another half of it ("nei, hotmail", "nei, kari punktum hansen")."""
        fresh = replace(context, partial="")
        found = self.parse(re.sub(r"(?i)^\W*(?:nei|no|ні)\b\W*", "", said), fresh)
        if found.value or found.alternatives:
            return Parsed() if found.value == value else found
        local, _, domain = value.partition("@")
        half = found.partial
        if not half:
            return Parsed()
        name = half.lstrip("@").partition(".")[0]
        if half.startswith("@") or name in USUAL_END:
            new = _with_end(f"{local}@{half.lstrip('@')}")
        else:
            new = f"{half.rstrip('@')}@{domain}"
        return Parsed(new, words=said, sure=False) if ADDRESS.fullmatch(new) and new != value else Parsed()

    def listen(self, partial: str) -> tuple[str, int | None]:
        return "letters", None

    def read_back(self, value: str, language: str) -> str:
        """The address, then what stands before the @ letter by letter."""
        signs = _NAMES_OF_SIGNS.get(language, _NAMES_OF_SIGNS["nb"])
        pieces = re.findall(r"[a-z0-9]+|[._+-]", value.partition("@")[0])
        letters = [signs.get(piece) or f"{{{piece}|spell}}" for piece in pieces]
        return f"{{{value}|email}}. {_SPELLED_BACK.get(language, _SPELLED_BACK['nb'])}: {', '.join(letters)}"


def _is_no(said: str) -> bool:
    return bool(
        re.fullmatch(r"\W*(?:nei|ja|no|yes|ні|так|hva|what|vet ikke|husker ikke|jeg vet ikke)\b.{0,20}", said.lower())
    )


def _heard(said: str, language: str) -> str:
    """What was said as one string of letters, figures and signs."""
    text = prepared(unicodedata.normalize("NFKC", said[:500])).lower()
    text = _LEAD.sub("", _LEAD.sub("", text))
    text = _AT.sub(" @ ", f" {text} ") if "@" not in text else text
    for sign, names in SIGNS:
        text = re.sub(rf"(?<![\w])(?:{names})(?!\w)", f" {sign} ", text)
    text = _FILLERS.sub(" ", text)
    for name, domain in HEARD_DOMAINS.items():
        text = re.sub(rf"(?<!\w){name}(?!\w)", domain, text)
    text = re.sub(r"(?<=[a-zæøå0-9])([.@_+-])(?=[a-zæøå0-9])", r" \1 ", text)
    text = re.sub(r"[,;:!?]|\.(?=\s*$)|(?<=\w)\.(?=\s)", " ", text)
    text = re.sub(r"(?<=\.) +(?:enn?|n|ен) +(?:oh?|å|о)\s*$", " no", text)
    for row in reversed(spelled(text, language, fewest=2, surely=3)):
        text = f"{text[: row.start]} {row.text} {text[row.end :]}"
    return _joined(text.split(), language)


def _joined(pieces: Sequence[str], language: str) -> str:
    found = ""
    number: list[str] = []
    for piece in (*pieces, ""):
        if _is_number(piece, language):
            number.append(piece)
            continue
        if number:
            readings = digit_strings(" ".join(number), language)
            found += readings[0] if readings else "".join(number)
            number = []
        end = HEARD_ENDS.get(piece, piece) if found.endswith(".") and "@" in found else piece
        found += "".join(_LATIN.get(letter, letter) for letter in end)
    return found


def _is_number(piece: str, language: str) -> bool:
    """True for the numbers that people have in addresses: "nitti fem", "to"; thousands are rather a name."""
    parts = meanings(piece, language) if piece else ()
    return bool(parts) and all(part.sort in ("digit", "teen", "tens") and part.doubt < 1 for part in parts)


def _with_end(whole: str) -> str:
    local, at, domain = whole.partition("@")
    return f"{local}@{domain}.{USUAL_END[domain]}" if at and domain in USUAL_END else whole


def _bent(whole: str) -> tuple[str, ...]:
    """The address in letters that addresses have: one, or the ways people write å, ø and æ."""
    bent = sorted(set(whole) & set(_BENT))
    ways = islice(product(*(_BENT[letter] for letter in bent)), 4)
    found = []
    for way in ways:
        text = whole
        for letter, instead in zip(bent, way, strict=True):
            text = text.replace(letter, instead)
        found.append(text)
    return tuple(dict.fromkeys(found))


def email_slot(options: Mapping[str, object]) -> EmailSlot:
    """A slot for an e-mail address; it has no options."""
    return EmailSlot()
