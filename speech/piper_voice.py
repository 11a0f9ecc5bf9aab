"""A Piper voice: phonemes by its own espeak bridge, samples by one onnxruntime thread."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from piper import PiperVoice as PiperModel
from piper.config import PiperConfig

from speech.audio import Samples
from speech.errors import ModelUnavailable, SynthesisFailed
from speech.piper_network import PARTS, PIECES, Delivery
from speech.piper_split import SENTENCES, open_network

SLOWER = 1.3
"""How much longer a sentence takes when the caller asked for slower speech (Piper's length scale)."""

LONGEST_PHONEMES = 400
"""The network's attention costs the square of a sentence: 200 letters take 0.07 s before the first sound, 2,000 take
3 s, with no way to stop it. A longer sentence is said in stretches."""


class PiperVoice:
    """One loaded Piper model.

    Not guarded against two threads at once by itself: onnxruntime sessions may be shared, and Piper holds its own
    lock around the phonemiser, so calls from several workers of one `Mouth` are safe.

    Args:
        folder: holds one `*.onnx` and its `*.onnx.json`; what is found out about the voice is kept there too.
        model_id: the id in the model catalogue, for messages and cache keys.

    Raises:
        ModelUnavailable: the files are missing, or are no Piper voice.
    """

    def __init__(self, folder: Path, model_id: str) -> None:
        onnx = next(iter(sorted(folder.rglob("*.onnx"))), None)
        if onnx is None:
            raise ModelUnavailable(_not_a_voice(model_id, folder, "no .onnx file"))
        self.name = model_id
        try:
            config_bytes = onnx.with_name(onnx.name + ".json").read_bytes()
            self._config = PiperConfig.from_dict(json.loads(config_bytes))
            # Only its way from text to phoneme ids is used, which needs no session.
            self._phonemiser: Any = PiperModel(session=None, config=self._config)
            self.rate_hz = int(self._config.sample_rate)
            self.fingerprint = f"{model_id}-{_digest(onnx, config_bytes)}-x{SLOWER}"
            tried = [ids for text in _sentences_of(self._config) for ids in self.phoneme_ids(text)]
            self._network, verdict = open_network(onnx, self.fingerprint, self.rate_hz, tried, self.delivery(False))
        except Exception as error:  # onnxruntime has no common base class for what a bad file raises
            raise ModelUnavailable(_not_a_voice(model_id, folder, type(error).__name__)) from error
        self.gain = None if verdict.context_frames is None else verdict.gain

    def synthesize(self, spoken: str, slower: bool) -> Samples:
        """Say one sentence; takes about 0.05 s of CPU per second of speech on a machine of 2026.

        Args:
            spoken: words only, as `spell_out` leaves them.
            slower: stretch the sentence by `SLOWER`.
        Returns:
            float32 in -1..1, shape (n,), at `rate_hz`, mono; n is 0 when there is nothing to pronounce.
        Raises:
            SynthesisFailed: the model raised; the message names the kind of error and never the words.
        """
        parts = [*self.pieces(spoken, slower, early=False)]
        return np.concatenate(parts, dtype=np.float32) if parts else np.zeros(0, np.float32)

    def pieces(self, spoken: str, slower: bool, early: bool = True) -> Iterator[Samples]:
        """Say one sentence piece by piece: the work is done as each piece is asked for.

        Args:
            spoken: as for `synthesize`.
            slower: likewise.
            early: start with a short piece, so that the first sound comes soon; else with long ones, for less work.
        Yields:
            float32 in -1..1, shape (n,), at `rate_hz`, mono, at the voice's own level (times `gain` it is about
            `TARGET_DBFS`). Without a `gain` the voice does not stream, and a piece is a sentence.
        Raises:
            SynthesisFailed: as `synthesize`.
        """
        try:
            for ids in self.phoneme_ids(spoken):
                yield from self._network.pieces(ids, self.delivery(slower), PIECES if early else PARTS)
        except Exception as error:
            raise SynthesisFailed(f"{self.name} raised {type(error).__name__}") from error

    def phoneme_ids(self, spoken: str) -> Iterator[Sequence[int]]:
        """What the network reads: one sequence per sentence that Piper sees, or per stretch of a long one."""
        # Text in [[double brackets]] would be taken for raw phonemes.
        plain = spoken.replace("[[", " ").replace("]]", " ").replace("\0", " ")
        for phonemes in self._phonemiser.phonemize(plain):
            while phonemes:
                end = _stretch(phonemes)
                yield self._phonemiser.phonemes_to_ids(phonemes[:end])
                phonemes = phonemes[end:]

    def delivery(self, slower: bool) -> Delivery:
        """How this voice speaks."""
        config = self._config
        stretch = SLOWER if slower else 1.0
        scales = (config.noise_scale, config.length_scale * stretch, config.noise_w_scale)
        return Delivery(*scales, config.default_speaker_id)


def _stretch(phonemes: Sequence[str]) -> int:
    """How many of these to say in one breath: all, or up to a pause, or up to the end of a word."""
    if len(phonemes) <= LONGEST_PHONEMES:
        return len(phonemes)
    for borders in (",;:", " "):
        for end in range(LONGEST_PHONEMES, LONGEST_PHONEMES // 2, -1):
            if phonemes[end - 1] in borders:
                return end
    return LONGEST_PHONEMES


def _sentences_of(config: Any) -> Sequence[str]:
    language = str(config.espeak_voice)[:2]
    return SENTENCES.get({"no": "nb", "nn": "nb"}.get(language, language), SENTENCES["en"])


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
