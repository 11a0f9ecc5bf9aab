"""Who is speaking now, and has the caller finished: frames in, events out, clocked by samples."""

from dataclasses import dataclass
from typing import TypeAlias

from speech.transcript import Utterance


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
        reason: what decided: "silence", "cap"; later also "slot", "text", "model".
    """

    utterance: Utterance
    reason: str


EarEvent: TypeAlias = SpeechStarted | SpeechPaused | SpeechResumed | UtteranceComplete
