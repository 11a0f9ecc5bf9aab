"""What the ears made of one utterance."""

from dataclasses import dataclass

from speech.audio import Samples


@dataclass(frozen=True, slots=True)
class Utterance:
    """One stretch of caller speech, with a little silence on both sides.

    Args:
        samples: float32, shape (n,), 16 kHz mono.
        start_seconds: when it began, counted in received audio since the call began.
        speech_end_seconds: when the last speech in it ended, on the same clock.
    """

    samples: Samples
    start_seconds: float
    speech_end_seconds: float

    @property
    def duration_seconds(self) -> float:
        """Length of the audio, silence included."""
        return len(self.samples) / 16_000


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of an utterance, or why there are none.

    Args:
        text: what was said; empty when rejected. Personal data: never log it.
        language: nb, nn, en, uk (nn when Whisper heard Norwegian and the bot speaks nynorsk to this caller).
        language_probability: 0..1, 1.0 when the language was fixed.
        confidence: 0..1, the exponential of the average log probability per token.
        no_speech_probability: 0..1, Whisper's own.
        rejected: why the gate threw the text out ("no_speech", "loop", "invented", "too_short"), or None.
        model: id of the model in the catalogue.
        rule: "hybrid" or "padded".
        audio_seconds: how much audio was transcribed.
        queue_ms: waited for a worker.
        compute_ms: spent in the worker.
    """

    text: str
    language: str
    language_probability: float
    confidence: float
    no_speech_probability: float
    rejected: str | None
    model: str
    rule: str
    audio_seconds: float
    queue_ms: float
    compute_ms: float
