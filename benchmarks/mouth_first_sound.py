"""How soon the mouth is heard: streamed against unsplit, error at the joins, and a dozen calls at once.

    python -m benchmarks.mouth_first_sound [--language en] [--repeats 20] [--calls 12] [--seconds 30] [--workers 1 2]

Streamed and unsplit synthesis take turns in one run. The voice is the configured one; without a Piper voice that
streams there is nothing to compare, and it says so. The line rate is 8 kHz. `--calls` speaks replies of three
sentences in real time on that many calls, half of the time each, and counts gaps; 0 leaves it out.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.mouth_speed import RATE_HZ, SENTENCES
from speech.loudness import level
from speech.models import ModelStore
from speech.mouth import DEFAULT_VOICES, Mouth, MouthSettings
from speech.piper_network import PARTS, PIECES, Delivery, SplitNetwork, WholeNetwork
from speech.piper_voice import PiperVoice
from speech.resampling import resample, to_samples
from speech.spoken_forms import spell_out


@dataclass
class Times:
    """Milliseconds of one way of saying a sentence.

    Args:
        first: until the first sample.
        cpu: of the process, until the last sample.
    """

    first: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def quantiles(times: Sequence[float]) -> tuple[float, float]:
    """p50 and p95."""
    ordered = sorted(times)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]


def unsplit(network: WholeNetwork, voice: PiperVoice, spoken: str, times: Times) -> None:
    """A sentence in one piece, levelled and resampled."""
    begun, cpu = time.perf_counter(), time.process_time()
    parts = [network.speak(ids, voice.delivery(slower=False)) for ids in voice.phoneme_ids(spoken)]
    resample(to_samples(level(np.concatenate(parts), voice.rate_hz)), voice.rate_hz, RATE_HZ)
    times.first.append((time.perf_counter() - begun) * 1e3)
    times.cpu.append((time.process_time() - cpu) * 1e3)


async def streamed(mouth: Mouth, sentence: str, language: str, times: Times) -> float:
    """A sentence piece by piece; gives its seconds."""
    begun, cpu = time.perf_counter(), time.process_time()
    seconds = 0.0
    async for chunk in mouth.stream(sentence, language, rate_hz=RATE_HZ):
        if not seconds:
            times.first.append((time.perf_counter() - begun) * 1e3)
        seconds += chunk.duration_seconds
    times.cpu.append((time.process_time() - cpu) * 1e3)
    return seconds


async def compare(mouth: Mouth, voice: PiperVoice, whole: WholeNetwork, language: str, repeats: int) -> None:
    """Print first sound and CPU time of both ways, sentence by sentence."""
    for sentence in SENTENCES[language]:
        one, pieces, seconds = Times(), Times(), 0.0
        for _ in range(repeats):
            unsplit(whole, voice, spell_out(sentence, language), one)
            seconds = await streamed(mouth, sentence, language, pieces)
        (before, before95), (after, after95) = quantiles(one.first), quantiles(pieces.first)
        cpu = statistics.median(pieces.cpu) / statistics.median(one.cpu)
        print(f"{len(sentence):4} characters, {seconds:5.2f} s, n={repeats}")
        print(f"    unsplit  first sound p50 {before:6.1f} p95 {before95:6.1f} ms")
        print(f"    streamed first sound p50 {after:6.1f} p95 {after95:6.1f} ms; CPU x{cpu:.2f}")


def join_errors(split: SplitNetwork, whole: WholeNetwork, voice: PiperVoice, language: str) -> None:
    """Print the largest difference of any sample, for several widths of context."""
    delivery = voice.delivery(slower=False)
    steady = Delivery(0.0, delivery.length_scale, 0.0, delivery.speaker)
    sentences = [ids for text in SENTENCES[language] for ids in voice.phoneme_ids(text)]
    cut = max(
        float(np.abs(whole.speak(ids, steady) - split.decode(split.frames(ids, steady), steady)).max())
        for ids in sentences
    )
    print(f"the cut itself, without noise: largest error {cut:.1e}")
    checked = split.context_frames
    for split.context_frames in sorted({4, 6, 8, 10, 12, 16, checked}):
        worst, joins = 0.0, 0
        for ids in sentences:
            frames = split.frames(ids, delivery)
            for plan in (PIECES, PARTS, (24,)):
                pieces = [*split.decode_in_pieces(frames, delivery, plan)]
                joins += len(pieces) - 1
                worst = max(worst, float(np.abs(np.concatenate(pieces) - split.decode(frames, delivery)).max()))
        print(f"context of {split.context_frames:2} frames: largest error over {joins} joins {worst:.1e}")
    split.context_frames = checked


@dataclass
class Traffic:
    """What a number of calls heard."""

    first_ms: list[float] = field(default_factory=list)
    gaps_ms: list[float] = field(default_factory=list)
    spoken_seconds: float = 0.0


async def one_call(mouth: Mouth, language: str, until: float, traffic: Traffic, chance: random.Random) -> None:
    """Speak a reply, listen about as long, and again."""
    await asyncio.sleep(chance.uniform(0, 18))  # a reply and the listening after it
    while time.monotonic() < until:
        asked, played_until, begun = time.monotonic(), 0.0, time.monotonic()
        for sentence in chance.sample(SENTENCES[language], 3):
            ahead = max(0.0, played_until - time.monotonic())
            async for chunk in mouth.stream(sentence, language, rate_hz=RATE_HZ, ahead_seconds=ahead):
                now = time.monotonic()
                if not played_until:
                    traffic.first_ms.append((now - asked) * 1e3)
                elif now > played_until:
                    traffic.gaps_ms.append((now - played_until) * 1e3)
                played_until = max(now, played_until) + chunk.duration_seconds
                traffic.spoken_seconds += chunk.duration_seconds
        await asyncio.sleep(max(0.0, played_until - time.monotonic()))
        await asyncio.sleep(chance.uniform(0.5, 1.5) * (played_until - begun))


async def many_calls(mouth: Mouth, language: str, calls: int, seconds: float, workers: int) -> None:
    """Print what `calls` heard in `seconds`."""
    traffic, cpu, until = Traffic(), time.process_time(), time.monotonic() + seconds
    await asyncio.gather(*(one_call(mouth, language, until, traffic, random.Random(seed)) for seed in range(calls)))
    used = time.process_time() - cpu
    p50, p95 = quantiles(traffic.first_ms)
    gaps = f"{len(traffic.gaps_ms)} (worst {max(traffic.gaps_ms, default=0):.0f} ms)"
    print(f"{calls} calls, workers {workers}: n={len(traffic.first_ms)} replies, {traffic.spoken_seconds:.0f} s spoken")
    print(f"    first sound p50 {p50:.0f} p95 {p95:.0f} max {max(traffic.first_ms):.0f} ms; gaps {gaps}")
    print(f"    CPU {used / traffic.spoken_seconds:.3f} s per second spoken")


async def measure(arguments: argparse.Namespace, cache_folder: Path) -> None:
    """Run everything for one language."""
    language, store = arguments.language, ModelStore(arguments.models)
    model_id = DEFAULT_VOICES[language]
    voice = PiperVoice(store.folder_of(model_id), model_id)
    if voice.gain is None:
        print(f"{model_id} cannot be streamed")
        return
    model = next(iter(sorted(store.folder_of(model_id).rglob("*.onnx")))).read_bytes()
    whole = WholeNetwork(model)
    join_errors(SplitNetwork(model), whole, voice, language)
    for workers in arguments.workers:
        settings = MouthSettings(cache_folder=cache_folder, workers=workers)
        mouth = Mouth(store, settings, open_voice=lambda _store, _model: voice)
        await mouth.start([language])
        if workers == arguments.workers[0]:
            await compare(mouth, voice, whole, language, arguments.repeats)
        if arguments.calls:
            await many_calls(mouth, language, arguments.calls, arguments.seconds, workers)
        await mouth.close()


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", choices=sorted(SENTENCES), default="en")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--calls", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--workers", type=int, nargs="+", default=[1])
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache" / "voicebot" / "models")
    with tempfile.TemporaryDirectory() as cache_folder:
        asyncio.run(measure(parser.parse_args(), Path(cache_folder)))


if __name__ == "__main__":
    main()
