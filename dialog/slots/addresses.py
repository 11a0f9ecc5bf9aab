"""A Norwegian address, at once or in parts: "Storgata fem b, null en fem fem Oslo". And a post code alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from dialog.slots.digit_rows import Run, digit_runs
from dialog.slots.digits import Digits
from dialog.slots.letters import letter_names
from dialog.slots.options import flag
from dialog.slots.slot_type import Parsed, SlotContext
from dialog.text import folded, words

POST_CODE_DIGITS = 4
_POST_CODE_CUE = re.compile(r"\b(?:postnummer\w*|postnr|post ?code|zip(?: code)?|(?:поштовий )?індекс\w*)\b\D{0,20}$")
LEAST_POST_CODE, MOST_POST_CODE = 1, 9991
"""Source: Posten's register of post codes, which runs from 0001 Oslo to 9991 Båtsfjord."""

MOST_CODE_WORDS = 5
"""So many words after "postnummer" may be the code: "er null en fem fem"."""

_CODE_CUE = re.compile(
    r"\b(?:postnummer(?:et)?|postnr\.?|postkode[nt]?|post ?code|postal code|zip(?: code)?|(?:поштовий )?індекс)\b"
)
_CODE_AND_PLACE = re.compile(r"(?:^|[,.]|\b(?:til|i|to|in)\b)\s*(?P<code>\d{4})\s+[A-ZÆØÅ][a-zæøå]{2,}")
_STREET_IN_PASSING = re.compile(
    r"(?P<street>(?:[A-ZÆØÅ][\w.'-]*\s+){0,3}\b\w*(?:gat[ae]|gaten|vei|veien|veg|vegen|allé|alleen|svingen|bakken))\s+"
    r"(?P<number>\d{1,4})(?:\s?(?P<letter>[A-HJ-Za-hj-z])\b)?(?:\s*(?:,|i\b|in\b)?\s*(?:(?P<code>\d{4})\s*)?"
    r"(?P<place>[A-ZÆØÅ][a-zæøå]+)?)"
)
"""A street by its last word, with a house number in figures."""

MOST_HOUSE_NUMBER = 9999
MOST_STREET_WORDS, MOST_PLACE_WORDS = 5, 3

_LEAD = re.compile(
    r"^.*\b(?:adressen|adressa|adresse|address|адреса)\b(?: min| mi| my| моя)?(?: er| e| is|:| це)*\s*"
    r"|^\W*(?:jeg|eg|vi|me|æ|i|we|я|ми) (?:bor|bur|holder til|live|am|are|мешкаю|живу|мешкаємо)"
    r" (?:i|på|ved|at|in|on|на|в|у|за)?\s*"
    r"|^\W*(?:det er|det|it is|it's|that's|ja|yes|це|так|nei|no|ні|eh|ehm)[,.]?\s+"
)
_BETWEEN = frozenset(
    "nummer nr number no номер будинок буд bokstav letter літера postnummer postnummeret postkode code zip індекс "
    "поштовий poststed poststedet er is i in og and so så takk please в у eh ehm".split()
)
"""Words that are no part of a street or place."""

_STREET_WORDS = frozenset("gate gata vei veien veg vegen allé plass torg torv brygge terrasse bakke gaten".split())
_STREET = re.compile(
    r"(?:gat[ae]n?|vei(?:en)?|veg(?:en)?|allé(?:en)?|stien|bakken|svingen|plassen|torget|street|road)$"
)
_NO_ADDRESS = frozenset("nei ja no yes ні так vet ikke ikkje hva what jeg eg не знаю".split())
_LOWER = frozenset("i på ved og den det van von de der af av".split())


@dataclass(frozen=True, slots=True)
class Address:
    """An address, or the parts of it that are known."""

    street: str = ""
    number: str = ""
    post_code: str = ""
    place: str = ""

    def __str__(self) -> str:
        first = f"{self.street} {self.number}".strip()
        last = f"{self.post_code} {self.place}".strip()
        return ", ".join(part for part in (first, last) if part)

    @property
    def whole(self) -> bool:
        """True when a letter would arrive: the post code says the place."""
        return bool(self.street and self.number and self.post_code)


