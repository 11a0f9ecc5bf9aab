"""One per process: utterances in, transcripts out, on a few worker threads that all calls share."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from threadpoolctl import threadpool_limits

from speech.errors import RecogniserBusy, RecognitionFailed
from speech.models import ModelStore
from speech.transcript import Transcript, Utterance
from speech.transcript_gate import GateSettings
from speech.whisper import Abandoned
from speech.whisper_models import WhisperChoice, WhisperModels
from speech.worker_slots import WorkerSlots

log = logging.getLogger(__name__)

_FAILURES_TO_ILLNESS = 3
_STUCK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class RecogniserSettings:
    """How much may be recognised at once, and with what.

    Args:
        workers: utterances computed at once, one thread each.
        waiting: utterances that may wait for a worker; more are refused.
        models: model id by language; see `WhisperChoice`.
        beams: width of the search by language; 5 for a language not named.
        deadline_seconds: longest wait for a transcript, queue included.
        gate: thresholds against invented text.
        hybrid: False runs every model padded; see `WhisperChoice`.
    """

    workers: int = 2
    waiting: int = 8
    models: Mapping[str, str] = field(default_factory=dict)
    beams: Mapping[str, int] = field(default_factory=dict)
    deadline_seconds: float = 15.0
    gate: GateSettings = field(default_factory=GateSettings)
    hybrid: bool = True


class Transcriber(Protocol):
    """What a worker thread runs; `WhisperModels` is the real one."""

    def warm_up(self) -> None:
        """Do everything that is slow the first time."""

    def rule_of(self, model_id: str) -> str:
        """ "hybrid" or "padded"."""

    def transcribe(
        self,
        utterance: Utterance,
        languages: Sequence[str],
        expects: str,
        abandoned: Callable[[], bool],
        choices: Sequence[str] = (),
    ) -> Transcript:
        """See `WhisperModels.transcribe`."""


def load_whispers(store: ModelStore, settings: RecogniserSettings) -> Transcriber:
    """Load the models that the settings name; takes seconds, and minutes when a silence cache must be made.

    Raises:
        ModelUnavailable: one is missing or broken.
    """
    choice = WhisperChoice(settings.models, settings.beams, settings.gate, settings.hybrid)
    return WhisperModels(store, choice, settings.workers)


class Recogniser:
    """Whisper for all calls of a process; use it from one event loop.

    Args:
        store: where the models are.
        settings: how many workers, which models.
        load: makes what the workers run.
    """

    def __init__(
        self,
        store: ModelStore,
        settings: RecogniserSettings = RecogniserSettings(),
        load: Callable[[ModelStore, RecogniserSettings], Transcriber] = load_whispers,
    ) -> None:
        self._store = store
        self._settings = settings
        self._load = load
        self._transcriber: Transcriber | None = None
        self._executor: ThreadPoolExecutor | None = None
        self._slots = WorkerSlots(settings.workers, settings.waiting)
        self._running: dict[threading.Event, float] = {}  # the abandoned flag of each work, and when it began
        self._failures = 0

    async def start(self) -> None:
        """Load and warm up the models; a cancelled start leaves nothing behind but a thread that ends by itself.

        Raises:
            ModelUnavailable: a model is missing or broken.
        """
        # OpenBLAS would spin a second core for the small matrix product of the mel features.
        threadpool_limits(limits=1, user_api="blas")
        executor = ThreadPoolExecutor(self._settings.workers, thread_name_prefix="recogniser")
        try:
            self._transcriber = await asyncio.get_running_loop().run_in_executor(executor, self._loaded)
        except BaseException:
            executor.shutdown(wait=False)
            raise
        self._executor = executor

    def _loaded(self) -> Transcriber:
        transcriber = self._load(self._store, self._settings)
        transcriber.warm_up()
        return transcriber

    async def close(self) -> None:
        """Give up what is running at its next step, and wait for the workers to end."""
        executor, self._executor = self._executor, None
        for abandoned in self._running:
            abandoned.set()
        if executor is not None:
            await asyncio.to_thread(executor.shutdown, True, cancel_futures=True)

    def rule_of(self, model_id: str) -> str:
        """ "hybrid", or "padded" for a loaded model without states of silence."""
        if self._transcriber is None:
            raise RecognitionFailed("the recogniser is not started")
        return self._transcriber.rule_of(model_id)

    @property
    def capacity(self) -> int:
        """How many utterances may be in work or waiting at once."""
        return self._settings.workers + self._settings.waiting

    @property
    def waiting(self) -> int:
        """Utterances waiting for a worker."""
        return self._slots.waiting

    @property
    def busy(self) -> int:
        """Workers at work, also on what nobody waits for any more."""
        return len(self._running)

    @property
    def healthy(self) -> bool:
        """Started, not failing time after time, no worker stuck for a minute."""
        now = time.monotonic()
        stuck = any(now - since > _STUCK_SECONDS for since in self._running.values())
        return self._executor is not None and self._failures < _FAILURES_TO_ILLNESS and not stuck

    async def transcribe(
        self,
        utterance: Utterance,
        languages: Sequence[str],
        *,
        expects: str = "open",
        choices: Sequence[str] = (),
        deadline_seconds: float | None = None,
        needed: asyncio.Event | None = None,
    ) -> Transcript:
        """Hear one utterance.

        Cancelling drops it at once while it waits, and between two steps of the model while it runs; the worker is
        counted as busy until then.

        Args:
            utterance: at most 29 s.
            languages: nb, nn, en, uk: the language, or several with the language of the call so far first.
            expects: "open", "yes_no", "choice" or "digits".
            choices: the words that would answer; see `WhisperModels.transcribe`.
            deadline_seconds: longest wait; None takes the one of the settings.
            needed: an event that is set once somebody waits for the transcript: until then this is a guess at a pause,
                and everything needed gets a worker first. None: somebody waits already.
        Raises:
            RecogniserBusy: too many wait already, or the deadline passed, or needed work took a guess's place.
            RecognitionFailed: not started, or the model raised.
        """
        asked_at = time.monotonic()
        deadline = self._settings.deadline_seconds if deadline_seconds is None else deadline_seconds
        try:
            async with asyncio.timeout(deadline):
                await self._slots.take(needed)
                return await self._run(utterance, tuple(languages), expects, tuple(choices), asked_at)
        except TimeoutError as error:
            raise RecogniserBusy(f"no transcript within {deadline:.1f} s") from error

    async def _run(
        self, utterance: Utterance, languages: tuple[str, ...], expects: str, choices: tuple[str, ...], asked_at: float
    ) -> Transcript:
        """Compute on a worker; the slot taken before comes free when the worker does, not when we stop waiting."""
        abandoned = threading.Event()
        if self._executor is None or self._transcriber is None:
            self._slots.give_back()
            raise RecognitionFailed("the recogniser is not started")
        loop = asyncio.get_running_loop()
        started_at = self._running[abandoned] = time.monotonic()
        try:
            future = loop.run_in_executor(
                self._executor,
                _contained,
                partial(self._transcriber.transcribe, utterance, languages, expects, abandoned.is_set, choices),
            )
        except RuntimeError as error:
            self._free(abandoned)
            raise RecognitionFailed("the recogniser's workers are gone") from error
        future.add_done_callback(lambda _: self._free(abandoned))
        try:
            transcript = await asyncio.shield(future)
        except asyncio.CancelledError:
            abandoned.set()
            future.add_done_callback(_look_away)
            raise
        except ValueError:
            raise
        except Abandoned as error:
            raise RecognitionFailed("given up: the recogniser is closing") from error
        except Exception as error:
            self._failures += 1
            raise RecognitionFailed(f"recognition failed: {type(error).__name__}") from error
        self._failures = 0
        done_at = time.monotonic()
        return replace(transcript, queue_ms=(started_at - asked_at) * 1000, compute_ms=(done_at - started_at) * 1000)

    def _free(self, abandoned: threading.Event) -> None:
        self._running.pop(abandoned, None)
        self._slots.give_back()


def _contained(work: Callable[[], Transcript]) -> Transcript:
    """Do the work; what would end the whole process (a library that calls `sys.exit`) ends this utterance only."""
    try:
        return work()
    except Exception:
        raise
    except BaseException as error:
        raise RecognitionFailed(f"the worker was ended by {type(error).__name__}") from error


def _look_away(future: asyncio.Future[Transcript]) -> None:
    """Take note of the outcome of abandoned work, so that asyncio does not report it as unread."""
    if not future.cancelled():
        future.exception()
