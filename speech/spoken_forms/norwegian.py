"""How bokmål and nynorsk say things on a service line."""

import re
from collections.abc import Mapping
from decimal import Decimal

from speech.spoken_forms.norwegian_numbers import BOKMAL, NYNORSK, cardinal, ordinal, year
from speech.spoken_forms.rules import Context, Day, decimals_of, month_in_date, whole_and_cents

_NEUTER = re.compile(
    "(år|minutt|sekund|døgn|spørsmål|nummer|produkt|abonnement|brev|kjøp|sted|hus|rom|kort|siffer|tall|tal|tegn|teikn|"
    "møte|bilde|bilete|svar|valg|val|tilbud|tilbod|forsøk|gebyr|medlem|barn|par|stykk|stykke|poeng|bud|bod|skjema|"
    "kjøleskap|strømanlegg|anlegg|måltid|besøk|område|kvartal|tilfelle)$"
)
_FEMININE = re.compile(
    "(krone|veke|side|pakke|sending|melding|bok|dør|hytte|rute|natt|adresse|ordning|bestilling|vare|teneste|faktura|"
    "måling|rekning|avtale|lenkje|tast|sak)$"
)
_CLOCK_SAID = ("kl", "klokka", "klokken", "til", "og", "eller")

# Spelled so that espeak's phonemes come out right: "de" is a pronoun to it, "eff", "ærr" and "dobbeltve" go wrong.
_LETTERS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyzæøå",
        ("a be se dé e F ge hå i jodd kå ell emm enn o pe ku R ess te u ve W eks y sett æ ø å").split(),
        strict=True,
    )
)

_MONEY = {
    "NOK": ("krone", "kroner", "øre", "øre"),
    "SEK": ("svensk krone", "svenske kroner", "øre", "øre"),
    "DKK": ("dansk krone", "danske kroner", "øre", "øre"),
    "EUR": ("euro", "euro", "cent", "cent"),
    "USD": ("dollar", "dollar", "cent", "cent"),
    "GBP": ("pund", "pund", "pence", "pence"),
    "UAH": ("hryvnia", "hryvnia", "kopek", "kopek"),
}
_CURRENCIES = {
    "kr": "NOK", "nok": "NOK", "kroner": "NOK", "krone": "NOK", "kronar": "NOK", "eur": "EUR", "euro": "EUR",
    "€": "EUR", "usd": "USD", "dollar": "USD", "$": "USD", "gbp": "GBP", "pund": "GBP", "£": "GBP", "sek": "SEK",
    "dkk": "DKK", "uah": "UAH", "₴": "UAH",
}  # fmt: skip

_UNITS = {
    "%": "prosent", "prosent": "prosent", "‰": "promille", "°c": "grad", "° c": "grad", "°": "grad", "km/t": "km/t",
    "km": "kilometer", "mil": "mil", "m": "meter", "cm": "centimeter", "mm": "millimeter", "m²": "kvadratmeter",
    "m2": "kvadratmeter", "kvm": "kvadratmeter", "m³": "kubikkmeter", "m3": "kubikkmeter", "kg": "kilo", "g": "gram",
    "l": "liter", "dl": "desiliter", "kwh": "kilowattime", "mwh": "megawattime", "gwh": "gigawattime",
    "kw": "kilowatt", "mw": "megawatt", "w": "watt", "v": "volt", "a": "ampere", "gb": "gigabyte", "mb": "megabyte",
    "tb": "terabyte", "mbit/s": "Mbit/s", "mbps": "Mbit/s", "t": "time", "timer": "time", "min": "minutt",
    "sek": "sekund", "mnd": "måned", "stk": "stykk", "øre": "øre", "mill": "million", "mrd": "milliard",
}  # fmt: skip

# One, many. What is not here does not change: "to kilometer".
_PLURALS = {
    "grad": "grader",
    "kilowattime": "kilowattimer",
    "megawattime": "megawattimer",
    "gigawattime": "gigawattimer",
    "time": "timer",
    "minutt": "minutter",
    "sekund": "sekunder",
    "måned": "måneder",
    "million": "millioner",
    "milliard": "milliarder",
}
_NYNORSK_WORDS = {
    "kilowattimer": "kilowattimar",
    "megawattimer": "megawattimar",
    "gigawattimer": "gigawattimar",
    "timer": "timar",
    "minutter": "minutt",
    "sekunder": "sekund",
    "måned": "månad",
    "måneder": "månader",
    "millioner": "millionar",
    "milliarder": "milliardar",
    "kroner": "kroner",
}
_COMPOUND = {"km/t": "kilometer i timen", "Mbit/s": "megabit i sekundet"}

