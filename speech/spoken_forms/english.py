"""How English says things to a caller of a Norwegian company: British order of dates, a twelve-hour clock."""

from collections.abc import Mapping
from decimal import Decimal

from num2words import num2words

from speech.spoken_forms.rules import ALONE, Context, Day, decimals_of, month_in_date, whole_and_cents

_DIGITS = "zero one two three four five six seven eight nine".split()

# Spelled so that espeak's phonemes come out right: it reads "ay" as "eye" and "eff" as single letters.
_LETTERS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyzæøå",
        (
            "eh bee see dee ee ef gee aitch eye jay kay ell em en oh pee cue are ess tee you vee double-you ex "
            "why zed ash oh-slash oh-ring"
        ).split(),
        strict=True,
    )
)

# An English voice reads "øre" and "ore" as "or"; "urra" comes out as English speakers in Norway say it.
_MONEY = {
    "NOK": ("krone", "kroner", "urra", "urra"),
    "SEK": ("Swedish krona", "Swedish kronor", "urra", "urra"),
    "DKK": ("Danish krone", "Danish kroner", "urra", "urra"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "USD": ("dollar", "dollars", "cent", "cents"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "UAH": ("hryvnia", "hryvnias", "kopiyka", "kopiykas"),
}
_CURRENCIES = {
    "kr": "NOK", "nok": "NOK", "kroner": "NOK", "krone": "NOK", "eur": "EUR", "euros": "EUR", "euro": "EUR",
    "€": "EUR", "usd": "USD", "dollars": "USD", "dollar": "USD", "$": "USD", "gbp": "GBP", "pounds": "GBP",
    "£": "GBP", "sek": "SEK", "dkk": "DKK", "uah": "UAH", "₴": "UAH",
}  # fmt: skip

_UNITS = {
    "%": "percent", "percent": "percent", "‰": "per mille", "°c": "degree Celsius", "°f": "degree Fahrenheit",
    "°": "degree", "km/h": "kilometre per hour", "km": "kilometre", "m": "metre", "cm": "centimetre",
    "mm": "millimetre", "m²": "square metre", "m2": "square metre", "sqm": "square metre", "m³": "cubic metre",
    "m3": "cubic metre", "kg": "kilo", "g": "gram", "l": "litre", "kwh": "kilowatt hour", "mwh": "megawatt hour",
    "gwh": "gigawatt hour", "kw": "kilowatt", "mw": "megawatt", "w": "watt", "v": "volt", "a": "amp",
    "gb": "gigabyte", "mb": "megabyte", "tb": "terabyte", "mbps": "megabit per second",
    "mbit/s": "megabit per second", "hrs": "hour", "hr": "hour", "h": "hour", "min": "minute", "mins": "minute",
    "sec": "second", "secs": "second", "pcs": "piece", "øre": "urra", "mth": "month", "mo": "month",
}  # fmt: skip
_UNCOUNTED = ("percent", "per mille", "urra")


class English:
    """The rules of `en`."""

    code = "en"
    decimal_comma = False
    range_joint = " to "
    span = ("", "to")
    year_after = frozenset("in since from until by before after year during".split())
    per_words: Mapping[str, str] = {
        word: word for word in ("month", "year", "day", "week", "hour", "person", "parcel", "item", "night")
    } | {"mo": "month", "yr": "year"}
    phone_in_pairs = False
    phone_cues = ("tel ", "tel. ", "telephone ", "phone ", "call ", "dial ")
    clock_cues: tuple[str, ...] = ()
    letters: Mapping[str, str] = _LETTERS
    currencies: Mapping[str, str] = _CURRENCIES
    units: Mapping[str, str] = _UNITS
    symbols: Mapping[str, str] = {
        "24/7": "twenty-four seven", "€": "euros", "$": "dollars", "£": "pounds", "₴": "hryvnias",
        "@": "at", ".": "dot", "-": "dash", "_": "underscore", "/": "slash", "+": "plus", "&": "and",
        "%": "percent", "=": "equals", "#": "hash", "*": "star", "§": "section", "number": "number",
        "minus": "minus", "comma": "point", "or": "or", ".com": "com", ".no": "en oh",
        "½": "one half", "¼": "one quarter", "¾": "three quarters",
    }  # fmt: skip
    phrases = (
        (r"e\.\s?g\.,?", "for example"), (r"i\.\s?e\.,?", "that is"), (r"etc\.", "et cetera"), (r"approx\.", "about"),
        (r"no\.(?=\s?\d)", "number"), (r"nos\.(?=\s?\d)", "numbers"), (r"tel\.", "telephone"), (r"vs\.", "versus"),
        (r"incl\.", "including"), (r"excl\.", "excluding"), (r"max\.", "at most"), (r"min\.(?=\s?\d)", "at least"),
        (r"ext\.(?=\s?\d)", "extension"), (r"dept\.", "department"), (r"mr\.", "mister"), (r"dr\.", "doctor"),
        (r"a\.m\.", "AM"), (r"p\.m\.", "PM"), (r"and/or", "and or"),
        (r"kr\.?", "kroner"), (r"VAT", "vee eh tee"), (r"ID", "eye dee"),
    )  # fmt: skip

    def whole(self, number: int, context: Context) -> str:
        return str(num2words(number, lang="en")).replace(",", "")

    def decimal(self, number: Decimal, context: Context) -> str:
        sign = "minus " if number < 0 else ""
        number = abs(number)
        words = sign + self.whole(int(number), context)
        behind = decimals_of(number)
        return f"{words} point {' '.join(_DIGITS[int(digit)] for digit in behind)}" if behind else words

    def ordinal(self, number: int, context: Context) -> str:
        return str(num2words(number, lang="en", to="ordinal")).replace(",", "")

    def year(self, number: int, context: Context) -> str:
        century, rest = divmod(number, 100)
        if number < 1_000 or century % 10 == 0 and rest < 10:
            return self.whole(number, context)
        if rest == 0:
            return f"{self.whole(century, ALONE)} hundred"
        tail = self.whole(rest, ALONE)
        return f"{self.whole(century, ALONE)} {'oh ' if rest < 10 else ''}{tail}"

    def date(self, day: Day, context: Context) -> str:
        the = "" if context.before == "the" else "the "
        words = f"{the}{self.ordinal(day.day, ALONE)} of {month_in_date('en', day.month)}"
        return words if day.year is None else f"{words} {self.year(day.year, ALONE)}"

    def clock(self, hour: int, minute: int, context: Context) -> str:
        if minute == 0 and hour in (0, 24):
            return "midnight"
        if minute == 0 and hour == 12:
            return "noon"
        words = self.whole((hour - 1) % 12 + 1, ALONE)
        if minute:
            words += f" {'oh ' if minute < 10 else ''}{self.whole(minute, ALONE)}"
        return f"{words} {'PM' if 12 <= hour < 24 else 'AM'}"

    def money(self, amount: Decimal, currency: str, context: Context) -> str:
        one, many, cent, cents = _MONEY[currency]
        sign, amount = ("minus ", -amount) if amount < 0 else ("", amount)
        split = whole_and_cents(amount)
        if split is None:
            return f"{sign}{self.decimal(amount, context)} {many}"
        major, minor = split
        minor_words = f"{self.whole(minor, ALONE)} {cent if minor == 1 else cents}"
        if not major and minor:
            return sign + minor_words
        words = f"{sign}{self.whole(major, ALONE)} {one if major == 1 else many}"
        return f"{words} and {minor_words}" if minor else words

    def quantity(self, number: Decimal, unit: str, context: Context) -> str:
        noun = unit
        if abs(number) != 1 and unit not in _UNCOUNTED:
            first, *rest = unit.split(" ")
            # "kilometres per hour", "degrees Celsius", but "square metres" and "kilowatt hours".
            compound = bool(rest) and (rest[0] == "per" or first == "degree")
            noun = " ".join([first + "s", *rest]) if compound else unit + "s"
        return f"{self.decimal(number, context)} {noun}"

    def per(self, unit: str) -> str:
        return f"per {unit}"

    def finish(self, text: str) -> str:
        return text
