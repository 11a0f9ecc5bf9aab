"""Which of the bot's languages an utterance is in, from what Whisper's detector says of all of its languages."""

from collections.abc import Mapping, Sequence

WHISPER_CODES: Mapping[str, tuple[str, ...]] = {
    "nb": ("no", "nn"),
    "nn": ("nn", "no"),
    "en": ("en",),
    "uk": ("uk",),
}
"""Whisper's codes for our languages, the one to decode with first."""

# Multilingual Whisper takes much spoken Norwegian for its neighbours, and Ukrainian for its. Where the bot does not
# speak these, what they were given belongs to the relative.
_RELATIVES: Mapping[str, tuple[str, ...]] = {
    "nb": ("da", "sv", "fo", "is"),
    "nn": ("da", "sv", "fo", "is"),
    "uk": ("ru", "be"),
}

SHORT_SECONDS = 1.0
"""Detection is right 2 times in 3 under a second, 9 in 10 under two: speech.md, section 4."""

_SURE = 0.8
_SURE_WHEN_SHORT = 0.95


def choose_language(
    probabilities: Mapping[str, float], languages: Sequence[str], speech_seconds: float
) -> tuple[str, float]:
    """Choose among the languages of the bot, leaning on the first one: the language of the call so far.

    Args:
        probabilities: by Whisper code, over all its languages.
        languages: nb, nn, en, uk; not empty.
        speech_seconds: how much speech there was to judge by.
    Returns:
        the language, and how much of the probability of all `languages` it has, 0..1.
    """
    home = languages[0]
    if len(languages) == 1:
        return home, 1.0
    shares = _shares(probabilities, languages)
    best = max(languages, key=lambda language: shares[language])
    needed = _SURE_WHEN_SHORT if speech_seconds < SHORT_SECONDS else _SURE
    if shares[best] < needed:
        best = home
    return best, shares[best]


def _shares(probabilities: Mapping[str, float], languages: Sequence[str]) -> dict[str, float]:
    # Bokmål and nynorsk are two ways to write what sounds the same here: the one named first stands for both.
    spoken = {"no" if language in ("nb", "nn") else language: language for language in reversed(languages)}
    masses = {
        language: sum(probabilities.get(code, 0.0) for code in WHISPER_CODES[language] + _RELATIVES.get(language, ()))
        for language in spoken.values()
    }
    total = sum(masses.values())
    even = 1.0 / len(masses)
    return {language: (masses.get(language, 0.0) / total if total > 0 else even) for language in languages}


def whisper_code(language: str, knows_nynorsk: bool) -> str:
    """The code to decode a language with.

    Args:
        language: nb, nn, en or uk.
        knows_nynorsk: whether the model was trained to write nynorsk (NB-Whisper). Multilingual Whisper has the token,
            but writes broken English with it.
    """
    if language == "nn" and not knows_nynorsk:
        return "no"
    return WHISPER_CODES[language][0]
