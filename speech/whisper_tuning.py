"""Hybrid or padded: held against each other on spoken samples, and the verdict kept beside the model."""

import json
import logging
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from num2words import num2words
from rapidfuzz.distance import Levenshtein

from speech.audio import MODEL_RATE_HZ, Samples
from speech.silence_cache import ModelKey, model_key
from speech.transcript_gate import is_loop
from speech.whisper import Whisper

log = logging.getLogger(__name__)

VERDICT_FILE = "tuning.json"
BANDS = (0.0, 0.7, 1.0, 1.5, 30.0)
"""Seconds of speech at which clips are told apart."""

_BEAM = 5
_DRAWS = 2_000
_NUMBERS = {"no": "no", "nn": "no", "en": "en", "uk": "uk"}


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording whose words are known.

    Args:
        samples: float32, shape (n,), 16 kHz mono.
        text: what is said in it.
        code: Whisper's code of the language.
        seconds: of speech in it.
    """

    samples: Samples
    text: str
    code: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Trial:
    """One sample by both rules; the pairs are (hybrid, padded)."""

    seconds: float
    words: int
    errors: tuple[int, int]
    loops: tuple[int, int]
    ms: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Band:
    """What came of samples of like length; the pairs are (hybrid, padded).

    Args:
        seconds: from and below which length, in seconds of speech.
        samples: how many.
        words: how many words they have.
        right: words right.
        loops: texts that went round in circles.
        times_faster: padded time over hybrid time, medians; 0 without samples.
        worse: whether the hybrid rule is measurably worse here: the lower end of the 95 % interval of its additional
            errors is above zero.
    """

    seconds: tuple[float, float]
    samples: int
    words: int
    right: tuple[int, int]
    loops: tuple[int, int]
    times_faster: float
    worse: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a model is to be run.

    Args:
        rule: "hybrid" or "padded".
        padded_below_seconds: with the hybrid rule, less speech than this runs padded all the same.
        date: when it was found, ISO 8601.
        bands: on what grounds.
    """

    rule: str
    padded_below_seconds: float
    date: str
    bands: tuple[Band, ...] = ()


def compare(
    whisper: Whisper, samples: Iterable[Sample], watch: Callable[[Trial], None] = lambda _: None
) -> list[Trial]:
    """Recognise every sample by both rules, at the beam calls use; about a second each.

    Args:
        whisper: with states of silence.
        samples: recordings.
        watch: told of each trial.
    """
    trials = []
    for sample in samples:
        tries = [_recognised(whisper, sample, padded) for padded in (False, True)]
        (hybrid_errors, hybrid_loop, hybrid_ms), (padded_errors, padded_loop, padded_ms) = tries
        trial = Trial(
            sample.seconds,
            len(words_of(sample.text, sample.code)),
            (hybrid_errors, padded_errors),
            (hybrid_loop, padded_loop),
            (hybrid_ms, padded_ms),
        )
        trials.append(trial)
        watch(trial)
    return trials


