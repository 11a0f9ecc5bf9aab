"""The encoder states of silence that Whisper's hybrid rule appends: made from spoken prompts, checked, kept on disk.

States of an all-silent input do not work; they must come from the silence after real speech (speech.md, section 1).
"""

import hashlib
import logging
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from rapidfuzz.distance import Levenshtein

from speech.audio import MODEL_RATE_HZ, Samples
from speech.errors import ModelUnavailable
from speech.resampling import resample
from speech.whisper import States, Whisper

log = logging.getLogger(__name__)

CACHE_FILE = "silence.npz"

# Six prompts of different lengths make the cache, the other three test it on words it was not made from.
_PROMPTS = {
    "en": (
        "Hello.",
        "Please say that again.",
        "Your order has been sent and should arrive tomorrow.",
        "To speak with a person, press zero at any time.",
        "Yes, thank you.",
        "Our office is open from nine to four on weekdays, and it is closed on public holidays.",
    ),
    "no": (
        "Hei.",
        "Kan du si det en gang til?",
        "Bestillingen er sendt og kommer trolig i morgen.",
        "Trykk null for å snakke med et menneske.",
        "Ja, takk.",
        "Kontoret er åpent fra ni til fire på hverdager, og stengt på helligdager.",
    ),
}
_TESTS = {
    "en": (
        "I would like to change my address.",
        "Where is my parcel?",
        "The invoice says that I must pay before the end of the month, but I paid last week.",
    ),
    "no": (
        "Jeg vil gjerne endre adressen min.",
        "Hvor er pakken min?",
        "Det står på fakturaen at jeg må betale innen utgangen av måneden, men jeg betalte forrige uke.",
    ),
}
_WORST_WORD_ERROR_RATE = 0.25
"""Hybrid against padded, over all prompts together: jitter of single words is 5 to 15 %, a bad cache loops."""


@dataclass(frozen=True, slots=True)
class ModelKey:
    """Which model.bin a cache or a verdict belongs to."""

    size_bytes: int
    sha256: str


def build_silence_cache(whisper_folder: Path, voice_folder: Path) -> None:
    """Make the cache of a model, check it, and put it beside the model; takes seconds.

    Safe in two processes at once: the file is replaced in one step.

    Args:
        whisper_folder: of a Whisper in CTranslate2 form.
        voice_folder: of a Piper voice (one .onnx with its .onnx.json).
    Raises:
        ModelUnavailable: a model cannot be loaded, or the cache fails the check; nothing is written then.
    """
    language, recordings = _speak(voice_folder)
    whisper = Whisper(whisper_folder)
    if not whisper.multilingual and language != "en":
        raise ModelUnavailable(f"Whisper in {whisper_folder} knows English only: give an English voice")
    prompts = len(_PROMPTS[language])
    states = _average_states(whisper, recordings[:prompts])
    whisper.silence = states
    _check(whisper, recordings, language, whisper_folder)
    keep_silence_cache(whisper_folder, states)


def keep_silence_cache(whisper_folder: Path, states: States) -> None:
    """Put states beside the model they belong to, in one step, under the name and key that `load_silence_cache` wants.

    Args:
        whisper_folder: holds model.bin.
        states: float32, shape (1500, width).
    """
    key = model_key(whisper_folder)
    with tempfile.NamedTemporaryFile(dir=whisper_folder, prefix=".silence-", suffix=".npz", delete=False) as file:
        try:
            np.savez(file, states=states, size_bytes=key.size_bytes, sha256=key.sha256)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, whisper_folder / CACHE_FILE)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def load_silence_cache(whisper_folder: Path) -> States | None:
    """The states kept beside a model, or None when there are none for exactly this model.bin."""
    path = whisper_folder / CACHE_FILE
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            states, size, sha256 = kept["states"], int(kept["size_bytes"]), str(kept["sha256"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, TypeError, BadZipFile) as error:
        log.warning("%s is broken and not used: %s", path, error)
        return None
    if ModelKey(size, sha256) != model_key(whisper_folder):
        log.warning("%s belongs to another model.bin and is not used", path)
        return None
    return np.asarray(states, np.float32)


def _speak(voice_folder: Path) -> tuple[str, list[Samples]]:
    """Language of the voice ("en" or "no") and all prompts at 16 kHz."""
    voice, language = open_voice(voice_folder)
    return language, [spoken(voice, sentence) for sentence in _PROMPTS[language] + _TESTS[language]]


def open_voice(voice_folder: Path) -> tuple[object, str]:
    """A Piper voice for `spoken`, and Whisper's code of its language ("en" or "no").

    Raises:
        ModelUnavailable: the folder holds no voice.
    """
    from piper import PiperVoice  # synthesis stays unloaded where the cache is already there

    models = sorted(voice_folder.glob("*.onnx"))
    if not models:
        raise ModelUnavailable(f"no Piper voice in {voice_folder}: fetch one")
    voice = PiperVoice.load(models[0])
    return voice, "no" if voice.config.espeak_voice.startswith(("nb", "no", "nn")) else "en"


def spoken(voice: object, sentence: str) -> Samples:
    """A sentence: float32, 16 kHz mono, as quiet as a caller."""
    pieces = []
    for chunk in voice.synthesize(sentence):  # type: ignore[attr-defined]  # Piper ships no types
        audio = np.asarray(chunk.audio_float_array, np.float32)
        pieces.append(resample(audio, chunk.sample_rate, MODEL_RATE_HZ))
    # Callers are quieter than a synthesiser's full scale.
    return np.concatenate(pieces) * np.float32(0.3)


def _average_states(whisper: Whisper, recordings: list[Samples]) -> States:
    encodings = [whisper.encode(samples, padded=True) for samples in recordings]
    total = np.zeros(encodings[0].states.shape, np.float64)
    count = np.zeros(len(total), np.int64)
    for encoding in encodings:
        after = -(-encoding.frames // 2)
        total[after:] += encoding.states[after:]
        count[after:] += 1
    first = int(np.argmax(count > 0))
    states = total / np.maximum(count, 1)[:, None]
    states[:first] = states[first]
    return states.astype(np.float32)


def _check(whisper: Whisper, recordings: list[Samples], language: str, folder: Path) -> None:
    """Hold the hybrid rule against the padded one on every recording."""
    errors = words = 0
    for samples in recordings:
        expected = whisper.decode(whisper.encode(samples, padded=True), language, beam=1)
        got = whisper.decode(whisper.encode(samples), language, beam=1)
        if got.cut_off or got.compression_ratio > 2.0:
            raise ModelUnavailable(f"the silence states of {folder} make the model loop; it will run padded")
        errors += Levenshtein.distance(expected.text.lower().split(), got.text.lower().split())
        words += len(expected.text.split())
    if errors > _WORST_WORD_ERROR_RATE * words:
        raise ModelUnavailable(f"the silence states of {folder} change {errors} of {words} words; it will run padded")


def model_key(whisper_folder: Path) -> ModelKey:
    """What tells this model.bin from any other; reads all of it."""
    path = whisper_folder / "model.bin"
    with path.open("rb") as file:
        return ModelKey(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())
