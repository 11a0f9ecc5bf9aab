"""Does this text sound as if more is coming? Punctuation is no proof of an end, but "..." is proof of a middle."""

import re

# Words that seldom end what somebody says on the phone; two fifths of mid-turn pauses end on one (turns.md, section 2).
# Words that also end short answers are left out: "det tror jeg", "not yet, no, it is", "det vet jeg ikke".
_OPEN_WORDS_OF = {
    "nb": "og eller men at som for til fra med av på i om hvis når fordi en ei et min mitt mine din mi hvilken øh eh",
    "nn": "ein eit frå dersom kva kvifor skal vil må",
    "en": "and or but that which who for to from with of on in at if when because so the a an my your our um uh er",
    "uk": "і й та або але що який яка яке які для до від з із зі на у в о об про якщо коли бо мій моя моє мої хочу е",
}
_OPEN_WORDS = frozenset(word for words in _OPEN_WORDS_OF.values() for word in words.split())
_LEADING_TO_NUMBER = re.compile(
    r"(number is|nummer(et)? (mitt )?er|номер( замовлення)?)\W*$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def sounds_unfinished(text: str) -> bool:
    """Whether the caller is likely to go on: a function word or an ellipsis last, "my number is".

    Args:
        text: what was heard so far, in any of our languages.
    """
    stripped = text.strip()
    if not stripped:
        return False
    if stripped.endswith(("...", "…", ",", "-", "–", ":")) or _LEADING_TO_NUMBER.search(stripped):
        return True
    if stripped.endswith("?"):
        return False
    words = _WORD.findall(stripped.lower())
    ends_in_word = bool(words) and stripped.rstrip(".!").lower().endswith(words[-1])
    return ends_in_word and words[-1] in _OPEN_WORDS


def is_one_of(text: str, choices: tuple[str, ...]) -> bool:
    """Whether the text is one of the choices, give or take case and punctuation."""
    said = " ".join(_WORD.findall(text.lower()))
    return bool(said) and any(said == " ".join(_WORD.findall(choice.lower())) for choice in choices)
