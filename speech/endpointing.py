"""Has the caller finished? How much silence says so, and the events of the ear that follow from it.

What decides, in this order: what the dialog expects (five of six digits: wait), what the words so far look like ("my
number is": wait; a whole question: answer), what smart-turn hears in the voice, and silence alone. docs/003 has the
measurements behind the times.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from speech.spoken_digits import count_characters, count_digits
from speech.transcript import Utterance
from speech.turn_cues import DateSoFar, Reading, answers_choice, answers_yes_no, date_so_far, read, words_of

_MISHEARD_WORDS = 3
# A number is read digit by digit; "8,000" is what Whisper makes of "eight" and half a digit more.
_THOUSANDS = re.compile(r"(?<=\d)[,.]000(?!\d)")

EXPECTATIONS = ("open", "yes_no", "choice", "digits", "letters", "date")


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller began to speak.

    Args:
        at_seconds: when, in received audio.
        level_dbfs: how loud the first windows were.
    """

    at_seconds: float
    level_dbfs: float


@dataclass(frozen=True, slots=True)
class SpeechPaused:
    """A first short silence: worth starting to transcribe, not yet worth answering."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class SpeechResumed:
    """The caller went on after `SpeechPaused`: whatever was prepared is out of date."""

    at_seconds: float


@dataclass(frozen=True, slots=True)
class UtteranceComplete:
    """The caller is done.

    Args:
        utterance: all of it.
        reason: what decided how long to wait: "slot" (the answer expected is whole, or lacks something), "text",
            "model" (smart-turn), "dialog" (to it the words are a whole turn), "silence" (nothing else was known), or
            "cap".
    """

    utterance: Utterance
    reason: str


EarEvent: TypeAlias = SpeechStarted | SpeechPaused | SpeechResumed | UtteranceComplete


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """How long to wait before taking silence for an end. Milliseconds count silence after the last speech.

    Args:
        start_windows: so many speech windows in a row begin an utterance.
        pause_ms: silence after which transcription may start.
        open_ms: silence that ends an utterance of which only the text is known, and that says nothing.
        untranscribed_ms: the same while there is no transcript: without it nothing can be answered anyway.
        wordless_ms: the same when the transcript holds no words.
        question_ms: the same when the text is a whole question.
        unfinished_ms: the same when the text sounds unfinished.
        settled_ms: the most when the dialog takes the words for a whole turn.
        understood_ms: the most when the dialog has an answer to the words of which it is sure.
        opener_ms: the same when it is a courtesy that is often followed by more: "Hello.", "Thank you."
        yes_no_ms: the same after a yes-or-no question, when the text is not one of the answers.
        choice_ms: the same after a choice.
        answered_ms: the same when the text is a whole answer: all digits, one of the choices, a date with its year.
        digits_ms: the same when digits or letters are expected and nobody knows how many.
        missing_ms: the same when fewer were heard than expected, or nobody has listened yet.
        surplus_ms: the same when more were heard than expected.
        date_ms: the same when a day and month were heard, and perhaps a year will follow.
        model_ms: from this probability of smart-turn on, so much silence ends a text that says nothing, and so much a
            whole question; highest first, the last one from 0.
        false_end_ms: added to all of them after an end that was none.
        false_end_cap_ms: the most that is added.
        false_end_decay: what is left of it after each utterance.
        longest_ms: no silence has to be longer.
        cap_seconds: longer utterances are cut at their quietest place.
        lead_ms: audio kept before the first speech, so that no onset is lost.
        trail_ms: audio kept after the last speech.
    """

    start_windows: int = 2
    pause_ms: int = 96
    open_ms: int = 512
    untranscribed_ms: int = 640
    wordless_ms: int = 900
    question_ms: int = 384
    unfinished_ms: int = 1200
    opener_ms: int = 560
    settled_ms: int = 384
    understood_ms: int = 256
    yes_no_ms: int = 448
    choice_ms: int = 448
    answered_ms: int = 224
    digits_ms: int = 1200
    missing_ms: int = 1500
    surplus_ms: int = 900
    date_ms: int = 640
    model_ms: tuple[tuple[float, int, int], ...] = ((0.97, 320, 224), (0.9, 576, 256), (0.5, 768, 544), (0.0, 768, 768))
    false_end_ms: float = 150
    false_end_cap_ms: float = 450
    false_end_decay: float = 0.9
    longest_ms: int = 2000
    cap_seconds: float = 20.0
    lead_ms: int = 192
    trail_ms: int = 192


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the dialog expects to hear next.

    Args:
        kind: one of `EXPECTATIONS`.
        length: how many digits, or letters and digits, when known.
        choices: the words that would answer.
    """

    kind: str = "open"
    length: int | None = None
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in EXPECTATIONS:
            raise ValueError(f"unknown expectation {self.kind!r}: one of {', '.join(EXPECTATIONS)}")


