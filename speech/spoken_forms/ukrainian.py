"""How Ukrainian says things: cases after prepositions, genders of nouns, dates in the genitive."""

import re
from collections.abc import Mapping
from decimal import Decimal

from speech.spoken_forms.latin_in_ukrainian import in_cyrillic
from speech.spoken_forms.rules import ALONE, Context, Day, decimals_of, month_in_date, whole_and_cents
from speech.spoken_forms.ukrainian_numbers import Noun, cardinal, ordinal

_FEMININE = re.compile(
    "^(гривн|крон|копійк|годин|хвилин|секунд|тисяч|доб|сторін|адрес|кнопк|цифр|посил|особ|карт|оплат|спроб|літер|"
    "послуг|достав|угод|заяв|скарг|пропозиці|філі|людин|верс|рекламаці|кімнат|квартир|ноч|кіловат-год|мегават-год)"
)
_NEUTER = re.compile("^(євро|слов|питан|замовлен|місц|повідомлен|звернен|відділен|вікн|числ|підключен)")
_GENITIVE_AFTER = frozenset(
    ("до від з із зі без для після близько протягом упродовж впродовж біля менше більше крім").split()
)
_ACCUSATIVE_AFTER = frozenset(("за", "на", "через", "про", "в", "у", "понад"))

_LETTERS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        ("а бе це де е еф ґе аш і йот ка ель ем ен о пе ку ер ес те у ве дубль-ве ікс ігрек зет").split(),
        strict=True,
    )
) | dict(
    zip(
        "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
        ("а бе ве ге ґе де е є же зе и і ї йот ка ел ем ен о пе ер ес те у еф ха це че ша ща м'який-знак ю я").split(),
        strict=True,
    )
)

_KRONE = Noun("крона", "крони", "крон", "крони", "f", "крону")
_MONEY = {
    "NOK": (_KRONE, Noun("ере", "ере", "ере", "ере", "n")),
    "SEK": (_KRONE, Noun("ере", "ере", "ере", "ере", "n")),
    "DKK": (_KRONE, Noun("ере", "ере", "ере", "ере", "n")),
    "EUR": (Noun("євро", "євро", "євро", "євро", "n"), Noun("цент", "центи", "центів", "цента")),
    "USD": (Noun("долар", "долари", "доларів", "долара"), Noun("цент", "центи", "центів", "цента")),
    "GBP": (Noun("фунт", "фунти", "фунтів", "фунта"), Noun("пенс", "пенси", "пенсів", "пенса")),
    "UAH": (
        Noun("гривня", "гривні", "гривень", "гривні", "f", "гривню"),
        Noun("копійка", "копійки", "копійок", "копійки", "f", "копійку"),
    ),
}
_CURRENCIES = {
    "kr": "NOK", "nok": "NOK", "крон": "NOK", "крони": "NOK", "крона": "NOK", "крону": "NOK", "кр": "NOK",
    "грн": "UAH", "гривень": "UAH", "гривні": "UAH", "гривня": "UAH", "гривню": "UAH", "uah": "UAH", "₴": "UAH",
    "eur": "EUR", "євро": "EUR", "€": "EUR", "usd": "USD", "доларів": "USD", "долари": "USD", "$": "USD",
    "gbp": "GBP", "£": "GBP", "sek": "SEK", "dkk": "DKK",
}  # fmt: skip

