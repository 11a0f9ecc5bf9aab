"""Words right and time taken: the hybrid rule, the padded rule, and faster-whisper as it comes, on the same prompts.

The prompts are Asterisk's English ones, from the Debian packages asterisk-core-sounds-en-wav (sounds) and
asterisk-core-sounds-en (texts): studio recordings of one speaker at 8 kHz. Nothing here was chosen on them by us, but
`speech.md` chose the hybrid rule on 100 of them.
"""

import asyncio
import gzip
import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from num2words import num2words
from rapidfuzz.distance import Levenshtein

from benchmarks.bench.clips import Clip, clip_of, recordings, spoken
from benchmarks.bench.plan import Measured, Plan, spread
from speech.audio import Samples
from speech.recogniser import Recogniser, RecogniserSettings
from speech.resampling import resample, to_samples
from speech.transcript import Utterance
from telephony.g711 import decode_ulaw, encode_ulaw
from telephony.simulator.playout import RATE_HZ
from telephony.simulator.sound import SoundUnreadable, read_wav
from voicebot.config import load_config
from voicebot.house import open_store

MODEL = "whisper-base"
BEAM = 5
LEAD, TRAIL = RATE_HZ * 15 // 100, RATE_HZ * 3 // 10
SHORT_SECONDS = 1.0
_TEXTS = "usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz"
_SOUNDS = "usr/share/asterisk/sounds/en_US_f_Allison"
_ROUNDS = 2_000


@dataclass(slots=True)
class Attempt:
    """One way of recognising, over all prompts.

    Args:
        errors: word errors of each prompt.
        wall_ms, cpu_ms: what each prompt took.
    """

    errors: list[int] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)


async def measure(plan: Plan) -> Measured:
    """Word error rates and times of three ways, one thread each, one after the other on every prompt."""
    clips, where = await prompts(plan)
    random.Random(plan.seed).shuffle(clips)
    clips = clips[: plan.some(len(clips), 8)]
    store = open_store(load_config())
    ways = {"hybrid": Recogniser(store, _settings(True)), "padded": Recogniser(store, _settings(False))}
    for way in ways.values():
        await way.start()
    stock = WhisperModel(str(store.folder_of(MODEL)), device="cpu", compute_type="int8", cpu_threads=1, num_workers=1)
    attempts = {name: Attempt() for name in (*ways, "stock")}
    for clip in clips:
        samples = as_heard(clip)
        for name, way in ways.items():
            text = await _timed(attempts[name], way, samples)
            attempts[name].errors.append(word_errors(clip.text or "", text))
        text = await asyncio.to_thread(_stock, attempts["stock"], stock, samples)
        attempts["stock"].errors.append(word_errors(clip.text or "", text))
    for way in ways.values():
        await way.close()
    measured = Measured(figures(clips, attempts, plan))
    measured.notes.append(f"{len(clips)} prompts from {where}, μ-law; {MODEL} int8, beam {BEAM}, one thread each way")
    return measured


def _settings(hybrid: bool) -> RecogniserSettings:
    return RecogniserSettings(workers=1, models={"en": MODEL}, beams={"en": BEAM}, hybrid=hybrid)


async def prompts(plan: Plan) -> tuple[list[Clip], str]:
    """Prompts with their texts, the best set there is, and where they are from."""
    if (plan.prompts / _TEXTS).is_file() and (plan.prompts / _SOUNDS).is_dir():
        return list(asterisk(plan.prompts)), "asterisk-core-sounds-en-wav"
    if folder := plan.folder("telephony_prompts_asterisk"):
        found = [clip for clip in recordings(folder, "en") if clip.text]
        return found, "telephony_prompts_asterisk (install asterisk-core-sounds-en-wav for more)"
    from benchmarks.bench.cut_ins import SENTENCES

    return await spoken(SENTENCES, "en", plan.speak), "Piper (install asterisk-core-sounds-en-wav for recordings)"