@dataclass(frozen=True, slots=True)
class PauseSoFar:
    """What is known in a pause, besides that it lasts.

    Args:
        text: what the utterance reads so far; None while nobody has transcribed it, "" when no words were found.
        turn_probability: 0..1, smart-turn's, or None.
        settled: whether the dialog takes the words for a whole turn, such as a goodbye.
        understood: whether the dialog has an answer to the words of which it is sure.
    """

    text: str | None = None
    turn_probability: float | None = None
    settled: bool = False
    understood: bool = False


@dataclass(frozen=True, slots=True)
class Patience:
    """How much silence ends the utterance, in ms, and what decided it: a reason of `UtteranceComplete`."""

    ms: float
    reason: str


def patience(
    settings: EndpointSettings, expectation: Expectation, pause: PauseSoFar, extra_ms: float = 0.0
) -> Patience:
    """How much silence ends the utterance.

    Args:
        settings: the times.
        expectation: what the dialog expects.
        pause: what is known of this pause.
        extra_ms: what ends that were none have taught in this call.
    Returns:
        at most `longest_ms`.
    """
    found = _by_slot(settings, expectation, pause.text) or _by_text(settings, expectation, pause)
    if pause.settled and found.ms > settings.settled_ms:
        found = Patience(settings.settled_ms, "dialog")
    return Patience(min(settings.longest_ms, found.ms + extra_ms), found.reason)


def _by_slot(settings: EndpointSettings, expectation: Expectation, text: str | None) -> Patience | None:
    """By the answer expected, as far as it has been given; None when the caller says something else."""
    match expectation.kind:
        case "digits":
            return _by_count(settings, expectation.length, text, count_digits)
        case "letters":
            return _by_count(settings, expectation.length, text, count_characters)
        case "date":
            return _by_date(settings, text)
        case "yes_no" if answers_yes_no(text or "") or answers_choice(text or "", expectation.choices):
            return Patience(settings.answered_ms, "slot")
        case "choice" if answers_choice(text or "", expectation.choices):
            return Patience(settings.answered_ms, "slot")
    return None


def _by_count(
    settings: EndpointSettings, length: int | None, text: str | None, count: Callable[[str], int]
) -> Patience | None:
    if text is None:
        return Patience(settings.digits_ms if length is None else settings.missing_ms, "silence")
    heard = count(_THOUSANDS.sub(" 0", text))
    if _says_something_else(text, heard):
        return None
    if length is None:
        return Patience(settings.digits_ms, "slot")
    if heard == length:
        return Patience(settings.answered_ms, "slot")
    return Patience(settings.missing_ms if heard < length else settings.surplus_ms, "slot")


def _says_something_else(text: str, heard: int) -> bool:
    """Whether this is a sentence; up to three words without a digit are more likely digits misheard: "Go!", "Takk!"."""
    words = {word for word in words_of(text) if len(word) > 1 and not count_digits(word)}
    return len(words) > max(heard, _MISHEARD_WORDS)


def _by_date(settings: EndpointSettings, text: str | None) -> Patience | None:
    match date_so_far(text or ""):
        case DateSoFar.WHOLE:
            return Patience(settings.answered_ms, "slot")
        case DateSoFar.DAY_AND_MONTH:
            return Patience(settings.date_ms, "slot")
        case DateSoFar.PART:
            return Patience(settings.unfinished_ms, "slot")
        case DateSoFar.NONE:
            return None


def _by_text(settings: EndpointSettings, expectation: Expectation, pause: PauseSoFar) -> Patience:
    """By how the words sound, then by how the voice does, then by silence."""
    base = {"yes_no": settings.yes_no_ms, "choice": settings.choice_ms}.get(expectation.kind, settings.open_ms)
    if pause.text is None:
        return Patience(max(base, settings.untranscribed_ms), "silence")
    if not pause.text.strip():
        return Patience(max(base, settings.wordless_ms), "silence")
    reading = read(pause.text)
    if reading is Reading.UNFINISHED:
        return Patience(max(base, settings.unfinished_ms), "text")
    if reading is Reading.OPENER:
        return Patience(max(base, settings.opener_ms), "text")
    found = _by_sound(settings, expectation, pause, base, whole=reading is Reading.WHOLE)
    if pause.understood and found.ms > settings.understood_ms:
        return Patience(settings.understood_ms, "dialog")
    return found


def _by_sound(
    settings: EndpointSettings, expectation: Expectation, pause: PauseSoFar, base: int, *, whole: bool
) -> Patience:
    if pause.turn_probability is not None:
        by_voice = _by_voice(settings, pause.turn_probability, whole)
        # The voice knows little of the short answers that these wait for: it may hasten the end, not put it off.
        return Patience(min(base, by_voice) if expectation.kind in ("yes_no", "choice") else by_voice, "model")
    return Patience(min(base, settings.question_ms), "text") if whole else Patience(base, "silence")


def _by_voice(settings: EndpointSettings, turn_probability: float, whole: bool) -> int:
    return next(
        question_ms if whole else open_ms
        for least, open_ms, question_ms in settings.model_ms
        if turn_probability >= least
    )