@dataclass(frozen=True, slots=True)
class AddressSlot:
    """An address. Canonical and partial: "Storgata 5B, 0155 Oslo", with what is known of it.

    Args:
        with_post_code: False when street and number are enough.
    """

    with_post_code: bool = True
    kind: str = "address"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        if not context.expected:
            return self._in_passing(said)
        known = address_of(context.partial)
        found = _read(said, context.language, known)
        if found == Address():
            return Parsed()
        return self._parsed(_joined(known, found), said)

    def _in_passing(self, said: str) -> Parsed:
        found = _STREET_IN_PASSING.search(said)
        if found is None:
            return Parsed()
        street = " ".join(found["street"].split())
        number = found["number"] + (found["letter"] or "").upper()
        return self._parsed(
            Address(street[:1].upper() + street[1:], number, found["code"] or "", found["place"] or ""),
            found[0].strip(),
        )

    def _parsed(self, joined: Address, said: str) -> Parsed:
        if joined.post_code and not LEAST_POST_CODE <= int(joined.post_code) <= MOST_POST_CODE:
            return Parsed(fault="range", words=said)
        done = joined.whole or (not self.with_post_code and joined.street and joined.number)
        # Street names are what a recogniser knows least of.
        return Parsed(str(joined), words=said, sure=False) if done else Parsed(partial=str(joined), words=said)

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """The post code when the street is known: "0155", or the house number with "#"."""
        digits, done = pressed.rstrip("#"), pressed.endswith("#")
        known = address_of(context.partial)
        if not digits.isdecimal() or not known.street:
            return Parsed()
        if len(digits) == POST_CODE_DIGITS:
            return self._parsed(replace(known, post_code=digits), pressed)
        if done and not known.number:
            return self._parsed(replace(known, number=str(int(digits))), pressed)
        return Parsed(partial=context.partial)

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """The part that was said anew: "nei, nummer sju", "postnummeret er 0157"."""
        old = address_of(value)
        text = re.sub(r"(?i)^\W*(?:nei|no|ні)\b\W*", "", said)
        found = _read(text, context.language, old)
        new = _joined(old, found)
        return Parsed(str(new), words=said, sure=False) if new.whole and new != old else Parsed()

    def listen(self, partial: str) -> tuple[str, int | None]:
        known = address_of(partial)
        return ("digits", POST_CODE_DIGITS) if known.street and known.number and not known.post_code else ("open", None)

    def read_back(self, value: str, language: str) -> str:
        known = address_of(re.sub(r"[{}|]", "", value))
        marked = replace(known, post_code=f"{{{known.post_code}|postcode}}" if known.post_code else "")
        return str(marked)


def address_of(text: str) -> Address:
    """An address from its canonical form, or from a partial; what is not one is an empty address."""
    first, _, last = text.partition(", ")
    street = re.fullmatch(r"([^\d,]+?)(?: (\d{1,4}[A-Z]?))?", first)
    end = re.fullmatch(r"(?:(\d{4}) ?)?([^\d,]*)", last or ("" if street else first))
    if end is None or not (street or end[1]):
        return Address()
    return Address(street[1] if street else "", (street[2] or "") if street else "", end[1] or "", end[2] or "")


def _joined(known: Address, found: Address) -> Address:
    return Address(
        found.street or known.street,
        found.number or known.number,
        found.post_code or known.post_code,
        found.place or known.place,
    )


def _read(said: str, language: str, known: Address) -> Address:
    """The parts of an address in a caller's words; `known` says what is still missing."""
    text = _LEAD.sub("", _LEAD.sub("", folded(said)))
    text = re.sub(r"(?<=\d)(?=[a-z]\b)", " ", text)  # "4a"
    runs = digit_runs(text, language)
    spoken = words(text)
    if not runs:
        return _without_figures(spoken, known)
    street = _street(spoken[: runs[0].start])
    number, post_code = _figures(runs, bool(street), known)
    after_number, after_all = (
        spoken[runs[0].end : runs[1].start if len(runs) > 1 else len(spoken)],
        spoken[runs[-1].end :],
    )
    letter = _letter(after_number, language) if number else ""
    if letter and len(runs) == 1:
        after_all = after_all[1:]
    place = _place(after_all)
    if not street and number and len(runs) == 1 and not post_code and after_all and not known.street:
        # "5 Storgata", as the English say it.
        return Address(_street(after_all), number, "", "")
    return Address(street, number + letter, post_code, place)


