"""Callers' turns with known ends, made of real recordings: number strings, sentences, hesitations, short answers."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ears_path import LINE_HZ, over_the_phone, read_wav
from speech.audio import Pcm16, Samples
from speech.resampling import resample
from speech.turn_cues.reading import words_of

SHARES = {"sentence": 35, "short": 30, "hesitation": 18, "digits": 12, "several": 5}
"""How often each kind of turn is taken to occur on a service line, in percent (turns.md, section 3)."""

_LEAD_SECONDS = 0.6
_TAIL_SECONDS = 3.0
_FLOOR = 3e-4  # of a quiet line
_NOISE_DB = 15
_FRAME = LINE_HZ // 100
_QUIET = LINE_HZ // 5  # kept behind what is transcribed
_CANDIDATES, _CANDIDATES_APART = 6, LINE_HZ // 10


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of one caller, on its own line.

    Args:
        name: file and what was done to it.
        kind: a key of `SHARES`.
        language: spoken.
        expects: what the dialog would expect, if it knew.
        length: how many digits or letters, when that is expected.
        samples: float32, 8 kHz, before the telephone: speech between silences.
        end_seconds: where the speech ends.
        noise: name of the noise behind it, "" for none.
    """

    name: str
    kind: str
    language: str
    expects: str
    length: int | None
    samples: Samples
    end_seconds: float
    noise: str = ""

    @property
    def pcm(self) -> Pcm16:
        """As it arrives: int16, 8 kHz, after μ-law."""
        return over_the_phone(self.samples, LINE_HZ)


Read = Callable[[Samples, str], str]
"""Float32 samples at 8 kHz and their language to text."""


def turns_in(folder: Path, read: Read, seed: int = 3) -> list[Turn]:
    """All turns that the recordings in the folder make; every third has noise behind it, by seed.

    Args:
        folder: the sets, each a folder with labels.jsonl.
        read: a recogniser; hesitations are put where it finds the same words before and behind as in the whole.
        seed: of pauses and noise.
    """
    rng = np.random.default_rng(seed)
    noises = _noises(folder / "noise_and_hold_music")
    turns = [*_numbers(folder, rng), *_spoken(folder, read, rng), *_short(folder, rng)]
    return [_over_noise(turn, noises, rng) if index % 3 == 2 else turn for index, turn in enumerate(turns)]


def _numbers(folder: Path, rng: np.random.Generator) -> Iterator[Turn]:
    for name, language in (("speech_digits_en_fsdd", "en"), ("speech_numbers_nb_gcompris", "nb")):
        for label in _labels(folder / name):
            value = label.get("digits") or label["value"]
            expects = "letters" if label.get("kind") == "letters_digits" else "digits"
            speech = _read(folder / name / label["file"])[: round(label["speech_end"] * LINE_HZ)]
            yield _turn(label["file"], "digits", language, speech, rng, expects=expects, length=len(value))


def _spoken(folder: Path, read: Read, rng: np.random.Generator) -> Iterator[Turn]:
    """Sentences as they were recorded, and each of them again with a hesitation between two words, at two places."""
    for turn in [*_sentences(folder, rng), *_stretches(folder / "speech_nb_sentences", rng)]:
        yield turn
        places = _between_words(turn, read) if turn.kind == "sentence" else []
        for number, place in enumerate(places[:2], start=1):
            yield _with_hesitation(turn, place, number, rng)


def _sentences(folder: Path, rng: np.random.Generator) -> Iterator[Turn]:
    for name in ("speech_en_commands_picovoice", "speech_en_misc", "telephony_prompts_asterisk", "speech_uk_clips"):
        for label in _labels(folder / name):
            text = label.get("text")
            language = label.get("lang", "en")
            if language == "ru" or (name.startswith("telephony") and not _is_whole(text)):
                continue
            several = len(re.findall(r"[.?!,] +[A-Za-z]", text or "")) > 1 or "news" in label["file"]
            speech = _read(folder / name / label["file"])
            yield _turn(label["file"], "several" if several else "sentence", language, speech, rng)


def _stretches(folder: Path, rng: np.random.Generator) -> Iterator[Turn]:
    """A Norwegian speech, cut where the speaker is silent for 0.7 s or more."""
    for label in _labels(folder):
        speech = _read(folder / label["file"])
        loud = np.flatnonzero(_is_loud(speech))
        starts = [loud[0], *loud[1:][np.diff(loud) > 70]]
        ends = [*loud[:-1][np.diff(loud) > 70], loud[-1]]
        for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
            if 100 <= end - start <= 1000:
                stretch = speech[start * _FRAME : (end + 1) * _FRAME]
                yield _turn(f"{label['file']}#{number}", "sentence", "nb", stretch, rng)


