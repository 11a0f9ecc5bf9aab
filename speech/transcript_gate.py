"""Keep what Whisper invents on silence, music and noise away from the dialog."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from speech.spoken_digits import count_digits
from speech.transcript import VoiceEvidence
from speech.whisper import Decoding


class Rejection(StrEnum):
    """Why a text is not to be believed."""

    TOO_SHORT = "too_short"
    NO_SPEECH = "no_speech"
    LOOP = "loop"
    INVENTED = "invented"
    WRONG_SCRIPT = "wrong_script"
    NO_WORDS = "no_words"
    UNLIKELY = "unlikely"


@dataclass(frozen=True, slots=True)
class GateSettings:
    """Where doubt becomes rejection; measured by benchmarks/ears_noise.py and ears_recognition.py.

    Args:
        shortest_seconds: less speech than this cannot hold a word.
        no_speech: Whisper's own no-speech probability, rejected above unless the detector heard clear speech and the
            words are likely: digits read slowly reach 0.75.
        likely_logprob: average log probability from which clear speech is believed all the same. Inventions on noise
            stay below; on silence they do not, but silence is not clear speech.
        no_speech_certain: no-speech probability that no evidence outweighs.
        worst_logprob: average log probability, rejected below.
        clear_probability: how sure of its windows the detector is in clear speech.
        clear_seconds: how much of it there is.
        clear_level_db: how far above the noise it is.
    """

    shortest_seconds: float = 0.09
    no_speech: float = 0.6
    likely_logprob: float = -0.7
    no_speech_certain: float = 0.9
    worst_logprob: float = -1.2
    clear_probability: float = 0.8
    clear_seconds: float = 0.16
    clear_level_db: float = 8.0


# What the subtitles Whisper learned from say when nobody speaks. Compared as words alone.
_INVENTED_BY_LANGUAGE = {
    "nb": (
        "takk for oss", "takk for meg", "takk for nå", "takk", "tusen takk", "ha det bra", "musikk", "du", "å", "og",
        "er", "det er veldig bra", "hva er det", "abonner på kanalen",
    ),
    "da": ("tak", "mange tak", "musik"),
    "en": (
        "you", "thank you", "thank you very much", "thank you so much", "thanks", "please subscribe", "subscribe",
        "bye", "bye bye", "so", "oh", "the end", "i m sorry", "music", "uh", "um", "hmm", "mm", "i", "a", "the", "ah",
        "s", "and", "it s", "shh", "shhh", "ugh", "beep", "beep beep",
    ),
    "uk": ("дякую", "дякую за увагу", "дякую що дивитесь", "до побачення", "музика", "дякую дякую"),
}  # fmt: skip
# These are never what a caller says, however clear the sound was: hold music with a voice in it produces them.
_NEVER_SAID = re.compile(
    r"nicolai winther|ai media|amara org|dimatorzok|undertekst|tekstet av|teksting av|danske tekster|norske tekster"
    r"|(thanks|thank you) for watching|takk for at (du|dere) så|tak (for at|fordi) du så|за перегляд|за просмотр"
    r"|субтитр|subtitles by|продолжение следует|подписывайтесь|підписуйтесь"
)
_EVERY_INVENTED = frozenset(phrase for phrases in _INVENTED_BY_LANGUAGE.values() for phrase in phrases)
_WORD = re.compile(r"[^\W_]+")
_DIGITS_PER_SECOND = 5.0  # the fastest strings in the recordings have 2.7
_MARKED_SOUND = re.compile(r"[♪♫]|^\W*[\[(*][^\])*]*[\])*]\W*$")


def judge(
    decoding: Decoding,
    language: str,
    evidence: VoiceEvidence | None,
    settings: GateSettings = GateSettings(),
) -> Rejection | None:
    """Decide whether a text may be taken for the caller's words.

    Args:
        decoding: what Whisper wrote, and how surely.
        language: nb, nn, en or uk: what it was decoded as.
        evidence: what the voice activity detector saw; None when it did not listen.
        settings: thresholds.
    Returns:
        why not, or None.
    """
    words = _WORD.findall(decoding.text.lower())
    if evidence is not None and evidence.speech_seconds < settings.shortest_seconds:
        return Rejection.TOO_SHORT
    clear = is_clear(evidence, settings)
    if is_silent(decoding, clear, settings):
        return Rejection.NO_SPEECH
    if not words or _MARKED_SOUND.search(decoding.text):
        return Rejection.NO_WORDS
    if is_loop(decoding):
        return Rejection.LOOP
    if _is_foreign_script(decoding.text, language):
        return Rejection.WRONG_SCRIPT
    if decoding.average_logprob < settings.worst_logprob:
        return Rejection.UNLIKELY
    if _is_invented(words, clear):
        return Rejection.INVENTED
    return None


def is_silent(decoding: Decoding, clear: bool, settings: GateSettings) -> bool:
    """Whether Whisper heard nobody, and nothing says otherwise."""
    threshold = settings.no_speech
    if clear and decoding.average_logprob >= settings.likely_logprob:
        threshold = settings.no_speech_certain
    return decoding.no_speech_probability > threshold


def is_clear(evidence: VoiceEvidence | None, settings: GateSettings) -> bool:
    """Whether the detector heard speech that needs no further proof; without a detector nothing is clear."""
    return (
        evidence is not None
        and evidence.mean_probability >= settings.clear_probability
        and evidence.speech_seconds >= settings.clear_seconds
        and evidence.level_dbfs - evidence.noise_dbfs >= settings.clear_level_db
    )


def is_loop(decoding: Decoding) -> bool:
    """Whether the decoder went round in circles: a phrase again and again, no end, or digits nobody says so fast."""
    if decoding.cut_off or count_digits(decoding.text) > _DIGITS_PER_SECOND * max(1.0, decoding.seconds):
        return True
    words = _WORD.findall(decoding.text.lower())
    if words and all(word.isdigit() for word in words):
        return False  # a caller may well give the same digit ten times
    if decoding.compression_ratio > 2.0:
        return True
    if any(len(list(run)) > 5 and not word.isdigit() for word, run in groupby(words)):
        return True
    return any(_repeats(words, size) for size in range(2, len(words) // 3 + 1))


def _repeats(words: list[str], size: int) -> bool:
    """Whether some phrase of `size` words stands three times in a row; numbers may."""
    for start in range(len(words) - 3 * size + 1):
        phrase = words[start : start + size]
        if all(word.isdigit() for word in phrase):
            continue
        if phrase == words[start + size : start + 2 * size] == words[start + 2 * size : start + 3 * size]:
            return True
    return False


def _is_invented(words: list[str], clear: bool) -> bool:
    text = " ".join(words)
    if _NEVER_SAID.search(text):
        return True
    return not clear and text in _EVERY_INVENTED


def _is_foreign_script(text: str, language: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    expected = "CYRILLIC" if language == "uk" else "LATIN"
    foreign = sum(not unicodedata.name(letter, "").startswith(expected) for letter in letters)
    # Ukrainian callers name Latin brands; a Cyrillic or Chinese letter in Norwegian is Whisper's alone.
    allowed = 0.5 if language == "uk" else 0.1
    return bool(letters) and foreign / len(letters) > allowed