def judge_trials(trials: Sequence[Trial], date: str) -> Verdict:
    """Choose the rule: hybrid, unless that is measurably worse; padded only below the length where it is.

    Args:
        trials: from `compare`; none at all says nothing against the hybrid rule.
        date: ISO 8601, kept with the verdict.
    """
    bands = tuple(_band(trials, low, high) for low, high in zip(BANDS, BANDS[1:], strict=False))
    hybrid_loops, padded_loops = (sum(band.loops[rule] for band in bands) for rule in (0, 1))
    loops = hybrid_loops > padded_loops + max(2, len(trials) // 50)
    if loops or bands[-1].worse:
        return Verdict("padded", 0.0, date, bands)
    below = max((band.seconds[1] for band in bands if band.worse), default=0.0)
    return Verdict("hybrid", below, date, bands)


def keep_verdict(whisper_folder: Path, verdict: Verdict) -> None:
    """Put a verdict beside the model; the file is replaced in one step.

    Raises:
        OSError: the folder cannot be written.
    """
    kept = asdict(model_key(whisper_folder)) | asdict(verdict)
    with tempfile.NamedTemporaryFile("w", dir=whisper_folder, prefix=f"{VERDICT_FILE}.", delete=False) as file:
        try:
            json.dump(kept, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, whisper_folder / VERDICT_FILE)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def load_verdict(whisper_folder: Path) -> Verdict | None:
    """The verdict on exactly this model.bin, or None."""
    path = whisper_folder / VERDICT_FILE
    try:
        kept = json.loads(path.read_text("utf-8"))
        key, verdict = ModelKey(kept["size_bytes"], kept["sha256"]), _verdict(kept)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s is broken and not used: %s", path, type(error).__name__)
        return None
    if key != model_key(whisper_folder):
        log.warning("%s belongs to another model.bin and is not used", path)
        return None
    return verdict


def words_of(text: str, code: str) -> list[str]:
    """Lower-case words, figures written out digit by digit, as prompts are spoken."""
    language = _NUMBERS.get(code, "en")
    plain = re.sub(r"\d", lambda figure: f" {num2words(int(figure[0]), lang=language)} ", text.lower())
    return re.findall(r"[^\W_]+", plain.replace("'", ""))


def speech_seconds(samples: Samples) -> float:
    """Seconds from the first to the last 20 ms within 35 dB of the loudest: for recordings nobody marked."""
    frame = MODEL_RATE_HZ // 50
    power = (samples[: len(samples) // frame * frame].reshape(-1, frame) ** 2).mean(axis=1)
    loud = np.flatnonzero(power > power.max(initial=0.0) * 10**-3.5)
    return float(loud[-1] - loud[0] + 1) / 50 if len(loud) else 0.0


def _recognised(whisper: Whisper, sample: Sample, padded: bool) -> tuple[int, int, float]:
    started = time.perf_counter()
    decoding = whisper.decode(whisper.encode(sample.samples, padded=padded), sample.code, beam=_BEAM)
    ms = (time.perf_counter() - started) * 1000
    errors = Levenshtein.distance(words_of(sample.text, sample.code), words_of(decoding.text, sample.code))
    return errors, int(is_loop(decoding)), ms


def _band(trials: Sequence[Trial], low: float, high: float) -> Band:
    inside = [trial for trial in trials if low <= trial.seconds < high]
    words = sum(trial.words for trial in inside)
    right = tuple(sum(max(0, trial.words - trial.errors[rule]) for trial in inside) for rule in (0, 1))
    loops = tuple(sum(trial.loops[rule] for trial in inside) for rule in (0, 1))
    hybrid_ms, padded_ms = (median_ms(inside, rule) for rule in (0, 1))
    return Band(
        (low, high),
        len(inside),
        words,
        (right[0], right[1]),
        (loops[0], loops[1]),
        round(padded_ms / hybrid_ms, 1) if hybrid_ms else 0.0,
        _worse(inside),
    )


def median_ms(trials: Sequence[Trial], rule: int) -> float:
    """Median time by the hybrid (0) or padded (1) rule; 0 without trials."""
    return float(np.median([trial.ms[rule] for trial in trials])) if trials else 0.0


def _worse(trials: Sequence[Trial]) -> bool:
    """Paired bootstrap over samples: additional errors of the hybrid rule, lower end of 95 %."""
    if not trials:
        return False
    # A loop is one bad text, not forty wrong words: no sample counts for more than its own length.
    more = np.array([min(hybrid, trial.words) - min(padded, trial.words) for trial in trials
                     for hybrid, padded in [trial.errors]])  # fmt: skip
    drawn = np.random.default_rng(0).integers(0, len(more), (_DRAWS, len(more)))
    return float(np.percentile(more[drawn].sum(axis=1), 2.5)) > 0


def _verdict(kept: Mapping[str, Any]) -> Verdict:
    if kept["rule"] not in ("hybrid", "padded"):
        raise ValueError("rule")
    bands = tuple(
        Band(
            (float(band["seconds"][0]), float(band["seconds"][1])),
            int(band["samples"]),
            int(band["words"]),
            (int(band["right"][0]), int(band["right"][1])),
            (int(band["loops"][0]), int(band["loops"][1])),
            float(band["times_faster"]),
            bool(band["worse"]),
        )
        for band in kept["bands"]
    )
    return Verdict(kept["rule"], float(kept["padded_below_seconds"]), str(kept["date"]), bands)