_PERCENT = Noun("відсоток", "відсотки", "відсотків", "відсотка")
_DEGREE = Noun("градус", "градуси", "градусів", "градуса")
_METRE = Noun("метр", "метри", "метрів", "метра")
_SQUARE = Noun("квадратний метр", "квадратні метри", "квадратних метрів", "квадратного метра")
_KILOMETRE = Noun("кілометр", "кілометри", "кілометрів", "кілометра")
_HOUR = Noun("година", "години", "годин", "години", "f", "годину")
_MINUTE = Noun("хвилина", "хвилини", "хвилин", "хвилини", "f", "хвилину")
_KWH = Noun("кіловат-година", "кіловат-години", "кіловат-годин", "кіловат-години", "f", "кіловат-годину")
_NOUNS = {
    "percent": _PERCENT,
    "degree": _DEGREE,
    "metre": _METRE,
    "square": _SQUARE,
    "kilometre": _KILOMETRE,
    "speed": Noun(*(f"{form} на годину" for form in ("кілометр", "кілометри", "кілометрів", "кілометра"))),
    "centimetre": Noun("сантиметр", "сантиметри", "сантиметрів", "сантиметра"),
    "millimetre": Noun("міліметр", "міліметри", "міліметрів", "міліметра"),
    "kilo": Noun("кілограм", "кілограми", "кілограмів", "кілограма"),
    "gram": Noun("грам", "грами", "грамів", "грама"),
    "litre": Noun("літр", "літри", "літрів", "літра"),
    "kwh": _KWH,
    "kilowatt": Noun("кіловат", "кіловати", "кіловатів", "кіловата"),
    "watt": Noun("ват", "вати", "ватів", "вата"),
    "gigabyte": Noun("гігабайт", "гігабайти", "гігабайтів", "гігабайта"),
    "megabyte": Noun("мегабайт", "мегабайти", "мегабайтів", "мегабайта"),
    "hour": _HOUR,
    "minute": _MINUTE,
    "second": Noun("секунда", "секунди", "секунд", "секунди", "f", "секунду"),
    "piece": Noun("штука", "штуки", "штук", "штуки", "f", "штуку"),
    "thousand": Noun("тисяча", "тисячі", "тисяч", "тисячі", "f", "тисячу"),
    "million": Noun("мільйон", "мільйони", "мільйонів", "мільйона"),
    "milliard": Noun("мільярд", "мільярди", "мільярдів", "мільярда"),
}
_UNITS = {
    "%": "percent", "°c": "degree", "°": "degree", "км/год": "speed", "км": "kilometre", "km": "kilometre",
    "м²": "square", "м2": "square", "m²": "square", "m2": "square", "кв. м": "square", "м": "metre", "m": "metre",
    "см": "centimetre", "cm": "centimetre", "мм": "millimetre", "mm": "millimetre", "кг": "kilo", "kg": "kilo",
    "г": "gram", "g": "gram", "л": "litre", "l": "litre", "квт·год": "kwh", "квт-год": "kwh", "квтг": "kwh",
    "kwh": "kwh", "квт": "kilowatt", "kw": "kilowatt", "вт": "watt", "w": "watt", "гб": "gigabyte", "gb": "gigabyte",
    "мб": "megabyte", "mb": "megabyte", "год": "hour", "хв": "minute", "сек": "second", "шт": "piece",
    "тис": "thousand", "млн": "million", "млрд": "milliard",
}  # fmt: skip


