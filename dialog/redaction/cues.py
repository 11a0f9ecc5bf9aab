"""Words beside a number that say what it is: "mobilen min er", "ordrenummer", "kroner". All languages at once."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from dialog.redaction.seen import HIDDEN
from dialog.slots.national_id import LABEL

WORDS_BEFORE = {"thing": 1, "kid": 4}
MOST_WORDS_BEFORE, MOST_WORDS_BEHIND = 7, 4
"""So many other words may stand between a number and what it is called."""

_NORWEGIAN = (
    "ordre|bestilling|bestillings|kunde|faktura|saks?|måler|målar|målepunkt|medlems?|sporings?|pakke|sendings?|vare"
    "|artikkel|produkt|serie|modell|organisasjons|org|post|rabatt|kampanje|feil|gavekort|avtale|billett|reservasjons?"
    "|registrerings|skilt|buss|linje|rom|side|løpe|kontrakts?|løyve|tilbuds?|avlesning|avlesing"
)
_THINGS = (
    "ordre|bestilling|kunde|faktura|sak|måler|målar|pakke|sending|vare|artikkel|serie|modell|avtale|billett|reservasjon"
)
_ENGLISH = (
    "order|customer|client|invoice|case|ticket|reference|meter|member|membership|tracking|parcel|shipment|product|item"
    "|serial|model|organi[sz]ation|company|booking|reservation|confirmation|error|version|contract|reading"
)
_UKRAINIAN = (
    "замовлен|клієнт|договор|договір|справ|лічильник|показник|посилк|відстежен|товар|серійн|бронюван|накладн|фактур"
)
_CUES = re.compile(
    r"(?P<code>\b(?:pin|engangs|sms|bekreftelses|stadfestings|sikkerhets|tryggleiks|dør|port|alarm|bankid|vipps"
    r"|aktiverings)[- ]?kode\w*|\bpin\b|\bkoden\b|\b(?:passord|passordet|passphrase|password|passcode)\b|\bcv[cv]\b"
    r"|\b(?:pin|one[- ]time|(?<!social )security|verification|access|door|activation|sms) (?:code|number)|\bthe code\b"
    r"|\b(?:пін|пін-?код|пароль|cvv)\w*|\b(?:одноразов|секретн)\w+ код\w*|\bкод (?:з|із) (?:смс|sms)\b)"
    rf"|(?P<other>\b(?:{_NORWEGIAN})[- ]?(?:nummer|nr|id|kode|referanse|stand)\w*|\breferanse\w*"
    rf"|\b(?:{_ENGLISH}) (?:number|no|id|code|reference)\b|\bpost ?code\b|\b(?:номер|код) (?:{_UKRAINIAN})\w*"
    r"|\b(?:поштовий )?індекс\w*)"
    rf"|(?P<thing>\b(?:{_THINGS})(?:en|et|n|a|r|ene|ar|ane)?\b|\b(?:{_ENGLISH}|zip)\b|\b(?:{_UKRAINIAN})\w*)"
    r"|(?P<national_id>\b(?:passnummer\w*|pass nummer\w*|passport|førerkort\w*|førarkort\w*|driving licen[cs]e"
    r"|паспорт\w*|посвідчення водія)\b)"
    r"|(?P<date>\b(?:dato|datoen|date|дата|дату)\b)"
    r"|(?P<kid>\bkid\w*)"
    r"|(?P<card>\b(?:kortnummer\w*|bankkort\w*|kredittkort\w*|debetkort\w*|visa\w*|mastercard\w*|kortet"
    r"|(?:credit|debit|bank|my|the|card) ?card|card (?:number|no)|card is|картк\w+|картц\w+)\b)"
    r"|(?P<account>\b(?:\w*konto\w*|account|iban|рахун\w+)\b)"
    r"|(?P<phone>\b(?:\w*telefon\w*|tlf|mobil\w*|mob|ring(?:e|er|je)?(?: \w+)? (?:meg|oss|tilbake|til|på)"
    r"|n[åa] meg|nummeret mitt|mitt nummer|nummeret til|sms til|melding til|kontakt\w* meg"
    r"|phone|telephone|mobile|cell|call(?: \w+)? back|call me|ring me|text me|reach me|my number|whatsapp"
    r"|телефон\w*|мобільн\w+|подзвон\w+|зателефон\w+|передзвон\w+|набер\w+|мій номер|номер мій)\b)"
)

_UNITS = re.compile(
    r"[ \u00a0-]?(?:kr|kroner|krone|kronar|øre|nok|euro|eur|dollar|usd|pund|gbp|sek|dkk|prosent|pst|kwh|kw|mwh|watt"
    r"|volt|grader|celsius|meter|km|kilometer|mil|cm|mm|kilo|kg|gram|liter|dl|stk|stykk\w*|timer|timar|minutt\w*|sekund\w*"
    r"|dager|dagar|døgn|uker|veker|måneder|månader|år|gang|ganger|gonger|personer|personar|mennesker|menneske|poeng"
    r"|sider|innbygg\w+|kvadrat\w*|kubikk\w*|mill|millioner|millionar|milliarder|milliardar|tusen"
    r"|kroners|pounds?|dollars?|euros?|bucks|quid|cents?|pence|percent|per cent|hours?|minutes?|seconds?|days?|weeks?"
    r"|months?|years?|times|people|persons?|miles?|feet|inches|degrees|points|pages|million|billion|thousand"
    r"|грн|гривень|гривні|гривня|гривню|крон|крони|євро|доларів|долари|відсотк\w+|годин\w*|хвилин\w*|секунд\w*|днів|дні"
    r"|день|тижн\w+|місяц\w+|років|роки|рік|разів|рази|осіб|людей|кілометр\w*|метр\w*|кілограм\w*|квт\w*|градус\w*"
    r"|мільйон\w*|мільярд\w*|тисяч\w*)(?!\w)(?! takk)"
    r"|[ \u00a0]?[%€$£°²]|(?:,-|,–)"
)
_MONEY_BEFORE = re.compile(r"(?:\b(?:kr|nok|eur|usd|gbp|sek|dkk|kl|klokka|klokken|грн)\b\.?|[$€£])\W{0,2}$")
_PLUS_BEFORE = re.compile(r"(?:\+|\b(?:pluss?|плюс|landkoden?|country code|код країни)\b)\W{0,3}$")
_WORD = re.compile(r"\w+")
_LINK = re.compile(
    r"[^\w.!?]*(?:(?:som|da|it|that|which|det)[^\w.!?]+)?(?:er|e|var|is|was|that's|це|є|був|було)[^\w.!?]+"
    r"(?:(?:da|det|the|my|your|our|min|mi|mitt|mine|din|ditt|deres|dykkar|et|en|ein|a|for|мій|моя|ваш|номер)[^\w.!?]+){0,3}"
    r"|[^\w.!?]{1,3}"
)
_SENTENCE_END = re.compile(r"(?<!\bnr)(?<!\bno)[.!?]\s")
"""Between a number and its name behind it: "402713 er ordrenummeret"."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What something beside it is called. kind: a group of the pattern above, or "national_id"."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cues:
    """The words of one text that name numbers.

    Args:
        lower: the text, from `Seen.lower`.
        named: from left to right.
    """

    lower: str
    named: tuple[Cue, ...]

    def of(self, start: int, end: int, begins: int, ends: int) -> str:
        """What the number at a place is called, "" when nothing says it; words before it go before words behind.

        Args:
            start: of the number.
            end: behind it.
            begins: where the number before this one ended: a name belongs to one number.
            ends: where the next begins.
        """
        place = bisect_left(self.named, start, key=lambda cue: cue.start)
        before = [cue for cue in self.named[:place] if cue.start >= begins and self._near(cue, start)]
        if before:
            return before[-1].kind
        behind = (cue for cue in self.named[place:] if cue.end <= ends and cue.start >= end)
        linked = (cue for cue in behind if _LINK.fullmatch(self.lower, end, cue.start))
        return next((cue.kind for cue in linked if cue.kind != "thing" or _WORD.search(self.lower, end, cue.start)), "")

    def _near(self, cue: Cue, start: int) -> bool:
        between = self.lower[cue.end : start]
        most = WORDS_BEFORE.get(cue.kind, MOST_WORDS_BEFORE)
        if cue.kind in ("other", "thing", "date") and _SENTENCE_END.search(self.lower, cue.start, start):
            return False
        return HIDDEN not in between and len(_WORD.findall(between)) <= most


def cues_of(lower: str) -> Cues:
    """The names of numbers in a text (`Seen.lower`)."""
    named = [Cue("national_id", match.start(), match.end()) for match in LABEL.finditer(lower)]
    taken = {cue.start for cue in named}
    named += _others(lower, taken)
    return Cues(lower, tuple(sorted(named, key=lambda cue: cue.start)))


def _others(lower: str, taken: set[int]) -> Iterator[Cue]:
    for match in _CUES.finditer(lower):
        if match.start() not in taken:
            yield Cue(match.lastgroup or "", match.start(), match.end())


def counts_something(lower: str, end: int) -> bool:
    """True when a unit stands behind a number: kroner, hours, per cent."""
    return _UNITS.match(lower, end) is not None


def is_money_or_time(lower: str, start: int) -> bool:
    """True when a sign of money or the clock stands right before a number."""
    return _MONEY_BEFORE.search(lower, max(0, start - 12), start) is not None


def has_plus(lower: str, start: int) -> bool:
    """True when a plus stands before a number, or a word that says that its country code follows."""
    return _PLUS_BEFORE.search(lower, max(0, start - 20), start) is not None
