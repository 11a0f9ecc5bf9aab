"""What the ears made of one utterance."""

from dataclasses import dataclass

from speech.audio import Samples


@dataclass(frozen=True, slots=True)
class VoiceEvidence:
    """What the voice activity detector saw in an utterance: grounds for the gate to doubt the text.

    Args:
        speech_seconds: how much of it was speech, pauses left out.
        mean_probability: 0..1, how sure the detector was of the windows it took for speech.
        level_dbfs: mean power of its speech windows.
        noise_dbfs: how loud the line was when nobody spoke, tracked over the call.
    """

    speech_seconds: float
    mean_probability: float
    level_dbfs: float
    noise_dbfs: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """One stretch of caller speech, with a little silence on both sides.

    Args:
        samples: float32, shape (n,), 16 kHz mono.
        start_seconds: when `samples` begins, counted in received audio since the call began.
        speech_end_seconds: when the last speech in it ended, on the same clock.
        evidence: what the detector saw; None when no detector listened (a recording).
    """

    samples: Samples
    start_seconds: float
    speech_end_seconds: float
    evidence: VoiceEvidence | None = None

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
        rejected: why the gate threw the text out, a name from `speech.transcript_gate.Rejection`, or None. The text of
            a rejected transcript is empty.
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
