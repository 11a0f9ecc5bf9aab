"""What callers say in measurements: recordings with labels, sentences of a synthetic voice, pauses put into them.

A folder of recordings has a `labels.jsonl`, one line per WAV file: `file`, and any of `text`, `digits` or `value`,
`lang`, `segments` (speech, in seconds) and `speech_end`. What is not labelled is found by energy.
"""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from telephony.call import Pcm16
from telephony.simulator.network import Speak
from telephony.simulator.playout import RATE_HZ
from telephony.simulator.sound import read_wav

CALLER_DBFS = -23.0
"""How loud callers speak, pauses left out."""

WINDOW = RATE_HZ // 100
_QUIETEST_SPEECH_DBFS = -50.0
_JOINED_GAP = RATE_HZ * 12 // 100
_TAIL = RATE_HZ // 5


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Something a caller says.

    Args:
        name: for people.
        language: nb, en or uk.
        pcm: int16, 8 kHz mono.
        speech: where it speaks, as (first sample, sample after the last), in order, at least one.
        text: the words, when known.
        digits: the number said, for a clip that says one.
        expected: the article that answers it, when known.
    """

    name: str
    language: str
    pcm: Pcm16
    speech: tuple[tuple[int, int], ...]
    text: str | None = None
    digits: str | None = None
    expected: str | None = None

    @property
    def start(self) -> int:
        """First sample of speech."""
        return self.speech[0][0]

    @property
    def end(self) -> int:
        """The sample after the last one of speech."""
        return self.speech[-1][1]


def levels_dbfs(pcm: Pcm16, window: int = WINDOW) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Level of each whole window: dB relative to full scale."""
    whole = len(pcm) - len(pcm) % window
    power = np.mean(pcm[:whole].reshape(-1, window).astype(np.float64) ** 2, axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 1e-3) / 32768**2), dtype=np.float64)


def speech_in(pcm: Pcm16) -> tuple[tuple[int, int], ...]:
    """Where somebody speaks, by energy: to 10 ms, gaps under 120 ms closed; empty when nothing is loud enough."""
    levels = levels_dbfs(pcm)
    if not len(levels):
        return ()
    loud, floor = np.percentile(levels, 95), np.percentile(levels, 5)
    threshold = max(_QUIETEST_SPEECH_DBFS, float(loud) - 30.0, min(float(floor) + 9.0, float(loud) - 15.0))
    return closed((int(place) * WINDOW for place in np.flatnonzero(levels > threshold)), _JOINED_GAP)


def closed(starts: Iterable[int], gap: int) -> tuple[tuple[int, int], ...]:
    """Windows that begin at these samples, as stretches; gaps shorter than `gap` samples are closed."""
    stretches: list[tuple[int, int]] = []
    for start in starts:
        if stretches and start - stretches[-1][1] < gap:
            stretches[-1] = (stretches[-1][0], start + WINDOW)
        else:
            stretches.append((start, start + WINDOW))
    return tuple(stretches)


def clip_of(name: str, language: str, pcm: Pcm16, **more: Any) -> Clip:
    """A clip with its speech found by energy, brought to the callers' level.

    Raises:
        ValueError: nobody speaks in it.
    """
    speech = more.pop("speech", None) or speech_in(pcm)
    if not speech:
        raise ValueError(f"{name}: nobody speaks in it")
    return Clip(name, language, at_level(pcm, speech), speech, **more)


def at_level(pcm: Pcm16, speech: Iterable[tuple[int, int]]) -> Pcm16:
    """The clip with its speech at `CALLER_DBFS`."""
    spoken = np.concatenate([pcm[start:end] for start, end in speech]).astype(np.float64)
    rms = max(1.0, float(np.sqrt(np.mean(spoken**2))))
    gain = 32768 * 10 ** (CALLER_DBFS / 20) / rms
    levelled: Pcm16 = np.clip(np.rint(pcm * gain), -32768, 32767).astype(np.int16)
    return levelled


def recordings(folder: Path, language: str, limit: int | None = None) -> Iterator[Clip]:
    """The recordings of a folder that are in a language; those in which nobody speaks are left out."""
    lines = (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    labels = [label for label in map(json.loads, lines) if label.get("lang", language) == language]
    for label in labels[:limit]:
        pcm = read_wav(folder / label["file"])
        number = label.get("digits", label.get("value"))
        speech = labelled_speech(label, pcm)
        if speech:
            yield clip_of(label["file"], language, pcm, speech=speech, text=label.get("text"), digits=number)


def labelled_speech(label: dict[str, Any], pcm: Pcm16) -> tuple[tuple[int, int], ...]:
    """The speech a label names; its end where only that is named, the rest by energy."""
    times = label.get("segments") or label.get("digit_times") or label.get("item_times")
    if times:
        return tuple((round(first * RATE_HZ), min(len(pcm), round(last * RATE_HZ))) for first, last in times)
    found = speech_in(pcm)
    end = round(label["speech_end"] * RATE_HZ) if "speech_end" in label else None
    return tuple((first, min(last, end or last)) for first, last in found if first < (end or len(pcm)))


async def spoken(texts: Iterable[str], language: str, speak: Speak, **more: Any) -> list[Clip]:
    """Sentences of the synthetic voice."""
    return [clip_of(text, language, await speak(text, language), text=text, **more) for text in texts]


def with_pause(clip: Clip, chance: random.Random) -> Clip:
    """The clip with a hesitation: at its quietest place between 40 and 70 %, 250 to 2,500 ms, 600 ms at the median.

    Source of the distribution: `turns.md`, section 3, the hesitations of its simulation.
    """
    levels = levels_dbfs(clip.pcm, 3 * WINDOW)
    length = clip.end - clip.start
    first, last = (round((clip.start + share * length) / (3 * WINDOW)) for share in (0.4, 0.7))
    quietest = first + int(np.argmin(levels[first : max(first + 1, last)]))
    cut = quietest * 3 * WINDOW + WINDOW
    pause = round(min(2.5, max(0.25, chance.lognormvariate(np.log(0.6), 0.6))) * RATE_HZ)
    pcm = np.concatenate([clip.pcm[:cut], np.zeros(pause, dtype=np.int16), clip.pcm[cut:]])
    speech = ((clip.start, cut), (cut + pause, clip.end + pause))
    return replace(clip, name=f"{clip.name} (pause {pause * 1000 // RATE_HZ} ms)", pcm=pcm, speech=speech)


def with_tail(clip: Clip) -> Clip:
    """The clip without what follows its speech, but for 200 ms: the caller waits for an answer, not for a file."""
    return replace(clip, pcm=clip.pcm[: clip.end + _TAIL])