class Ukrainian:
    """The rules of `uk`."""

    code = "uk"
    decimal_comma = True
    range_joint = "-"
    span = ("з", "до")
    year_after: frozenset[str] = frozenset()
    per_words: Mapping[str, str] = {
        "міс": "місяць", "місяць": "місяць", "рік": "рік", "день": "день", "тиждень": "тиждень", "добу": "добу",
        "годину": "годину", "особу": "особу",
    }  # fmt: skip
    phone_in_pairs = False
    phone_cues = ("тел. ", "телефон ", "номер ", "телефоном ")
    clock_cues = ("о ", "об ")
    letters: Mapping[str, str] = _LETTERS
    currencies: Mapping[str, str] = _CURRENCIES
    units: Mapping[str, str] = _UNITS
    symbols: Mapping[str, str] = {
        "24/7": "цілодобово", "€": "євро", "$": "доларів", "£": "фунтів", "₴": "гривень",
        "@": "собака", ".": "крапка", "-": "дефіс", "_": "підкреслення", "/": "слеш", "+": "плюс", "&": "і",
        "%": "відсотків", "=": "дорівнює", "#": "решітка", "*": "зірочка", "§": "параграф", "number": "номер",
        "minus": "мінус", "comma": "кома", "or": "або", ".com": "ком", ".no": "ен о",
        "½": "одна друга", "¼": "одна чверть", "¾": "три чверті",
    }  # fmt: skip
    phrases = (
        (r"т\.\s?д\.", "так далі"), (r"т\.\s?п\.", "тому подібне"), (r"т\.\s?зв\.", "так званий"),
        (r"тис\.", "тисяч"), (r"млн\.?", "мільйонів"), (r"млрд\.?", "мільярдів"), (r"грн\.?", "гривень"),
        (r"напр\.", "наприклад"), (r"див\.", "дивіться"), (r"тел\.", "телефон"), (r"вул\.", "вулиця"),
        (r"буд\.", "будинок"), (r"кв\.", "квартира"), (r"ім\.", "імені"), (r"просп\.", "проспект"),
        (r"обл\.", "область"), (r"хв\.", "хвилин"), (r"год\.", "годин"), (r"сек\.", "секунд"), (r"шт\.", "штук"),
        (r"м\.(?=\s[А-ЯІЇЄҐ])", "місто"), (r"стор\.", "сторінка"), (r"ст\.(?=\s?\d)", "стаття"),
        (r"№№", "номери"), (r"№", "номер"), (r"та/або", "та або"), (r"і/або", "і або"),
        (r"прибл\.", "приблизно"), (r"макс\.", "максимум"), (r"мін\.(?=\s?\d)", "мінімум"),
        (r"дол\.", "доларів"), (r"коп\.", "копійок"), (r"ПДВ", "пе-де-ве"),
    )  # fmt: skip

    def whole(self, number: int, context: Context) -> str:
        return cardinal(number, _gender(context.after), _case(context))

    def decimal(self, number: Decimal, context: Context) -> str:
        sign = "мінус " if number < 0 else ""
        number = abs(number)
        behind = decimals_of(number)
        if not behind:
            return sign + self.whole(int(number), context)
        return f"{sign}{cardinal(int(number))} кома {_behind_comma(behind)}"

    def ordinal(self, number: int, context: Context) -> str:
        return ordinal(number, {"f": "f", "n": "n"}.get(_gender(context.after), "m"))

    def year(self, number: int, context: Context) -> str:
        """The case of the year follows the word: "році" locative, "рік" nominative, else genitive."""
        form = {"році": "locative", "рік": "m"}.get(context.after, "genitive")
        return ordinal(number, form)

    def date(self, day: Day, context: Context) -> str:
        words = f"{ordinal(day.day, 'genitive')} {month_in_date('uk', day.month)}"
        return words if day.year is None else f"{words} {ordinal(day.year, 'genitive')} року"

    def clock(self, hour: int, minute: int, context: Context) -> str:
        """ "чотирнадцята тридцять", bent after "о", "до", "на"; the full hour alone is "восьма година"."""
        form = _clock_form(context.before)
        if hour in (0, 24):
            words = "нуль годин"
        else:
            words = ordinal(hour, form)
            if minute == 0 and form == "f" and not context.after.startswith("годин"):
                words += " година"
        if minute == 0:
            return words
        zero = "нуль " if minute < 10 else ""
        return f"{words} {zero}{cardinal(minute, 'f')}"

    def money(self, amount: Decimal, currency: str, context: Context) -> str:
        noun, coin = _MONEY[currency]
        case = _case(context)
        sign, amount = ("мінус ", -amount) if amount < 0 else ("", amount)
        split = whole_and_cents(amount)
        if split is None:
            return f"{sign}{self.decimal(amount, ALONE)} {noun.part}"
        major, minor = split
        minor_words = f"{cardinal(minor, coin.gender, case)} {coin.after(minor, case)}"
        if not major and minor:
            return sign + minor_words
        words = f"{sign}{cardinal(major, noun.gender, case)} {noun.after(major, case)}"
        return f"{words} {minor_words}" if minor else words

    def quantity(self, number: Decimal, unit: str, context: Context) -> str:
        noun = _NOUNS[unit]
        if decimals_of(number):
            return f"{self.decimal(number, ALONE)} {noun.part}"
        case = _case(context)
        sign = "мінус " if number < 0 else ""
        whole = abs(int(number))
        return f"{sign}{cardinal(whole, noun.gender, case)} {noun.after(whole, case)}"

    def per(self, unit: str) -> str:
        noun = _NOUNS.get(unit)
        return f"за {(noun.accusative or noun.one) if noun else unit}"

    def finish(self, text: str) -> str:
        return in_cyrillic(text)


def _gender(noun: str) -> str:
    if _FEMININE.search(noun):
        return "f"
    return "n" if _NEUTER.search(noun) else "m"


def _case(context: Context) -> str:
    """By the preposition, or by a noun that already stands in the accusative: "1 хвилину"."""
    if context.before in _GENITIVE_AFTER:
        return "genitive"
    bent = context.after.endswith(("у", "ю")) and _FEMININE.search(context.after) is not None
    return "accusative" if bent or context.before in _ACCUSATIVE_AFTER else "nominative"


def _clock_form(before: str) -> str:
    if before in ("о", "об", "по"):
        return "f locative"
    if before in ("до", "від", "з", "із", "зі", "після", "близько", "біля"):
        return "f genitive"
    if before in ("на", "за"):
        return "f accusative"
    return "f instrumental" if before in ("між", "перед") else "f"


def _behind_comma(digits: str) -> str:
    if len(digits) <= 2 and not digits.startswith("0"):
        return cardinal(int(digits))
    return " ".join(cardinal(int(digit)) for digit in digits)