_PER_WORDS = {
    "mnd": "måned", "md": "måned", "måned": "måned", "månad": "måned", "år": "år", "dag": "dag", "uke": "uke",
    "veke": "veke", "døgn": "døgn", "time": "time", "person": "person", "pers": "person", "pakke": "pakke",
}  # fmt: skip

_PHRASES = (
    (r"kr\.?", "kroner"),    (r"kl\.?", "klokka"), (r"f\.\s?eks\.", "for eksempel"), (r"dvs\.", "det vil si"),
    (r"ca\.", "cirka"), (r"bl\.\s?a\.", "blant annet"), (r"osv\.", "og så videre"), (r"o\.\s?l\.", "og lignende"),
    (r"m\.\s?m\.", "med mer"), (r"mm\.", "med mer"), (r"mfl\.", "med flere"), (r"m\.\s?fl\.", "med flere"),
    (r"evt\.", "eventuelt"), (r"inkl\.", "inkludert"), (r"ekskl\.", "ekskludert"),
    (r"org\.\s?nr\.?", "organisasjonsnummer"), (r"orgnr\.?", "organisasjonsnummer"),
    (r"nr\.?", "nummer"),
    (r"tlf\.?", "telefon"),
    (r"iht\.", "i henhold til"), (r"i\.h\.t\.", "i henhold til"), (r"mva\.?", "moms"), (r"pga\.?", "på grunn av"),
    (r"p\.g\.a\.", "på grunn av"), (r"jf\.", "jevnfør"), (r"etc\.", "et cetera"), (r"pr\.", "per"),
    (r"maks\.", "maks"), (r"min\.(?=\s?\d)", "minst"), (r"mnd\.?", "måneder"), (r"stk\.?", "stykk"),
    (r"ifm\.", "i forbindelse med"), (r"vedr\.", "vedrørende"), (r"ang\.", "angående"), (r"hhv\.", "henholdsvis"),
    (r"t\.o\.m\.", "til og med"), (r"f\.o\.m\.", "fra og med"), (r"mill\.", "millioner"),
    (r"mrd\.", "milliarder"), (r"adr\.", "adresse"), (r"gj\.sn\.", "gjennomsnitt"),
    (r"og/eller", "og eller"),
)  # fmt: skip
_NYNORSK_PHRASES = {
    "for eksempel": "til dømes",
    "blant annet": "mellom anna",
    "og så videre": "og så vidare",
    "og lignende": "og liknande",
    "med flere": "med fleire",
    "det vil si": "det vil seie",
    "i henhold til": "i samsvar med",
    "jevnfør": "jamfør",
    "fra og med": "frå og med",
    "i forbindelse med": "i samband med",
    "måneder": "månader",
    "millioner": "millionar",
    "milliarder": "milliardar",
    "eventuelt": "eventuelt",
}
_MORE_NYNORSK = ((r"t\.\s?d\.", "til dømes"), (r"m\.\s?a\.", "mellom anna"), (r"dvs\.", "det vil seie"))


