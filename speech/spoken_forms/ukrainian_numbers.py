"""Ukrainian number words with the cases and genders that prices, dates and opening hours need.

num2words has the nominative; after "до", "від" or "протягом" a caller hears the genitive.
"""

from dataclasses import dataclass

_ONES = (
    "нуль один два три чотири п'ять шість сім вісім дев'ять десять одинадцять дванадцять тринадцять "
    "чотирнадцять п'ятнадцять шістнадцять сімнадцять вісімнадцять дев'ятнадцять"
).split()
_ONES_GENITIVE = (
    "нуля одного двох трьох чотирьох п'яти шести семи восьми дев'яти десяти одинадцяти дванадцяти "
    "тринадцяти чотирнадцяти п'ятнадцяти шістнадцяти сімнадцяти вісімнадцяти дев'ятнадцяти"
).split()
_TENS = "_ _ двадцять тридцять сорок п'ятдесят шістдесят сімдесят вісімдесят дев'яносто".split()
_TENS_GENITIVE = "_ _ двадцяти тридцяти сорока п'ятдесяти шістдесяти сімдесяти вісімдесяти дев'яноста".split()
_HUNDREDS = "_ сто двісті триста чотириста п'ятсот шістсот сімсот вісімсот дев'ятсот".split()
_HUNDREDS_GENITIVE = "_ ста двохсот трьохсот чотирьохсот п'ятисот шестисот семисот восьмисот дев'ятисот".split()
_FORMS_OF_ONE = {
    ("m", "nominative"): "один", ("f", "nominative"): "одна", ("n", "nominative"): "одне",
    ("m", "accusative"): "один", ("f", "accusative"): "одну", ("n", "accusative"): "одне",
    ("m", "genitive"): "одного", ("f", "genitive"): "однієї", ("n", "genitive"): "одного",
}  # fmt: skip

_ORDINALS = (
    "нульовий перший другий третій четвертий п'ятий шостий сьомий восьмий дев'ятий десятий одинадцятий "
    "дванадцятий тринадцятий чотирнадцятий п'ятнадцятий шістнадцятий сімнадцятий вісімнадцятий "
    "дев'ятнадцятий"
).split()
_ORDINAL_TENS = (
    "_ _ двадцятий тридцятий сороковий п'ятдесятий шістдесятий сімдесятий вісімдесятий дев'яностий"
).split()
_ENDINGS = {
    "m": "ий", "n": "е", "f": "а", "genitive": "ого", "locative": "ому",
    "f genitive": "ої", "f locative": "ій", "f accusative": "у", "f instrumental": "ою",
}  # fmt: skip
_THIRD = {
    "m": "третій", "n": "третє", "f": "третя", "genitive": "третього", "locative": "третьому",
    "f genitive": "третьої", "f locative": "третій", "f accusative": "третю", "f instrumental": "третьою",
}  # fmt: skip


_FORM_OF_ENDING = {
    "о": "genitive", "го": "genitive", "ого": "genitive", "му": "locative", "ому": "locative", "а": "f", "ша": "f",
    "та": "f", "я": "f", "у": "f accusative", "ту": "f accusative", "ю": "f accusative", "ї": "f genitive",
    "ої": "f genitive", "ій": "f locative", "е": "n", "є": "n", "те": "n",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Noun:
    """The forms of a noun that numbers ask for.

    Args:
        one: nominative singular ("гривня").
        few: nominative plural, after 2..4 ("гривні").
        many: genitive plural ("гривень").
        part: genitive singular, after a fraction and after a genitive one ("гривні").
        gender: m, f or n.
        accusative: singular, when it differs from `one` ("гривню").
    """

    one: str
    few: str
    many: str
    part: str
    gender: str = "m"
    accusative: str = ""

    def after(self, number: int, case: str = "nominative") -> str:
        """The form that stands after a whole number in `case`."""
        single = number % 10 == 1 and number % 100 != 11
        if case == "genitive":
            return self.part if single else self.many
        if single:
            return self.accusative if case == "accusative" and self.accusative else self.one
        return self.few if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else self.many


_SCALES = (
    (1_000_000_000, Noun("мільярд", "мільярди", "мільярдів", "мільярда")),
    (1_000_000, Noun("мільйон", "мільйони", "мільйонів", "мільйона")),
    (1_000, Noun("тисяча", "тисячі", "тисяч", "тисячі", "f", "тисячу")),
)


def cardinal(number: int, gender: str = "m", case: str = "nominative") -> str:
    """Say a number, 0 <= number < 10**12; `case` is nominative, genitive or accusative."""
    parts = []
    for value, noun in _SCALES:
        count, number = divmod(number, value)
        if count:
            parts.append(f"{_up_to_999(count, noun.gender, case)} {noun.after(count, case)}")
    if number or not parts:
        parts.append(_up_to_999(number, gender, case))
    return " ".join(parts)


def ordinal(number: int, form: str = "m") -> str:
    """Say an ordinal, 0 <= number < 10**6.

    Args:
        number: which.
        form: m, n, f, "genitive", "locative" (both masculine), or "f genitive", "f locative", "f accusative",
            "f instrumental".
    """
    if number >= 1_000 and number % 1_000 == 0:
        return _thousandth(number // 1_000, form)
    tail = number % 100 if number % 100 else number % 1_000
    head = number - tail
    front = cardinal(head).removeprefix("одна ") + " " if head else ""
    if tail >= 100:
        stem = "сотий" if tail == 100 else _HUNDREDS_GENITIVE[tail // 100].removesuffix("сот") + "сотий"
        return front + _bend(stem, form)
    if tail < 20:
        return front + _bend(_ORDINALS[tail], form)
    tens, ones = divmod(tail, 10)
    if not ones:
        return front + _bend(_ORDINAL_TENS[tens], form)
    return f"{front}{_TENS[tens]} {_bend(_ORDINALS[ones], form)}"


def ordinal_by_ending(number: int, ending: str) -> str:
    """Say "24-го", "1-й", "3-я" by the letters written behind the hyphen."""
    return ordinal(number, _FORM_OF_ENDING.get(ending.lower(), "m"))


def _thousandth(thousands: int, form: str) -> str:
    """1000 "тисячний", 2000 "двотисячний", 5000 "п'ятитисячний"."""
    genitive = {1: "", 2: "дво", 3: "три", 4: "чотири"}.get(thousands)
    if genitive is None:
        genitive = cardinal(thousands, case="genitive").replace(" ", "")
    return _bend(genitive + "тисячний", form)


def _bend(word: str, form: str) -> str:
    return _THIRD[form] if word == "третій" else word.removesuffix("ий") + _ENDINGS[form]


def _up_to_999(number: int, gender: str, case: str) -> str:
    genitive = case == "genitive"
    hundreds, rest = divmod(number, 100)
    words = [(_HUNDREDS_GENITIVE if genitive else _HUNDREDS)[hundreds]] if hundreds else []
    if rest >= 20:
        tens, rest = divmod(rest, 10)
        words.append((_TENS_GENITIVE if genitive else _TENS)[tens])
    if rest or not words:
        words.append(_one_to_19(rest, gender, case))
    return " ".join(words)


def _one_to_19(number: int, gender: str, case: str) -> str:
    if number == 1:
        return _FORMS_OF_ONE[gender, case]
    if case == "genitive":
        return _ONES_GENITIVE[number]
    return "дві" if number == 2 and gender == "f" else _ONES[number]
