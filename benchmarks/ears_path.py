"""What the measurements of the ears share: recordings, a telephone line, and the way through `Ear`."""

import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from speech.audio import Pcm16, Samples
from speech.ear import Ear
from speech.endpointing import UtteranceComplete
from speech.models import ModelStore
from speech.resampling import resample, to_pcm16, to_samples
from speech.transcript import Utterance
from speech.vad import Vad
from telephony.g711 import decode_ulaw, encode_ulaw

LINE_HZ = 8_000
FRAME_SAMPLES = 160


def open_store(folder: Path | None) -> ModelStore:
    """The store with the default models; fetches what is missing."""
    store = ModelStore(folder or Path.home() / ".cache" / "voicebot" / "models")
    for model_id in ("whisper-base", "silero-vad", "piper-en-joe"):
        store.fetch(model_id)
    return store


def read_wav(path: Path) -> tuple[int, Samples]:
    """Rate and float32 mono samples of a 16-bit WAV file; several channels are averaged."""
    with wave.open(str(path)) as file:
        if file.getsampwidth() != 2:
            raise ValueError(f"{path.name}: 16-bit PCM expected")
        pcm = np.frombuffer(file.readframes(-1), np.int16)
        return file.getframerate(), to_samples(pcm).reshape(-1, file.getnchannels()).mean(axis=1)


def over_the_phone(samples: Samples, rate_hz: int) -> Pcm16:
    """As it arrives: int16 at 8 kHz after a μ-law round trip."""
    return decode_ulaw(encode_ulaw(to_pcm16(resample(samples, rate_hz, LINE_HZ))))


def hear_all(pcm: Pcm16, vads: Callable[[], Vad], expects: str = "open") -> Iterator[Utterance]:
    """The utterances in one call's audio (int16, 8 kHz); two seconds of quiet are added so that the last one ends."""
    ear = Ear(vads(), LINE_HZ)
    ear.expect(expects)
    quiet = over_the_phone(np.random.default_rng(1).normal(0, 3e-4, 2 * LINE_HZ).astype(np.float32), LINE_HZ)
    audio = np.concatenate([pcm, quiet])
    for start in range(0, len(audio), FRAME_SAMPLES):
        for event in ear.hear(audio[start : start + FRAME_SAMPLES]):
            if isinstance(event, UtteranceComplete):
                yield event.utterance


def percentiles(values: list[float]) -> str:
    """ "p50 / p95" for a table."""
    return f"{np.percentile(values, 50):.0f} / {np.percentile(values, 95):.0f}" if values else "- / -"
