"""A Piper voice: phonemes by its own espeak bridge, samples by one onnxruntime thread."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime
from piper import PiperVoice as PiperModel
from piper import SynthesisConfig
from piper.config import PiperConfig

from speech.audio import Samples
from speech.errors import ModelUnavailable, SynthesisFailed

SLOWER = 1.3
"""How much longer a sentence takes when the caller asked for slower speech (Piper's length scale)."""


class PiperVoice:
    """One loaded Piper model.

    Not guarded against two threads at once by itself: onnxruntime sessions may be shared, and Piper holds its own
    lock around the phonemiser, so calls from several workers of one `Mouth` are safe.

    Args:
        folder: holds one `*.onnx` and its `*.onnx.json`.
        model_id: the id in the model catalogue, for messages and cache keys.

    Raises:
        ModelUnavailable: the files are missing, or are no Piper voice.
    """

    def __init__(self, folder: Path, model_id: str) -> None:
        onnx = next(iter(sorted(folder.rglob("*.onnx"))), None)
        if onnx is None:
            raise ModelUnavailable(_not_a_voice(model_id, folder, "no .onnx file"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # two threads cost more CPU and won nothing measurable (speech.md, 8)
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            config_bytes = onnx.with_name(onnx.name + ".json").read_bytes()
            config = PiperConfig.from_dict(json.loads(config_bytes))
            session = onnxruntime.InferenceSession(str(onnx), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has no common base class for what a bad file raises
            raise ModelUnavailable(_not_a_voice(model_id, folder, type(error).__name__)) from error
        self._model = PiperModel(session=session, config=config)
        self.name = model_id
        self.rate_hz = int(config.sample_rate)
        self.fingerprint = f"{model_id}-{_digest(onnx, config_bytes)}-x{SLOWER}"

    def synthesize(self, spoken: str, slower: bool) -> Samples:
        """Say one sentence; takes about 0.1 s of CPU per second of speech.

        Args:
            spoken: words only, as `spell_out` leaves them.
            slower: stretch the sentence by `SLOWER`.
        Returns:
            float32 in -1..1, shape (n,), at `rate_hz`, mono; n is 0 when there is nothing to pronounce.
        Raises:
            SynthesisFailed: the model raised; the message names the kind of error and never the words.
        """
        config = SynthesisConfig(length_scale=self._model.config.length_scale * SLOWER) if slower else None
        # Text in [[double brackets]] would be taken for raw phonemes.
        plain = spoken.replace("[[", " ").replace("]]", " ").replace("\0", " ")
        try:
            parts = [chunk.audio_float_array for chunk in self._model.synthesize(plain, config)]
        except Exception as error:
            raise SynthesisFailed(f"{self.name} raised {type(error).__name__}") from error
        return np.concatenate(parts, dtype=np.float32) if parts else np.zeros(0, np.float32)


def _digest(onnx: Path, config_bytes: bytes) -> str:
    """Identify a voice by its config and the size and tail of its weights: hashing 60 MB at each start is slow."""
    digest = hashlib.sha256(config_bytes)
    with onnx.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 65_536))
        digest.update(size.to_bytes(8, "big") + file.read())
    return digest.hexdigest()[:16]


def _not_a_voice(model_id: str, folder: Path, why: str) -> str:
    return f"{model_id} in {folder} is not a usable Piper voice ({why}); run `voicebot models fetch {model_id}`"