def asterisk(root: Path) -> Iterator[Clip]:
    """Prompts of half a second to ten seconds whose text is words."""
    with gzip.open(root / _TEXTS, "rt", encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    for line in lines:
        name, _, text = line.partition(":")
        path = root / _SOUNDS / f"{name}.wav"
        if line.startswith(";") or "/" in name or not text or re.search(r"[\[\]()<>]", text) or not path.is_file():
            continue
        try:
            clip = clip_of(name, "en", read_wav(path), text=text.strip())
        except (ValueError, SoundUnreadable):
            continue
        if 0.5 <= (clip.end - clip.start) / RATE_HZ <= 10:
            yield clip


def as_heard(clip: Clip) -> Samples:
    """The clip's speech with 150 ms before and 300 ms after it, after μ-law: float32, 16 kHz."""
    pcm = clip.pcm[max(0, clip.start - LEAD) : clip.end + TRAIL]
    return resample(to_samples(decode_ulaw(encode_ulaw(pcm))), RATE_HZ, 16_000)


async def _timed(attempt: Attempt, way: Recogniser, samples: Samples) -> str:
    wall, cpu = time.perf_counter(), time.process_time()
    transcript = await way.transcribe(Utterance(samples, 0.0, len(samples) / 16_000), ("en",))
    _clocked(attempt, wall, cpu)
    return transcript.text


def _stock(attempt: Attempt, model: WhisperModel, samples: Samples) -> str:
    wall, cpu = time.perf_counter(), time.process_time()
    segments, _ = model.transcribe(samples, language="en", beam_size=BEAM)
    text = " ".join(segment.text for segment in segments)
    _clocked(attempt, wall, cpu)
    return text


def _clocked(attempt: Attempt, wall: float, cpu: float) -> None:
    attempt.wall_ms.append((time.perf_counter() - wall) * 1000)
    attempt.cpu_ms.append((time.process_time() - cpu) * 1000)


def words(text: str) -> list[str]:
    """Lower-case words, numbers written out."""
    plain = re.sub(r"\d+", lambda found: f" {num2words(int(found[0]))} ", text.lower().replace("'", ""))
    return re.findall(r"[^\W_]+", plain)


def word_errors(reference: str, heard: str) -> int:
    """Substitutions, insertions and deletions."""
    return int(Levenshtein.distance(words(reference), words(heard)))


def figures(clips: Sequence[Clip], attempts: dict[str, Attempt], plan: Plan) -> dict[str, Any]:
    """The table."""
    lengths = np.array([len(words(clip.text or "")) for clip in clips])
    seconds = np.array([(clip.end - clip.start) / RATE_HZ for clip in clips])
    short, middling = seconds < SHORT_SECONDS, (seconds >= 1) & (seconds <= 5)
    found: dict[str, Any] = {"prompts": len(clips), "words": int(lengths.sum())}
    for name, attempt in attempts.items():
        errors = np.array(attempt.errors)
        found[name] = {
            "wer_percent": _share(errors.sum(), lengths.sum()),
            "wer_under_1s_percent": _share(errors[short].sum(), lengths[short].sum()),
            "wall_ms_1_to_5s": spread([float(ms) for ms in np.array(attempt.wall_ms)[middling]]),
            "cpu_ms_1_to_5s": spread([float(ms) for ms in np.array(attempt.cpu_ms)[middling]]),
        }
    hybrid, padded = np.array(attempts["hybrid"].errors), np.array(attempts["padded"].errors)
    found["hybrid_minus_padded_points"] = difference(hybrid - padded, lengths, plan.seed)
    found["hybrid_minus_padded_under_1s_points"] = difference((hybrid - padded)[short], lengths[short], plan.seed)
    found["short_prompts"] = int(short.sum())
    for clock in ("wall", "cpu"):
        slow, fast = (np.array(getattr(attempts[name], f"{clock}_ms"))[middling] for name in ("stock", "hybrid"))
        found[f"times_faster_than_stock_{clock}"] = round(float(slow.sum() / fast.sum()), 2) if len(fast) else None
    return found


def _share(errors: int, of: int) -> float | None:
    return round(100 * float(errors) / float(of), 2) if of else None


def difference(more: "np.ndarray[Any, Any]", lengths: "np.ndarray[Any, Any]", seed: int) -> dict[str, float | None]:
    """More word errors per hundred words, with a paired bootstrap over prompts (95 %)."""
    if not len(more) or not lengths.sum():
        return {"points": None, "low": None, "high": None}
    drawn = np.random.default_rng(seed).integers(0, len(more), (_ROUNDS, len(more)))
    points = 100 * more[drawn].sum(axis=1) / np.maximum(1, lengths[drawn].sum(axis=1))
    low, high = np.percentile(points, [2.5, 97.5])
    return {
        "points": round(100 * float(more.sum()) / float(lengths.sum()), 2),
        "low": round(float(low), 2),
        "high": round(float(high), 2),
    }
