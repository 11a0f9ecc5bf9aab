"""Which of the bot's languages an utterance is in, from what Whisper's detector says of all of its languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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

_SHORT_SECONDS = 1.0  # detection is right 2 times in 3 under a second, 9 in 10 under two: speech.md, section 4
_LONG_SECONDS = 4.0  # and always from here on
_LEAST_MASS = 0.5  # of all of Whisper's languages; a Norwegian "Polen" is Korean 0.67, English 0.09
_LEAST_SHARE = 0.8  # of the bot's languages
_CERTAIN_MASS = 0.9
_DECODING_MARGIN = 0.15
_STRONG_MASS = 0.8
_GOOD_LOGPROB = -0.5


@dataclass(frozen=True, slots=True)
class Detected:
    """What the detector makes of an utterance.

    Args:
        language: one of the bot's.
        probability: 0..1, among the bot's languages.
        mass: 0..1, among all of Whisper's languages.
        certain: whether it needs no second opinion from the decoder.
    """

    language: str
    probability: float
    mass: float
    certain: bool


def detect(probabilities: Mapping[str, float], languages: Sequence[str], speech_seconds: float) -> Detected:
    """Choose among the languages of the bot, leaning on the first one: the language of the call so far.

    Args:
        probabilities: by Whisper code, over all its languages.
        languages: nb, nn, en, uk; not empty.
        speech_seconds: how much speech there was to judge by.
    """
    home = languages[0]
    masses = _masses(probabilities, languages)
    total = sum(masses.values()) or 1.0
    best = max(masses, key=lambda language: masses[language])
    believable = masses[best] >= _LEAST_MASS and masses[best] / total >= _LEAST_SHARE
    if best == home or speech_seconds < _SHORT_SECONDS or not believable:
        return Detected(home, masses[home] / total, masses[home], certain=True)
    certain = speech_seconds >= _LONG_SECONDS and masses[best] >= _CERTAIN_MASS
    return Detected(best, masses[best] / total, masses[best], certain)


def reads_well(found: Detected, logprob: float) -> bool:
    """Whether an utterance decoded in the detected language needs no comparison with the language of the call.

    Of 174 utterances that detection alone left open, the comparison decided none of those otherwise:
    docs/005-how-whisper-is-run.md.

    Args:
        found: by `detect`.
        logprob: average log probability in that language.
    """
    return found.mass >= _STRONG_MASS and logprob > _GOOD_LOGPROB


def reads_better(logprob: float, home_logprob: float) -> bool:
    """Whether an utterance decoded in another language beats the language of the call.

    Whisper writes English words under any language, with about the same log probability, so English needs no lead; but
    Norwegian taken for English (0.93 on a clip of the Storting) reads 0.2 worse as English than as Norwegian.

    Args:
        logprob: average log probability in the other language.
        home_logprob: the same in the language of the call.
    """
    return logprob > home_logprob - _DECODING_MARGIN


def _masses(probabilities: Mapping[str, float], languages: Sequence[str]) -> dict[str, float]:
    """Probability of each spoken language; bokmål and nynorsk sound alike, so the one named first stands for both."""
    spoken: dict[str, str] = {}
    for language in languages:
        spoken.setdefault("no" if language in ("nb", "nn") else language, language)
    return {
        language: sum(probabilities.get(code, 0.0) for code in WHISPER_CODES[language] + _RELATIVES.get(language, ()))
        for language in spoken.values()
    }


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
