"""Is this window speech? Silero answers; webrtcvad answers worse, when Silero's file is missing."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import onnxruntime
import webrtcvad

from speech.audio import MODEL_RATE_HZ, Samples
from speech.errors import ModelUnavailable
from speech.models import ModelStore
from speech.resampling import to_pcm16

log = logging.getLogger(__name__)

WINDOW_SAMPLES = 512
"""32 ms at 16 kHz: what Silero 6 takes at a time."""

SILERO_MODEL = "silero-vad"


class Vad(Protocol):
    """Voice activity of one stream; holds state, so every call has its own.

    The thresholds belong to the model file: another Silero file in circulation (inside faster-whisper 1.2.1) gives
    lower probabilities and needs 0.3 / 0.2.
    """

    @property
    def on(self) -> float:
        """From this probability on, a window starts speech."""

    @property
    def off(self) -> float:
        """Below this probability, a window is silence."""

    def probability(self, window: Samples) -> float:
        """How likely the next window holds speech.

        Args:
            window: float32, shape (512,), 16 kHz mono, following the last one without a gap.
        Returns:
            0..1.
        """


class SileroSession:
    """Silero VAD 6.2 loaded once, shared by all calls; running it is thread-safe.

    Args:
        path: `silero_vad.onnx` of the silero-vad 6.2.3 wheel (sha256 1a153a22…).
    Raises:
        ModelUnavailable: the file is missing, broken or another model.
    """

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(path), sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises a family of its own, not exported under one name
            raise ModelUnavailable(f"{SILERO_MODEL}: {path} cannot be loaded: fetch it again") from error
        if [item.name for item in self._session.get_inputs()] != ["input", "state", "sr"]:
            raise ModelUnavailable(f"{SILERO_MODEL}: {path} is not a Silero VAD of version 5 or 6: fetch it again")

    def run(self, window: Samples, state: Any) -> tuple[float, Any]:
        """Probability of speech in context plus window, shape (576,), and the next state."""
        inputs = {"input": window[None, :], "state": state, "sr": np.array(MODEL_RATE_HZ, np.int64)}
        output, following = self._session.run(None, inputs)
        return float(output[0, 0]), following


class SileroVad:
    """Silero VAD for one call: the shared session and this call's own state.

    About 0.15 ms of CPU per window.
    """

    on = 0.5
    off = 0.35
    _CONTEXT_SAMPLES = 64  # the model wants the end of the window before in front of each window

    def __init__(self, session: SileroSession) -> None:
        self._session = session
        self._state: Any = np.zeros((2, 1, 128), np.float32)
        self._context: Samples = np.zeros(self._CONTEXT_SAMPLES, np.float32)

    def probability(self, window: Samples) -> float:
        """See `Vad.probability`."""
        probability, self._state = self._session.run(np.concatenate([self._context, window]), self._state)
        self._context = window[-self._CONTEXT_SAMPLES :]
        return probability


class WebrtcVad:
    """webrtcvad at its strictest. Finds speech in quiet; never lets go under steady noise."""

    on = 0.5
    off = 0.3
    _FRAME_SAMPLES = 160  # 10 ms frames start and stop soonest

    def __init__(self) -> None:
        self._vad: Any = webrtcvad.Vad(3)
        self._rest: Samples = np.zeros(0, np.float32)

    def probability(self, window: Samples) -> float:
        """See `Vad.probability`; here the share of voiced 10 ms frames."""
        waiting = np.concatenate([self._rest, window])
        count = len(waiting) // self._FRAME_SAMPLES
        self._rest = waiting[count * self._FRAME_SAMPLES :]
        frames = to_pcm16(waiting[: count * self._FRAME_SAMPLES]).reshape(count, self._FRAME_SAMPLES)
        voiced = [self._vad.is_speech(frame.tobytes(), MODEL_RATE_HZ) for frame in frames]
        return cast(float, sum(voiced) / count)


def open_vads(store: ModelStore) -> Callable[[], Vad]:
    """Load the detector once; the returned function makes one for each call.

    Falls back to webrtcvad, with one warning, when Silero's file cannot be used.
    """
    try:
        session = SileroSession(store.folder_of(SILERO_MODEL) / "silero_vad.onnx")
    except ModelUnavailable as reason:
        log.warning("Listening with webrtcvad, which hears speech in steady noise: %s", reason)
        return WebrtcVad
    return lambda: SileroVad(session)
