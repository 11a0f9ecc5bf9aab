"""Piper's network at work: phoneme ids in, samples out, in one piece or in several."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import onnxruntime

from speech.audio import Samples
from speech.piper_graph import split_graph

Frames: TypeAlias = npt.NDArray[np.float32]
"""What the vocoder makes samples from: float32, shape (1, channels, frames), usually 86 frames a second."""

CONTEXT_FRAMES = 12
"""How far the vocoder of a "medium" voice looks to each side. Ten frames are exact to 1e-6, eight are off by 8e-4
(docs/004-first-sound.md); the check of a voice tries more when these are not enough."""

PIECES = (30, 72, 172)
"""Frames per piece of a stream, the last one repeated: 0.35 s, 0.84 s, 2 s. Each is made in a seventh of the time that
the one before takes to play, so the line does not run dry on a busy machine."""

PARTS = (172,)
"""Frames per piece when nobody waits for the first: a live sentence waits for at most one of these."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How to say it.

    Args:
        noise_scale: variation of the sound; 0 makes it the same each time.
        length_scale: 1.3 takes 1.3 times as long.
        noise_w: variation of the rhythm.
        speaker: of a voice that has several.
    """

    noise_scale: float
    length_scale: float
    noise_w: float
    speaker: int = 0


class WholeNetwork:
    """The network as Piper ships it: a sentence in one piece.

    Args:
        model: path or content of the voice's `.onnx`; onnxruntime's own errors come through.
    """

    def __init__(self, model: Path | bytes) -> None:
        self.session = _open(model)

    def speak(self, ids: Sequence[int], delivery: Delivery) -> Samples:
        """One sentence: float32 in -1..1, shape (n,), mono, at the voice's rate and own level."""
        (audio,) = self.session.run(None, _inputs(self.session, ids, delivery))
        return np.asarray(audio, np.float32).ravel()

    def pieces(self, ids: Sequence[int], delivery: Delivery, frames: Sequence[int]) -> Iterator[Samples]:
        """As `speak`, one piece whatever was asked for."""
        yield self.speak(ids, delivery)


class SplitNetwork:
    """The same network with its vocoder apart, so that the first samples come before the last are made.

    Args:
        model: content of the voice's `.onnx`.
        context_frames: what each piece needs of its neighbours to be what it would be in one run.
    Raises:
        NotSplittable: the graph is of another shape.
    """

    def __init__(self, model: bytes, context_frames: int = CONTEXT_FRAMES) -> None:
        parts = split_graph(model)
        self.context_frames = context_frames
        self.front = _open(parts.front)
        self._cut = parts.cut
        self._decoder = _open(parts.decoder)

    def frames(self, ids: Sequence[int], delivery: Delivery) -> Frames:
        """The first part: about a quarter of the work."""
        (frames,) = self.front.run(None, _inputs(self.front, ids, delivery))
        return np.asarray(frames, np.float32)

    def decode(self, frames: Frames, delivery: Delivery) -> Samples:
        """The second part in one run: float32, shape (n,), 256 samples a frame."""
        inputs: dict[str, npt.NDArray[Any]] = {
            self._cut: np.ascontiguousarray(frames),
            "sid": np.array([delivery.speaker], np.int64),
        }
        wanted = (given.name for given in self._decoder.get_inputs())
        (audio,) = self._decoder.run(None, {name: inputs[name] for name in wanted})
        return np.asarray(audio, np.float32).ravel()

    def pieces(self, ids: Sequence[int], delivery: Delivery, frames: Sequence[int]) -> Iterator[Samples]:
        """One sentence piece by piece.

        Args:
            ids: phoneme ids.
            delivery: how to say it.
            frames: length of each piece; the last one repeats.
        Yields:
            float32 in -1..1, shape (n,), mono, at the voice's rate and own level; joined they are what one run of
            the decoder gives (to 1e-6 where `context_frames` are enough).
        """
        yield from self.decode_in_pieces(self.frames(ids, delivery), delivery, frames)

    def decode_in_pieces(self, whole: Frames, delivery: Delivery, frames: Sequence[int]) -> Iterator[Samples]:
        """The second part of `pieces`."""
        total, at, count = whole.shape[2], 0, 0
        while at < total:
            end = at + frames[min(count, len(frames) - 1)]
            if total - end < 2 * self.context_frames:  # a short last piece is mostly context
                end = total
            first = max(0, at - self.context_frames)
            cut = whole[:, :, first : end + self.context_frames]
            audio = self.decode(cut, delivery)
            hop = len(audio) // cut.shape[2]
            yield audio[(at - first) * hop : (end - first) * hop]
            at, count = end, count + 1


def _open(model: Path | bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # two threads cost more CPU and won nothing measurable (speech.md, 8)
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    source = model if isinstance(model, bytes) else str(model)
    session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    # The wrapper holds on to the content (63 MB) for a second try with other providers, of which there are none here.
    session._model_bytes = b""
    return session


def _inputs(session: Any, ids: Sequence[int], delivery: Delivery) -> dict[str, npt.NDArray[Any]]:
    inputs: dict[str, npt.NDArray[Any]] = {
        "input": np.array([ids], np.int64),
        "input_lengths": np.array([len(ids)], np.int64),
        "scales": np.array([delivery.noise_scale, delivery.length_scale, delivery.noise_w], np.float32),
        "sid": np.array([delivery.speaker], np.int64),
    }
    return {wanted.name: inputs[wanted.name] for wanted in session.get_inputs()}
