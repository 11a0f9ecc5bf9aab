"""What number words mean, alone and grown together: "sju", "toogtyve", "trehundre", "oh", "двісті"."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Sort = Literal[
    "digit", "teen", "tens", "hundred", "hundreds", "scale", "ordinal", "figure", "noun", "and", "times", "again",
    "point", "minus", "half", "one_half", "pair", "filler", "other",
]  # fmt: skip
"""What a word does in a number. "hundreds" are the Ukrainian words for 200 and so on, "noun" is "nuller" in "tre
nuller", "again" is "dobbel", "times" is "ganger" in "to ganger fem", "one_half" is "halvannen", "pair" is
"par" in "et par", and "dusin"."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word means.

    Args:
        sort: what it does.
        value: its number; of "again" how often, of "half" and "one_half" nothing.
        doubt: 0 a number word; 1 also an article ("en", "one"); 2 a word that only sounds like one ("for").
    """

    sort: Sort
    value: int = 0
    doubt: int = 0


_PLAIN = str.maketrans("éèêëóòôáà", "eeeeoooaa", "'\u0301\u0300")

_NORWEGIAN: Mapping[Sort, Mapping[int, str]] = {
    "digit": {
        0: "null nul nøll noll", 1: "en ein ei et ett eit eitt æin ain", 2: "to tu två tvo", 3: "tre tri trei træ",
        4: "fire fira fyra fir firr fier", 5: "fem fæm femm fømm", 6: "seks sekks sæks søks",
        7: "sju syv sjau sjug", 8: "åtte otte åtta otta", 9: "ni nie nji",
    },
    "teen": {
        10: "ti tie tii", 11: "elleve ellev elve ellve øllev ellæv elløv", 12: "tolv tølv tålv tåll",
        13: "tretten trettan trættan", 14: "fjorten fjortan fjørten fjørtan", 15: "femten femtan fæmten fæmtan",
        16: "seksten sekstan sæksten sækstan seisten seistan", 17: "sytten søtten syttan søttan",
        18: "atten attan", 19: "nitten nittan",
    },
    "tens": {
        20: "tjue tyve tjuge tjug tjyge", 30: "tretti tredve tredive tretty trætti trædve",
        40: "førti førr fyrti førty førri", 50: "femti fæmti", 60: "seksti sæksti seisti", 70: "sytti søtti",
        80: "åtti otti", 90: "nitti nitty",
    },
    "hundred": {100: "hundre hundra hundrede hunder"},
    "scale": {
        1000: "tusen tusind tusan tusn", 10**6: "million millioner millionar", 10**9: "milliard milliarder milliardar",
    },
    "noun": {
        0: "nuller nullar nullen nullere", 1: "ener enere einar einarar enar", 2: "toer toere toar toarar",
        3: "treer treere trear trearar", 4: "firer firere firar firarar", 5: "femmer femmere femmar femmarar",
        6: "sekser seksere seksar seksarar", 7: "sjuer sjuere syver syvere sjuar sjuarar",
        8: "åtter åttere åttar åttarar", 9: "nier niere niar niarar",
    },
    "ordinal": {
        1: "første fyrste", 2: "andre annen annet anna", 3: "tredje", 4: "fjerde", 5: "femte", 6: "sjette",
        7: "sjuende syvende sjuande", 8: "åttende åttande", 9: "niende niande", 10: "tiende tiande", 11: "ellevte",
        12: "tolvte", 13: "trettende trettande", 14: "fjortende fjortande", 15: "femtende femtande",
        16: "sekstende sekstande", 17: "syttende syttande", 18: "attende attande", 19: "nittende nittande",
        20: "tjuende tyvende tjuande", 30: "trettiende trettiande tredevte", 40: "førtiende førtiande",
        50: "femtiende femtiande", 60: "sekstiende sekstiande", 70: "syttiende syttiande",
        80: "åttiende åttiande", 90: "nittiende nittiande", 1000: "tusende", 10**6: "millionte",
    },
    "and": {0: "og å"},
    "again": {2: "dobbel dobbelt doble", 3: "trippel"},
    "times": {0: "ganger gonger gongar"},
    "point": {0: "komma punktum"},
    "minus": {0: "minus negativ negativt"},
    "half": {0: "halv halvt halve"},
    "pair": {2: "par", 12: "dusin", 20: "snes"},
    "one_half": {0: "halvannen halvannet halvanna halvtanna"},
    "filler": {0: "eh øh øhm hm ehm altså så da deretter det er nummeret nummer mm ja strek bindestrek mellomrom"},
}  # fmt: skip

_ENGLISH: Mapping[Sort, Mapping[int, str]] = {
    "digit": {
        0: "zero oh nought nil naught", 1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven",
        8: "eight", 9: "nine niner",
    },
    "teen": {
        10: "ten", 11: "eleven", 12: "twelve", 13: "thirteen", 14: "fourteen", 15: "fifteen", 16: "sixteen",
        17: "seventeen", 18: "eighteen", 19: "nineteen",
    },
    "tens": {
        20: "twenty", 30: "thirty", 40: "forty fourty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty",
        90: "ninety",
    },
    "hundred": {100: "hundred"},
    "scale": {1000: "thousand", 10**6: "million", 10**9: "billion"},
    "noun": {
        0: "zeros zeroes", 1: "ones", 2: "twos", 3: "threes", 4: "fours", 5: "fives", 6: "sixes", 7: "sevens",
        8: "eights", 9: "nines",
    },
    "ordinal": {
        1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth",
        9: "ninth", 10: "tenth", 11: "eleventh", 12: "twelfth", 13: "thirteenth", 14: "fourteenth", 15: "fifteenth",
        16: "sixteenth", 17: "seventeenth", 18: "eighteenth", 19: "nineteenth", 20: "twentieth", 30: "thirtieth",
        40: "fortieth", 50: "fiftieth", 60: "sixtieth", 70: "seventieth", 80: "eightieth", 90: "ninetieth",
        100: "hundredth", 1000: "thousandth",
    },
    "and": {0: "and"},
    "again": {2: "double", 3: "triple treble"},
    "times": {0: "times"},
    "point": {0: "point comma"},
    "minus": {0: "minus negative"},
    "half": {0: "half"},
    "pair": {2: "couple", 12: "dozen"},
    "filler": {0: "uh um er erm eh so then that's it's is the number it well dash hyphen space"},
}  # fmt: skip

# Apostrophes are taken out before words are looked up. Russian words stand beside the Ukrainian ones: many callers
# mix the two, and the recogniser does.
_UKRAINIAN: Mapping[Sort, Mapping[int, str]] = {
    "digit": {
        0: "нуль ноль нулів нуля", 1: "один одна одне одну одного одної одиниця одиничка одиницю",
        2: "два дві двох двійка двійку двоє две", 3: "три трьох трійка трійку троє",
        4: "чотири чотирьох четвірка четвірку четверо четыре", 5: "пять пяти пятірка пятірку пятеро",
        6: "шість шести шестірка шестірку шестеро шесть", 7: "сім семи сімка сімку семеро семь",
        8: "вісім восьми вісімка вісімку восемь", 9: "девять девяти девятка девятку",
    },
    "teen": {
        10: "десять десяти", 11: "одинадцять одинадцяти одиннадцать", 12: "дванадцять дванадцяти двенадцать",
        13: "тринадцять тринадцяти тринадцать", 14: "чотирнадцять чотирнадцяти четырнадцать",
        15: "пятнадцять пятнадцяти пятнадцать", 16: "шістнадцять шістнадцяти шестнадцать",
        17: "сімнадцять сімнадцяти семнадцать", 18: "вісімнадцять вісімнадцяти восемнадцать",
        19: "девятнадцять девятнадцяти девятнадцать",
    },
    "tens": {
        20: "двадцять двадцяти двадцать", 30: "тридцять тридцяти тридцать", 40: "сорок сорока",
        50: "пятдесят пятдесяти пятьдесят", 60: "шістдесят шістдесяти шестьдесят", 70: "сімдесят сімдесяти семьдесят",
        80: "вісімдесят вісімдесяти восемьдесят", 90: "девяносто девяноста",
    },
    "hundred": {100: "сотня сотню сотні сотень"},
    "hundreds": {
        100: "сто ста", 200: "двісті двохсот двести", 300: "триста трьохсот", 400: "чотириста чотирьохсот четыреста",
        500: "пятсот пятисот пятьсот", 600: "шістсот шестисот шестьсот", 700: "сімсот семисот семьсот",
        800: "вісімсот восьмисот восемьсот", 900: "девятсот девятисот девятьсот",
    },
    "scale": {
        1000: "тисяча тисячі тисяч тисячу тысяча тысячи тысяч", 10**6: "мільйон мільйони мільйонів мільйона",
        10**9: "мільярд мільярди мільярдів мільярда",
    },
    "noun": {0: "нулі", 1: "одиниці", 2: "двійки", 3: "трійки", 4: "четвірки", 5: "пятірки", 6: "шестірки", 7: "сімки",
             8: "вісімки", 9: "девятки"},
    "again": {2: "подвійний подвійна подвійне", 3: "потрійний потрійна"},
    "times": {0: "рази раз разів"},
    "point": {0: "кома крапка цілих ціла"},
    "minus": {0: "мінус"},
    "pair": {2: "пара пару", 12: "дюжина дюжину"},
    "half": {0: "половиною пів половина"},
    "one_half": {0: "півтора півтори"},
    "filler": {0: "е ем ну та і й потім далі номер це мій тире дефіс"},
}  # fmt: skip

_STEMS = {
    1: "перш", 2: "друг", 3: "трет", 4: "четверт", 5: "пят", 6: "шост", 7: "сьом", 8: "восьм", 9: "девят", 10: "десят",
    11: "одинадцят", 12: "дванадцят", 13: "тринадцят", 14: "чотирнадцят", 15: "пятнадцят", 16: "шістнадцят",
    17: "сімнадцят", 18: "вісімнадцят", 19: "девятнадцят", 20: "двадцят", 30: "тридцят", 40: "сороков",
    50: "пятдесят", 60: "шістдесят", 70: "сімдесят", 80: "вісімдесят", 90: "девяност", 100: "сот", 200: "двохсот",
    300: "трьохсот", 400: "чотирьохсот", 500: "пятисот", 600: "шестисот", 700: "семисот", 800: "восьмисот",
    900: "девятисот", 1000: "тисячн", 10**6: "мільйонн", 10**9: "мільярдн",
}  # fmt: skip
_ENDINGS = "ий ій а я е є у ю ого ього ому ьому ої ьої ою ьою ім им і"

_ARTICLES = {
    "nb": "en ein ei et ett eit eitt æin ain andre annen annet anna",
    "en": "one second",
    "uk": "один одна одне одну",
}
_ARTICLES["nn"] = _ARTICLES["nb"]

# Only between other digits: what Whisper writes when a digit was said, and ordinary words otherwise.
_SOUNDS_LIKE: Mapping[str, Mapping[int, str]] = {
    "nb": {0: "o nulle nulls", 1: "enn", 2: "too tog", 3: "tree three", 4: "fyre", 6: "sex six", 7: "sy syy sjø shu",
           8: "åt ått otter", 9: "nii nye", 12: "toll", 20: "kjue skjue sjue shue"},
    "en": {0: "o", 1: "won", 2: "to too", 3: "tree free", 4: "for fore", 5: "fife", 6: "sex", 8: "ate"},
    "uk": {0: "нул", 5: "пядь", 7: "сем", 8: "восім"},
}  # fmt: skip

# Words of one language that are ordinary words in another.
_NOT_ELSEWHERE = frozenset(
    "en ei et ein eit ain to ti tii tie fire fir firr fier ni nie tre tri tu elve one ten o oh nil та і й а е у".split()
)
_NOTE = re.compile(r"(.+)lapp(?:en|er|ar|ane|ene)?")  # "femhundrelapp"
_GROWN_TOGETHER = ("digit", "teen", "tens", "hundred", "hundreds", "scale", "ordinal", "and")
_LONGEST_GROWN = 60
_LONGEST_NUMBER_PARTS = 12


def simple(word: str) -> str:
    """A word as the tables have it: no accents, no apostrophes."""
    return word.translate(_PLAIN)


@lru_cache(maxsize=8)
def vocabulary(language: str) -> Mapping[str, Meaning]:
    """What the words of a language mean; the others' unmistakable words are known too, for callers mix them."""
    own = "nb" if language in ("nb", "nn") else language
    tables = {"nb": _NORWEGIAN, "en": _ENGLISH, "uk": _UKRAINIAN}
    found: dict[str, Meaning] = {}
    for other, table in tables.items():
        if other != own:
            found.update({word: meaning for word, meaning in _read(table) if word not in _NOT_ELSEWHERE})
    found = {word: meaning for word, meaning in found.items() if meaning.sort in ("digit", "teen", "tens", "hundred")}
    found.update(
        (word, Meaning("digit" if value < 10 else "teen" if value < 20 else "tens", value, 2))
        for value, listed in _SOUNDS_LIKE[own].items()
        for word in listed.split()
    )
    if own == "uk":
        found.update(_ukrainian_ordinals())
    found.update(_read(tables[own]))
    for word in _ARTICLES[own].split():
        found[word] = Meaning(found[word].sort, found[word].value, 1)
    return found


