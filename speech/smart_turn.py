"""Has the caller finished, by ear: smart-turn, a small network that hears melody and pace, not words.

On the telephone it knows something at its extremes only (turns.md, section 2: above .98 or below .5), and nothing about
digit strings; `speech.endpointing` therefore asks it last but for silence itself. One run costs 32 ms of CPU on a quiet
core, 60 to 80 on a busy one, whatever the length; a busy house goes without.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from speech.audio import Samples
from speech.errors import ModelUnavailable
from speech.models import ModelStore
from speech.turn_features import turn_features

log = logging.getLogger(__name__)

SMART_TURN_MODEL = "smart-turn"
_FILE = "smart-turn-v3.2-cpu.onnx"


class SmartTurn:
    """smart-turn v3.2 loaded once, shared by all calls; running it is thread-safe and takes one thread.

    Args:
        path: `smart-turn-v3.2-cpu.onnx` (sha256 2bb02631…).
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
            raise ModelUnavailable(f"{SMART_TURN_MODEL}: {path} cannot be loaded: fetch it again") from error
        if [item.name for item in self._session.get_inputs()] != ["input_features"]:
            raise ModelUnavailable(f"{SMART_TURN_MODEL}: {path} is not smart-turn of version 3: fetch it again")
        self._lock = threading.Lock()
        self._running = 0

    @classmethod
    def open(cls, store: ModelStore) -> "SmartTurn | None":
        """Load it from the store; None, with one warning, when it is not there: turns then end by text and silence."""
        try:
            return cls(store.folder_of(SMART_TURN_MODEL) / _FILE)
        except ModelUnavailable as reason:
            log.warning("Turns end without smart-turn, about 0.1 s later: %s", reason)
            return None

    @property
    def running(self) -> int:
        """How many runs are under way: an answer that has to wait for others comes too late to be of use."""
        return self._running

    def probability(self, samples: Samples) -> float:
        """How likely the caller has finished. Blocks for 30 to 80 ms of CPU: call it on a worker thread.

        Args:
            samples: float32, shape (n,), 16 kHz mono: the whole turn so far with the silence after it. Audio at another
                rate gives an answer without meaning.
        Returns:
            0..1.
        """
        with self._counted():
            features = turn_features(samples)[None]
            output = self._session.run(None, {"input_features": np.ascontiguousarray(features)})[0]
        return float(output.reshape(-1)[0])

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