def _figures(runs: tuple[Run, ...], street: bool, known: Address) -> tuple[str, str]:
    """House number and post code: the last four figures of five or more, or of four where a post code is missing."""
    rows = [run.readings[0].digits for run in runs]
    last = rows[-1]
    if len(rows) == 1:
        if len(last) > POST_CODE_DIGITS:
            return str(int(last[:-POST_CODE_DIGITS])), last[-POST_CODE_DIGITS:]
        if len(last) == POST_CODE_DIGITS:
            return "", last
        return (str(int(last)), "") if street or known.street or not known.number else ("", "")
    number = rows[0] if len(rows[0]) < POST_CODE_DIGITS else ""
    post_code = last if len(last) == POST_CODE_DIGITS else ""
    return str(int(number)) if number and int(number) <= MOST_HOUSE_NUMBER else "", post_code


def _letter(behind: tuple[str, ...], language: str) -> str:
    rest = [word for word in behind if word not in ("bokstav", "letter", "літера")]
    if not rest:
        return ""
    letter = rest[0] if len(rest[0]) == 1 else letter_names(language).get(rest[0], "")
    return letter.upper() if len(letter) == 1 and letter.isalpha() and letter not in "iåøв" else ""


def _without_figures(spoken: tuple[str, ...], known: Address) -> Address:
    """Words alone: the place when the rest is known, else a street."""
    kept = tuple(word for word in spoken if word not in _BETWEEN)
    if not kept or len(kept) > MOST_STREET_WORDS or not _NO_ADDRESS.isdisjoint(kept):
        return Address()
    if known.street and known.number and not _STREET.search(kept[-1]):
        return Address(place=_place(kept))
    return Address(street=_street(kept))


def _street(spoken: tuple[str, ...]) -> str:
    kept = [word for word in spoken if word not in _BETWEEN or word in _LOWER]
    while kept and kept[-1] in _BETWEEN:
        kept.pop()
    while kept and kept[0] in _BETWEEN:
        kept.pop(0)
    if len(kept) > MOST_STREET_WORDS:
        return ""
    small = _LOWER | _STREET_WORDS
    return " ".join(word if index and word in small else _capital(word) for index, word in enumerate(kept))


def _place(spoken: tuple[str, ...]) -> str:
    kept = [word for word in spoken if word not in _BETWEEN]
    return " ".join(_capital(word) for word in kept) if len(kept) <= MOST_PLACE_WORDS else ""


def _capital(word: str) -> str:
    return "-".join(part[:1].upper() + part[1:] for part in word.split("-"))


def address_slot(options: Mapping[str, object]) -> AddressSlot:
    """A slot for an address; `post_code: false` when street and number are enough. Raises SlotOptionsInvalid."""
    return AddressSlot(flag(options, "post_code", True))


@dataclass(frozen=True, slots=True)
class PostCodeSlot(Digits):
    """A Norwegian post code. Canonical: "0155". In passing it is found behind its own name, and before a place."""

    def parse(self, said: str, context: SlotContext) -> Parsed:
        if context.expected:
            return Digits.parse(self, said, context)
        written = _CODE_AND_PLACE.search(said)
        cue = _CODE_CUE.search(said.lower())
        if written is None and cue is None:
            return Parsed()
        rest = said[cue.end() :] if cue else written["code"] if written else ""
        found = Digits.parse(
            self, " ".join(rest.split()[:MOST_CODE_WORDS]), replace(context, expected=True, partial="")
        )
        return found if found.value else Parsed()


def post_code_slot(options: Mapping[str, object]) -> PostCodeSlot:
    """A slot for a Norwegian post code; it has no options."""
    return PostCodeSlot(
        "post_code",
        POST_CODE_DIGITS,
        POST_CODE_DIGITS,
        least=LEAST_POST_CODE,
        most=MOST_POST_CODE,
        mark="postcode",
        cue=_POST_CODE_CUE,
    )