def _read(table: Mapping[Sort, Mapping[int, str]]) -> Iterable[tuple[str, Meaning]]:
    # Backwards: what stands first in a table wins.
    for sort in reversed(tuple(table)):
        for value, listed in table[sort].items():
            for word in listed.split():
                yield simple(word), Meaning(sort, value)


def _ukrainian_ordinals() -> Iterable[tuple[str, Meaning]]:
    for value, stem in _STEMS.items():
        for ending in _ENDINGS.split():
            yield stem + ending, Meaning("ordinal", value)


@lru_cache(maxsize=4096)
def meanings(word: str, language: str) -> tuple[Meaning, ...]:
    """What a word means: one meaning, several when numbers have grown together in it, none when it is another word."""
    known = vocabulary(language)
    plain = simple(word)
    if plain in known:
        return (known[plain],)
    if language == "en" and plain == "a":
        return (Meaning("digit", 1, 1),)
    note = _NOTE.fullmatch(plain)
    if note and (worth := meanings(note[1], language)):
        return (*worth, Meaning("other"))
    return _apart(plain, language) if len(plain) <= _LONGEST_GROWN else ()


def _apart(word: str, language: str) -> tuple[Meaning, ...]:
    """The parts of a word like "trehundreogtjueto", the fewest that cover it; () when they make no number."""
    known = vocabulary(language)
    best: list[tuple[Meaning, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 14), end):
            before, meaning = best[start], known.get(word[start:end])
            if before is None or meaning is None or meaning.doubt > 1 or meaning.sort not in _GROWN_TOGETHER:
                continue
            shorter = best[end]
            if len(before) < _LONGEST_NUMBER_PARTS and (shorter is None or len(before) + 1 < len(shorter)):
                best[end] = (*before, meaning)
    parts = best[-1] or ()
    return parts if len(parts) > 1 and _is_number(parts) else ()


def _is_number(parts: tuple[Meaning, ...]) -> bool:
    """True for "tjue-to", "to-og-tyve", "to-hundre"; False for "en-tre", which is the word "entre"."""
    sorts = [part.sort for part in parts]
    if parts[-1].sort == "and" or parts[0].sort == "and":
        return False
    first = zip(sorts, sorts[1:], strict=False)
    large = sorts[-1] == "ordinal" and parts[-1].value >= 20
    return (large or any(sort in ("hundred", "hundreds", "scale", "tens") for sort in sorts)) and not any(
        pair in (("digit", "digit"), ("teen", "digit"), ("tens", "teen"), ("digit", "teen")) for pair in first
    )
