"""One Whisper model on the CPU: audio to text by the hybrid rule.

Whisper was trained on 30 padded seconds. Encoding only the audio there is would be many times cheaper, but the decoder
then loops on one prompt in five. The hybrid rule encodes the audio and half a second of padding (more for a word),
and appends encoder states that this model makes of silence after speech: five times faster with nearly the same words.
The states are made and checked by `speech.silence_cache`; a model without them runs padded.
"""

import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import ctranslate2
import numpy as np
import numpy.typing as npt
import tokenizers
from faster_whisper.feature_extractor import FeatureExtractor

from speech.audio import MODEL_RATE_HZ, Samples
from speech.errors import ModelUnavailable, RecognitionFailed

States = npt.NDArray[np.float32]
"""Encoder output: float32, shape (positions, width), one position for 20 ms."""

PADDED_FRAMES = 3000
"""30 s of mel frames, 10 ms each: the longest input."""

MAX_SECONDS = 29.0
_MIN_SAMPLES = 400  # one Fourier window; the reflected edges need that much
_EXTRA_FRAMES = 50
# Less than a second of speech needs more behind it, for 11 ms: docs/005-how-whisper-is-run.md.
_SHORT_FRAMES = 145
_EXTRA_FRAMES_SHORT = 250
_SILENCE_STATES = 600
_LEAST_PROBABILITY = 1e-9
_TOKEN_LIMIT = 448  # of Whisper's decoder, prompt included