def _short(folder: Path, rng: np.random.Generator) -> Iterator[Turn]:
    for label in _labels(folder / "speech_words_nb_gcompris"):
        speech = _read(folder / "speech_words_nb_gcompris" / label["file"])
        yield _turn(label["file"], "short", "nb", speech, rng)


def _between_words(turn: Turn, read: Read) -> list[int]:
    """Samples at which the turn is quiet and falls into the words it has as a whole, quietest first."""
    first, last = round(_LEAD_SECONDS * LINE_HZ), round(turn.end_seconds * LINE_HZ)
    low, high = first + round(0.25 * (last - first)), first + round(0.8 * (last - first))
    energy = np.convolve(np.square(turn.samples[low:high]), np.ones(4 * _FRAME), "valid")
    words = words_of(read(turn.samples[: last + _QUIET], turn.language))
    found: list[int] = []
    tried: list[int] = []
    for offset in np.argsort(energy):
        place = low + int(offset) + 2 * _FRAME
        if any(abs(place - other) < _CANDIDATES_APART for other in tried):
            continue
        tried.append(place)
        before = words_of(read(_ended(turn.samples[:place]), turn.language))
        behind = words_of(read(turn.samples[place : last + _QUIET], turn.language))
        if before and behind and before + behind == words:
            found.append(place)
        if len(tried) == _CANDIDATES:
            break
    return found


def _with_hesitation(turn: Turn, place: int, number: int, rng: np.random.Generator) -> Turn:
    """The same turn with a pause of 250 to 2500 ms, 600 at the median."""
    pause = _floor(float(np.clip(rng.lognormal(np.log(0.6), 0.5), 0.25, 2.5)), rng)
    samples = np.concatenate([_faded(turn.samples[:place]), pause, turn.samples[place:]])
    end = turn.end_seconds + len(pause) / LINE_HZ
    return replace(turn, name=f"{turn.name}+{number}", kind="hesitation", samples=samples, end_seconds=end)


def _turn(
    name: str,
    kind: str,
    language: str,
    speech: Samples,
    rng: np.random.Generator,
    expects: str = "open",
    length: int | None = None,
) -> Turn:
    loud = np.flatnonzero(_is_loud(speech))
    spoken = speech[loud[0] * _FRAME : (loud[-1] + 1) * _FRAME]
    samples = np.concatenate([_floor(_LEAD_SECONDS, rng), spoken, _floor(_TAIL_SECONDS, rng)])
    return Turn(name, kind, language, expects, length, samples, _LEAD_SECONDS + len(spoken) / LINE_HZ)


def _over_noise(turn: Turn, noises: dict[str, Samples], rng: np.random.Generator) -> Turn:
    name = sorted(noises)[rng.integers(len(noises))]
    noise = np.resize(noises[name], len(turn.samples))
    speech = turn.samples[round(_LEAD_SECONDS * LINE_HZ) : round(turn.end_seconds * LINE_HZ)]
    gain = 10 ** (-_NOISE_DB / 20) * float(np.sqrt(np.mean(np.square(speech)) / np.mean(np.square(noise))))
    return replace(turn, samples=(turn.samples + gain * noise).astype(np.float32), noise=name)


def _noises(folder: Path) -> dict[str, Samples]:
    names = ("noise_coffee-shop", "noise_rain", "noise_background_music", "noise_boat")
    return {name: _read(folder / f"{name}.wav") for name in names}


def _is_loud(speech: Samples) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Per 10 ms: within 30 dB of the loudest tenth, in a run of at least 30 ms."""
    frames = speech[: len(speech) // _FRAME * _FRAME].reshape(-1, _FRAME)
    levels = 10 * np.log10(np.mean(np.square(frames), axis=1) + 1e-10)
    loud = (levels > np.percentile(levels, 90) - 30).astype(int)
    return np.convolve(np.convolve(loud, np.ones(3, int), "same") >= 3, np.ones(3, int), "same") > 0


def _is_whole(text: str | None) -> bool:
    return text is not None and text[:1].isupper() and text.rstrip().endswith((".", "?", "!")) and "..." not in text


def _ended(speech: Samples) -> Samples:
    return np.concatenate([_faded(speech), np.zeros(_QUIET, np.float32)])


def _faded(speech: Samples) -> Samples:
    faded = speech.copy()
    faded[-_FRAME:] *= np.linspace(1, 0, _FRAME, dtype=np.float32)
    return faded


def _floor(seconds: float, rng: np.random.Generator) -> Samples:
    return rng.normal(0, _FLOOR, round(seconds * LINE_HZ)).astype(np.float32)


def _read(path: Path) -> Samples:
    rate_hz, samples = read_wav(path)
    return resample(samples, rate_hz, LINE_HZ)


def _labels(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "labels.jsonl").read_text().splitlines()]