class Norwegian:
    """The rules of `nb` or `nn`."""

    decimal_comma = True
    range_joint = " til "
    span = ("", "til")
    year_after = frozenset(
        ("i siden sidan fra frå før etter året år innen innan sommeren våren høsten vinteren hausten").split()
    )
    per_words: Mapping[str, str] = _PER_WORDS
    phone_in_pairs = True
    phone_cues = ("tlf ", "tlf. ", "telefon ", "ring ", "ringe ", "nummer ", "nummeret ")
    clock_cues = ("kl ", "kl. ", "klokka ", "klokken ")
    letters: Mapping[str, str] = _LETTERS
    currencies: Mapping[str, str] = _CURRENCIES
    units: Mapping[str, str] = _UNITS
    symbols: Mapping[str, str] = {
        "24/7": "døgnet rundt", "€": "euro", "$": "dollar", "£": "pund", "₴": "hryvnia",
        "@": "krøllalfa", ".": "punktum", "-": "bindestrek", "_": "understrek", "/": "skråstrek", "+": "pluss",
        "&": "og", "%": "prosent", "=": "er lik", "#": "firkanttast", "*": "stjerne", "§": "paragraf",
        "number": "nummer", "minus": "minus", "comma": "komma", "or": "eller", ".com": "komm", ".no": "no",
        "½": "en halv", "¼": "en kvart", "¾": "tre kvart",
    }  # fmt: skip

    def __init__(self, code: str) -> None:
        self.code = code
        self._nynorsk = code == "nn"
        self._forms = NYNORSK if self._nynorsk else BOKMAL
        self.phrases = [(pattern, self._phrase(words)) for pattern, words in _PHRASES]
        if self._nynorsk:
            self.phrases += _MORE_NYNORSK
            self.symbols = {**self.symbols, "½": "ein halv", "¼": "ein kvart"}

    def whole(self, number: int, context: Context) -> str:
        return cardinal(number, self._forms, self._one(context.after))

    def decimal(self, number: Decimal, context: Context) -> str:
        sign = "minus " if number < 0 else ""
        number = abs(number)
        behind = decimals_of(number)
        if not behind:
            return sign + self.whole(int(number), context)
        front = cardinal(int(number), self._forms)
        return f"{sign}{front} komma {self._behind_comma(behind)}"

    def ordinal(self, number: int, context: Context) -> str:
        return ordinal(number, self._forms)

    def year(self, number: int, context: Context) -> str:
        return year(number, self._forms)

    def date(self, day: Day, context: Context) -> str:
        words = f"{ordinal(day.day, self._forms)} {month_in_date(self.code, day.month)}"
        return words if day.year is None else f"{words} {year(day.year, self._forms)}"

    def clock(self, hour: int, minute: int, context: Context) -> str:
        """In 24 hours, as timetables and opening hours are read: "klokka fjorten tretti", never "halv tre"."""
        said = "" if context.before in _CLOCK_SAID else "klokka "
        words = cardinal(hour, self._forms, self._forms.neuter if hour == 1 else None)
        if minute == 0:
            return said + words
        zero = "null " if minute < 10 else ""
        return f"{said}{words} {zero}{cardinal(minute, self._forms)}"

    def money(self, amount: Decimal, currency: str, context: Context) -> str:
        one, many, cent, cents = _MONEY[currency]
        sign, amount = ("minus ", -amount) if amount < 0 else ("", amount)
        split = whole_and_cents(amount)
        if split is None:
            return f"{sign}{self.decimal(amount, context)} {many}"
        major, minor = split
        minor_words = f"{cardinal(minor, self._forms)} {cent if minor == 1 else cents}"
        if not major and minor:
            return sign + minor_words
        gender = self._forms.neuter if currency == "GBP" else self._one("krone" if "krone" in one else "")
        words = f"{sign}{cardinal(major, self._forms, gender)} {one if major == 1 else many}"
        return f"{words} og {minor_words}" if minor else words

    def quantity(self, number: Decimal, unit: str, context: Context) -> str:
        noun = _COMPOUND.get(unit, unit)
        if abs(number) != 1:
            noun = _PLURALS.get(unit, noun)
        return f"{self.decimal(number, Context(context.before, unit))} {self._word(noun)}"

    def per(self, unit: str) -> str:
        return f"per {self._word(unit)}"

    def finish(self, text: str) -> str:
        return text

    def _one(self, noun: str) -> str:
        if _NEUTER.search(noun):
            return self._forms.neuter
        return self._forms.feminine if _FEMININE.search(noun) else self._forms.masculine

    def _behind_comma(self, digits: str) -> str:
        """Two digits are one number ("komma syttifem"); more are read one by one."""
        if len(digits) <= 2 and not digits.startswith("0"):
            return cardinal(int(digits), self._forms)
        return " ".join(cardinal(int(digit), self._forms) for digit in digits)

    def _word(self, word: str) -> str:
        return _NYNORSK_WORDS.get(word, word) if self._nynorsk else word

    def _phrase(self, words: str) -> str:
        return _NYNORSK_PHRASES.get(words, words) if self._nynorsk else words
