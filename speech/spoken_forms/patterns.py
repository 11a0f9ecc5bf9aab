"""Unmarked values in running text: found by pattern, in an order in which a later one cannot spoil an earlier one."""

import re
from collections.abc import Callable, Sequence
from functools import cache

from speech.spoken_forms.readings import (
    Speak,
    read_account,
    read_address,
    read_around_the_clock,
    read_code,
    read_exotic_digit,
    read_iso_day,
    read_money,
    read_named_day,
    read_number,
    read_numeric_day,
    read_ordinal,
    read_organisation,
    read_per,
    read_phone,
    read_quantity,
    read_range,
    read_sign,
    read_time,
    read_time_span,
    saying,
)
from speech.spoken_forms.rules import Context, Rules, month_names

_SPACE = "[ \u00a0\u202f]"
_NUMBER_COMMA = (
    rf"(?:\d{{1,3}}(?:{_SPACE}\d{{3}}){{1,3}}(?:,\d+)?|\d{{1,3}}(?:\.\d{{3}}){{1,3}}(?:,\d+)?|\d+,\d+|\d+\.\d+|\d+)"
)
_NUMBER_POINT = (
    rf"(?:\d{{1,3}}(?:,\d{{3}}){{1,3}}(?:\.\d+)?|\d{{1,3}}(?:{_SPACE}\d{{3}}){{1,3}}(?:\.\d+)?|\d+\.\d+|\d+)"
)
_SIGN = r"(?:(?<![\w.,)-])[-−])?"
_TOP_LEVEL = "no|com|org|net|example|eu|ua|io|se|dk|uk|de|gov|edu|info|dev|app|test"
_CURRENCY_SIGNS = "kr\\.?|NOK|EUR|USD|GBP|SEK|DKK|UAH|€|\\$|£|₴"
_BEFORE = re.compile(r"([^\W\d_]+)[.:]?\s*(?:\d+\s*-\s*)?$")
_AFTER = re.compile(r"\s*(?:-\s*\d+\s*)?([^\W\d_]+)")


def context_of(match: re.Match[str]) -> Context:
    """The words around a match; a number joined to this one by a hyphen is looked over."""
    before = _BEFORE.search(match.string[max(0, match.start() - 40) : match.start()])
    after = _AFTER.match(match.string, match.end())
    return Context(before[1].lower() if before else "", after[1].lower() if after else "")


_SHORT_RANGES = ((r"", r"\d{1,4}"), (r"\d", r"\d{1,4}"), (r"\d\d", r"\d{3,4}"))
"""Digits behind the first of the lower end, and the upper end, of a range with a plain hyphen: "2-3", "100-200"."""

_NORWEGIAN_ORDINAL = r"(?<![\w.,])(\d{1,3})\.(?=\s(?-i:[a-zæøå]))"
_ORDINALS = {
    "nb": _NORWEGIAN_ORDINAL,
    "nn": _NORWEGIAN_ORDINAL,
    "en": r"(?<![\w.,])(\d{1,6})(st|nd|rd|th)\b",
    "uk": r"(?<![\w.,])(\d{1,6})-(г?о|й|ий|ого|му|ому|а|ша|я|та|у|ту|ю|ї|ої|ій|е|є|те)(?!\w)",
}


def speak_patterns(text: str, rules: Rules) -> str:
    """Write out everything in running text that a voice cannot read right; no digit is left."""
    for pattern, speak in _table(rules):
        text = pattern.sub(_rewriting(speak, rules), text)
    return text


def _rewriting(speak: Speak, rules: Rules) -> Callable[[re.Match[str]], str]:
    def rewrite(match: re.Match[str]) -> str:
        words = speak(match, rules, context_of(match))
        if words is None:
            return match.group()
        # Keep the words apart from letters and digits that touched the match.
        left = " " if words[:1].isalnum() and match.string[max(0, match.start() - 1) : match.start()].isalnum() else ""
        right = " " if words[-1:].isalnum() and match.string[match.end() : match.end() + 1].isalnum() else ""
        return f"{left}{words}{right}"

    return rewrite


_tables: dict[str, list[tuple[re.Pattern[str], Speak]]] = {}


def _table(rules: Rules) -> list[tuple[re.Pattern[str], Speak]]:
    """The patterns of a language, compiled at first use."""
    if rules.code not in _tables:
        _tables[rules.code] = [
            (re.compile(pattern, re.IGNORECASE), speak)
            for pattern, speak in (
                *_addresses(),
                *_days(rules),
                *_phones(rules),
                *_times(rules),
                *_before_numbers(rules),
                *_amounts(rules),
            )
        ] + _leftovers(rules)
    return _tables[rules.code]


