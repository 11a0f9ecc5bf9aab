"""Latin words in Ukrainian text, written in Cyrillic: "Nordlys" becomes "Нордліс".

A Ukrainian voice reads Latin letters with English sounds that it was never trained on.
"""

import re

_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]{2,}")
_SOUNDS = {
    "sch": "ш", "sh": "ш", "ch": "ч", "zh": "ж", "kh": "х", "ph": "ф", "th": "т", "ck": "к", "oo": "у", "ee": "і",
    "qu": "кв", "kj": "х", "skj": "ш", "ya": "я", "ye": "є", "yi": "ї", "yu": "ю", "ja": "я", "ju": "ю",
    "a": "а", "b": "б", "c": "к", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "г", "i": "і", "j": "й", "k": "к",
    "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "к", "r": "р", "s": "с", "t": "т", "u": "у", "v": "в",
    "w": "в", "x": "кс", "y": "і", "z": "з", "æ": "е", "ø": "е", "å": "о", "ä": "е", "ö": "е", "ü": "ю", "é": "е",
}  # fmt: skip
_SOUND = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))


def in_cyrillic(text: str) -> str:
    """Write every Latin word of at least two letters by its sound; a capital stays a capital."""
    return _WORD.sub(_by_sound, text)


def _by_sound(word: re.Match[str]) -> str:
    spoken = _SOUND.sub(lambda sound: _SOUNDS[sound.group()], word.group().lower())
    return spoken[0].upper() + spoken[1:] if word.group()[0].isupper() else spoken
