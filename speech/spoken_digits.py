"""Digits and letters in a transcript, written or spelled out: how many the caller has given so far."""

import re

_NAMES = {
    "nb": "null en én ett to tre fire fem seks sju syv åtte ni",
    "nn": "ein eitt sjau",
    "en": "zero oh one two three four five six seven eight nine",
    "uk": "нуль один одна одне два дві три чотири п'ять шість сім вісім дев'ять",
}
_TEENS = {
    "nb": "ti elleve tolv tretten fjorten femten seksten sytten atten nitten",
    "en": "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    "uk": "десять одинадцять дванадцять тринадцять чотирнадцять п'ятнадцять шістнадцять сімнадцять вісімнадцять "
    "дев'ятнадцять",
}
_TENS = {
    "nb": "tjue tyve tretti tredve førti femti seksti sytti åtti nitti",
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "uk": "двадцять тридцять сорок п'ятдесят шістдесят сімдесят вісімдесят дев'яносто",
}
_AGAIN = {"double": 2, "dobbel": 2, "dobbelt": 2, "triple": 3, "trippel": 3}


def _all(table: dict[str, str]) -> frozenset[str]:
    return frozenset(name for names in table.values() for name in names.split())


_DIGIT_NAMES, _TEEN_NAMES, _TENS_NAMES = _all(_NAMES), _all(_TEENS), _all(_TENS)
# "tjuefire" and "fireogtjue" are one word in Norwegian.
_JOINED = frozenset(
    joined
    for tens in _TENS["nb"].split()
    for unit in _NAMES["nb"].split()[1:]
    for joined in (tens + unit, f"{unit}og{tens}")
)
_TWO_DIGITS = _TEEN_NAMES | _TENS_NAMES | _JOINED
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# "B for Bravo", "B som i Bertil": the word behind explains the letter and is none.
_EXPLAINED = re.compile(r"\b(for|as in|like|som i|som|як)\s+[^\W\d_]{2,}", re.IGNORECASE)
_LONGEST_SPELLING = 8  # letters Whisper writes as one word, in capitals: "ABXK"


def count_digits(text: str) -> int:
    """How many digits the text holds: "4 7", "47", "fire sju", "førtisju" and "double four" are two each."""
    count, tens, times = 0, False, 1
    for word in _words(text):
        digits = 0 if tens and word in _DIGIT_NAMES and not _is_zero(word) else _digits_in(word)
        count += digits * times
        tens, times = word in _TENS_NAMES, _AGAIN.get(word, 1)
    return count


def count_characters(text: str) -> int:
    """How many digits and single letters the text holds: "A B 4 7", "AB47", "A for Alfa, B, fire sju" are four each."""
    plain = _EXPLAINED.sub("", text)
    return count_digits(plain) + sum(_letters_in(word) for word in _WORD.findall(plain))


def count_other_words(text: str) -> int:
    """How many words of the text hold no digit."""
    return sum(not _digits_in(word) for word in _words(text))


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def _is_zero(word: str) -> bool:
    return word in ("null", "zero", "oh", "нуль")


def _digits_in(word: str) -> int:
    figures = sum(character.isdigit() for character in word)
    if figures:
        return figures
    return 2 if word in _TWO_DIGITS else int(word in _DIGIT_NAMES)


def _letters_in(word: str) -> int:
    letters = sum(character.isalpha() for character in word)
    mixed = letters < len(word)
    spelled = len(word) == 1 or mixed or (word.isupper() and letters <= _LONGEST_SPELLING)
    return letters if spelled and not _digits_in(word.lower()) > len(word) - letters else 0