def _addresses() -> list[tuple[str, Speak]]:
    return [
        (r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", read_address),
        (r"https?://[^\s<>\"'»”)]*[^\s<>\"'»”).,!?;:]", read_address),
        (rf"(?<![\w@])(?:[\w-]{{1,63}}\.){{1,8}}(?:{_TOP_LEVEL})\b(?:/[\w./?=&%#-]*\w)?", read_address),
    ]


def _days(rules: Rules) -> list[tuple[str, Speak]]:
    full, short = month_names(rules.code)
    names = "|".join(sorted({*full, *short}, key=len, reverse=True))
    year = r"(?:,?\s(?P<year>[12]\d{3})(?![\d.:,]\d|\d)(?:\s(?:року|р\.))?)?"
    month = rf"(?P<month>{names})\b(?:\.(?=\s(?-i:[\da-zа-яіїєґæøå])))?"
    day = r"(?<![\d.,:])(?P<day>\d{1,2})(?:st|nd|rd|th|\.|-го)?(?:\sof)?\s?"
    to = r"(?<![\d.,:])(?P<from>\d{1,2})(?:st|nd|rd|th|\.)?\s?(?:[–—-])\s?(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?\s"
    patterns: list[tuple[str, Speak]] = [
        (r"(?<!\d)\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?)?(?!\d)", read_iso_day),
        (to + month + year, read_named_day),
        (day + month + year, read_named_day),
        (r"(?<![\d.,:/])\d{1,2}[./]\s?\d{1,2}[./]\s?(?:[12]\d{3})(?!\d)", read_numeric_day),
        (r"(?<![\d.,:/])\d{1,2}\.\d{1,2}\.(?!\d)", read_numeric_day),
    ]
    if rules.code == "en":
        patterns.insert(2, (rf"\b{month}\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?![\d:]){year}", read_named_day))
    return patterns


def _phones(rules: Rules) -> list[tuple[str, Speak]]:
    cue = _after(rules.phone_cues)
    organisation = _after(("orgnr ", "org.nr ", "org.nr. ", "organisasjonsnummer "))
    return [
        (r"(?<![\w+])\+\d[\d \u00a0()-]{5,}\d(?!\d)", read_phone),
        (rf"(?<![\d,.-])(?:{_grouped(2, 2, 2, 2)}|(?=[89]){_grouped(3, 2, 3)})(?!\d|{_SPACE}\d)", read_phone),
        (rf"{cue}(?:\d{{3}} \d{{3}} \d{{3,4}}|\d{{3}}[ -]\d{{2,3}}[ -]\d{{2}}[ -]?\d{{2}})(?!\d)", read_phone),
        (rf"{cue}\d{{3,10}}(?![\d.,:]\d|\d)", read_phone),
        (r"(?<![\w,.-])[2-9]\d{7}(?![\w-])", read_phone),
        (r"(?<![\d,.-])\d{4}[ .]\d{2}[ .]\d{5}(?!\d)", read_account),
        (rf"{organisation}\d{{3}} ?\d{{3}} ?\d{{3}}(?!\d)", read_organisation),
    ]


def _after(cues: Sequence[str]) -> str:
    """Only behind one of these texts; never, when there are none."""
    if not cues:
        return "(?!)"
    return "(?:" + "|".join(f"(?<=\\b{re.escape(cue)})" for cue in cues) + ")"


def _grouped(*sizes: int) -> str:
    return _SPACE.join(rf"\d{{{size}}}" for size in sizes)


def _times(rules: Rules) -> list[tuple[str, Speak]]:
    colon = r"\d{1,2}:\d{2}(?::\d{2})?"
    time = rf"(?:{colon}|\d{{2}}\.\d{{2}})" if rules.decimal_comma else colon
    behind = r"(?![\d%]|[.,:]\d)" if rules.code == "en" else rf"(?![\d%]|[.,:]\d|\s?(?:{_currency_words(rules)}))"
    half = r"(?:\s?(?P<half>[ap])\.?m\b\.?)?" if rules.code == "en" else ""
    halves: list[tuple[str, Speak]] = []
    if half:
        halves = [
            (r"(?<![\d.,:])(?P<time>\d{1,2}(?::\d{2})?)\s?(?P<half>[ap])\.?m\b(?:\.(?=\s(?-i:[a-z])))?", read_time),
        ]
    clock_said = _after(rules.clock_cues)
    return [
        (rf"(?<![\d.,:]){time}\s?[–—-]\s?{time}{behind}", read_time_span),
        *halves,
        (rf"(?<![\d.,:])(?P<time>{time}){half}{behind}", read_time),
        (rf"{clock_said}\d{{1,2}}\s?[–—-]\s?\d{{1,2}}(?![\d.,:]\d|\d)", read_time_span),
        (rf"{clock_said}(?P<time>\d{{1,2}}\.\d{{2}}|\d{{1,2}})(?![\d.,:]\d|\d)", read_time),
        (r"(?<!\d)24/7(?!\d)", read_around_the_clock),
    ]


def _amounts(rules: Rules) -> list[tuple[str, Speak]]:
    number = _NUMBER_COMMA if rules.decimal_comma else _NUMBER_POINT
    units = "|".join(sorted(map(re.escape, rules.units), key=len, reverse=True))
    words = _currency_words(rules)
    stop = r"(?:\.(?=\s(?-i:[a-zа-яіїєґæøå])|[/,]))?"
    return [
        (r"(?<=\d)(?:\s?[–—]\s?|\s-\s)(?=\d)", read_range),
        *((rf"(?<=(?<![\w.,-])[1-9]{first})-(?={second}(?![\w-]))", read_range) for first, second in _SHORT_RANGES),
        (rf"(?<!\w)(?P<currency>{_CURRENCY_SIGNS})\s?(?P<number>{_SIGN}{number})(?:,[-–—])?(?!\d)", read_money),
        (rf"(?<![\w.,])(?P<number>{_SIGN}{number})(?:,[-–—])?\s?(?P<currency>{words})(?!\w){stop}", read_money),
        (rf"(?<![\w.,])(?P<number>{number}),[-–—](?!\d)", read_money),
        (rf"(?<![\w.,])(?P<number>{_SIGN}{number})\s?(?P<unit>{units})(?!\w){stop}", read_quantity),
        (_ORDINALS[rules.code], read_ordinal),
        (r"(?<![\w-])(?=[\w-]{0,60}\d)(?=[\w-]{0,60}[^\W\d_])\w{1,40}(?:-\w{1,40}){0,8}(?![\w-])", read_code),
        (rf"(?P<number>{_SIGN}{number})(?P<suffix>\sр\.)?", read_number),
    ]  # fmt: skip


def _before_numbers(rules: Rules) -> list[tuple[str, Speak]]:
    """Abbreviations that are one only in front of a figure ("no. 5"), while there still are figures."""
    return [(rf"(?<!\w){phrase}", saying(words)) for phrase, words in rules.phrases if r"\d" in phrase]


def _leftovers(rules: Rules) -> list[tuple[re.Pattern[str], Speak]]:
    """What remains once the numbers are words: prices per something, abbreviations, signs, exotic digits."""
    per = "|".join(sorted(map(re.escape, {*rules.per_words, *rules.units}), key=len, reverse=True))
    patterns: list[tuple[re.Pattern[str], Speak]] = [
        (re.compile(f"[{_exotic_digits()}]"), read_exotic_digit),
        (
            re.compile(rf"(?<=\w)\.?\s?/\s?(?P<unit>{per})(?!\w)(?:\.(?=\s(?-i:[a-zæøåа-яіїєґ])))?", re.IGNORECASE),
            read_per,
        ),
    ]
    for phrase, words in rules.phrases:
        case = 0 if phrase.isupper() else re.IGNORECASE
        patterns.append((re.compile(rf"(?<![\w@])(?:{phrase})(?!\w)", case), saying(words)))
    return [
        *patterns,
        (re.compile(r"(?<=[^\W\d_])/(?=[^\W\d_])"), lambda match, rules, context: f" {rules.symbols['or']} "),
        (re.compile(r"(?<![\w*#])[*#](?![\w*#])|[@&%+=§½¼¾№]|#(?=\w)"), read_sign),
        (re.compile(r"[€$£₴]"), read_sign),
        (re.compile(r"[\[\]{}<>|*#_~^`\\]"), lambda match, rules, context: " "),
    ]


@cache
def _exotic_digits() -> str:
    """Digits that are no decimals (superscripts, circled ones); Unicode has none beyond the first two planes."""
    return "".join(sign for sign in map(chr, range(0x20000)) if sign.isdigit() and not sign.isdecimal())


def _currency_words(rules: Rules) -> str:
    words = sorted(map(re.escape, rules.currencies), key=len, reverse=True)
    return "|".join(word + r"(?!\w)" if word[-1].isalpha() else word for word in words)