class Abandoned(Exception):
    """Nobody wants the result any more; raised between two steps of a decoding."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """What the encoder made of one utterance.

    Args:
        mel: float32, shape (mels, frames): kept for a padded second try.
        states: float32, shape (positions, width), of the audio alone.
        frames: how many mel frames are audio.
        rule: "hybrid" or "padded".
    """

    mel: npt.NDArray[np.float32]
    states: States
    frames: int
    rule: str

    @property
    def seconds(self) -> float:
        """Length of the audio."""
        return self.frames / 100


@dataclass(frozen=True, slots=True)
class Decoding:
    """What the decoder made of an encoding.

    Args:
        text: as written by Whisper, stripped.
        average_logprob: natural logarithm, per token, end included.
        no_speech_probability: 0..1.
        tokens: how many.
        cut_off: whether it ran into the token limit, as loops do.
        seconds: length of the audio.
        rule: "hybrid" or "padded".
    """

    text: str
    average_logprob: float
    no_speech_probability: float
    tokens: int
    cut_off: bool
    seconds: float
    rule: str

    @property
    def compression_ratio(self) -> float:
        """UTF-8 bytes over their zlib size; above 2 the text repeats itself."""
        data = self.text.encode()
        return len(data) / len(zlib.compress(data)) if data else 0.0


def never() -> bool:
    """Nobody abandons this decoding."""
    return False


class Whisper:
    """A loaded model, int8, shared by all workers; each call of a method computes on one thread.

    Args:
        folder: holds model.bin, config.json, tokenizer.json, and vocabulary.json or .txt.
        workers: how many threads may decode at once.
        silence: states of silence after speech, shape (1500, width); None runs padded.
    Raises:
        ModelUnavailable: a file is missing, broken or not a Whisper of CTranslate2.
    """

    def __init__(self, folder: Path, workers: int = 1, silence: States | None = None) -> None:
        try:
            self._model: Any = ctranslate2.models.Whisper(
                str(folder), device="cpu", compute_type="int8", inter_threads=workers, intra_threads=1
            )
            self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # ctranslate2 and tokenizers raise RuntimeError, ValueError and bare Exception
            raise ModelUnavailable(f"Whisper in {folder} cannot be loaded: fetch it again") from error
        self.multilingual: bool = self._model.is_multilingual
        self.silence = silence
        self._mel = FeatureExtractor(feature_size=self._model.n_mels)
        self._languages = self._language_tokens()
        self._digit_rule: list[int] | None = None

    @property
    def rule(self) -> str:
        """ "hybrid" with states of silence, else "padded"."""
        return "padded" if self.silence is None else "hybrid"

    def knows(self, code: str) -> bool:
        """Whether the model has a token for the Whisper language code."""
        return code in self._languages

    def encode(self, samples: Samples, *, padded: bool | None = None) -> Encoding:
        """Run the encoder.

        Args:
            samples: float32, shape (n,), 16 kHz mono, at most 29 s.
            padded: force the padded rule; None leaves it to `rule`.
        Raises:
            RecognitionFailed: too long, or the model raised.
        """
        if len(samples) > MAX_SECONDS * MODEL_RATE_HZ:
            raise RecognitionFailed(f"an utterance has at most {MAX_SECONDS:.0f} s")
        if len(samples) < _MIN_SAMPLES:
            samples = np.pad(samples, (0, _MIN_SAMPLES - len(samples)))
        mel = self._mel(samples, padding=0).astype(np.float32)
        rule = self.rule if padded is None else ("padded" if padded else "hybrid")
        return Encoding(mel, self._states(mel, rule), mel.shape[1], rule)

    def again_padded(self, encoding: Encoding) -> Encoding:
        """The same audio by the padded rule."""
        return Encoding(encoding.mel, self._states(encoding.mel, "padded"), encoding.frames, "padded")

    def _states(self, mel: npt.NDArray[np.float32], rule: str) -> States:
        frames = mel.shape[1]
        extra = _EXTRA_FRAMES_SHORT if frames < _SHORT_FRAMES else _EXTRA_FRAMES
        wanted = PADDED_FRAMES if rule == "padded" else min(PADDED_FRAMES, frames + extra)
        wanted += wanted % 2
        # The clip's own floor, not zero: zero is a loud sound on the scale of these features.
        full = np.pad(mel, ((0, 0), (0, wanted - frames)), constant_values=float(mel.min()))
        view = ctranslate2.StorageView.from_array(np.ascontiguousarray(full[None]))
        try:
            return cast(States, np.array(self._model.encode(view, to_cpu=True))[0])
        except RuntimeError as error:
            raise RecognitionFailed("Whisper's encoder raised") from error

    def language_probabilities(self, encoding: Encoding) -> dict[str, float]:
        """How likely each of Whisper's languages is, by code, summing to 1; English alone for an English model."""
        if not self.multilingual:
            return {"en": 1.0}
        try:
            found = self._model.detect_language(_view(encoding.states))[0]
        except RuntimeError as error:
            raise RecognitionFailed("Whisper's language detection raised") from error
        return {token[2:-2]: probability for token, probability in found}

    def decode(
        self,
        encoding: Encoding,
        code: str,
        *,
        beam: int = 5,
        only_digits: bool = False,
        abandoned: Callable[[], bool] = never,
    ) -> Decoding:
        """Run the decoder.

        Args:
            encoding: from `encode` of this model.
            code: Whisper's language code ("no", "nn", "en", "uk"); ignored by an English model.
            beam: width of the search.
            only_digits: suppress every token that is not digits or punctuation.
            abandoned: asked before the decoder runs.
        Raises:
            Abandoned: nobody waits any more.
            RecognitionFailed: the model raised.
        """
        if abandoned():
            raise Abandoned
        prompt = self._prompt(code)
        # 9.2 tokens a second is the fastest speech measured (Italian).
        budget = min(8 + int(8 * encoding.seconds), _TOKEN_LIMIT // 2)
        try:
            result = self._model.generate(
                _view(self._with_silence(encoding)),
                [prompt],
                beam_size=beam,
                # CTranslate2 allows min(max_length / 2, max_length - prompt) new tokens: the budget must survive both.
                max_length=max(2 * budget, budget + len(prompt)),
                return_scores=True,
                return_no_speech_prob=True,
                suppress_tokens=self._not_digits() if only_digits else [-1],
            )[0]
        except RuntimeError as error:
            raise RecognitionFailed("Whisper's decoder raised") from error
        tokens = result.sequences_ids[0]
        return Decoding(
            text=self._tokenizer.decode(tokens).strip(),
            average_logprob=result.scores[0] * len(tokens) / (len(tokens) + 1),
            no_speech_probability=result.no_speech_prob,
            tokens=len(tokens),
            cut_off=len(tokens) >= budget,
            seconds=encoding.seconds,
            rule=encoding.rule,
        )

    def likelihoods(
        self, encoding: Encoding, code: str, texts: Sequence[str], abandoned: Callable[[], bool] = never
    ) -> list[float]:
        """How well each text fits the audio: average log probability of its tokens; takes as long as a decoding.

        Args:
            encoding: from `encode` of this model.
            code: as for `decode`.
            texts: not empty, a few words each.
            abandoned: asked before the decoder runs.
        Raises:
            Abandoned: nobody waits any more.
            RecognitionFailed: the model raised.
        """
        if abandoned():
            raise Abandoned
        tokens = [self._tokenizer.encode(f" {text}", add_special_tokens=False).ids for text in texts]
        states = np.repeat(self._with_silence(encoding)[None], len(texts), axis=0)
        view = ctranslate2.StorageView.from_array(np.ascontiguousarray(states))
        try:
            found = self._model.align(view, self._prompt(code), tokens, [encoding.frames] * len(texts))
        except (RuntimeError, ValueError) as error:
            raise RecognitionFailed("Whisper's decoder raised") from error
        return [float(np.mean(np.log(np.maximum(_LEAST_PROBABILITY, one.text_token_probs)))) for one in found]

    def _with_silence(self, encoding: Encoding) -> States:
        if encoding.rule == "padded" or self.silence is None:
            return encoding.states
        length = len(encoding.states)
        return np.concatenate([encoding.states, self.silence[length : length + _SILENCE_STATES]])

    def _prompt(self, code: str) -> list[int]:
        names = ["<|startoftranscript|>"]
        if self.multilingual:
            if not self.knows(code):
                raise RecognitionFailed(f"Whisper has no language {code!r}")
            names += [f"<|{code}|>", "<|transcribe|>"]
        names.append("<|notimestamps|>")
        return [cast(int, self._tokenizer.token_to_id(name)) for name in names]

    def _language_tokens(self) -> Collection[str]:
        vocabulary = self._tokenizer.get_vocab(with_added_tokens=True)
        named = {name[2:-2] for name in vocabulary if name.startswith("<|") and name.endswith("|>")}
        return {name for name in named if len(name) in (2, 3) and name.isalpha()}

    def _not_digits(self) -> list[int]:
        if self._digit_rule is None:
            allowed = set("0123456789 ,.")
            end = self._tokenizer.token_to_id("<|endoftext|>")
            ids = self._tokenizer.get_vocab(with_added_tokens=True).values()
            self._digit_rule = sorted(
                token for token in ids if token != end and not _is_digits(self._tokenizer.decode([token]), allowed)
            )
        return self._digit_rule


def _is_digits(piece: str, allowed: set[str]) -> bool:
    return bool(piece) and set(piece) <= allowed


def _view(states: States) -> Any:
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(states[None]))
