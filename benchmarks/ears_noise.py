"""How much text the ears accept where nobody speaks: silence, line noise, tones, hold music, noise of rooms.

    python -m benchmarks.ears_noise FOLDER [--music FOLDER] [--models FOLDER] [--json FILE]

FOLDER holds WAV files of noise and hold music (names with "coffee" count as babble and are reported apart, since people
do speak in them). Everything goes over the telephone line, through `Ear` and through the recogniser, once for each
language and once with the language to be found. The answer should be zero.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.ears_path import LINE_HZ, hear_all, open_store, over_the_phone, read_wav
from speech.audio import Pcm16, Samples
from speech.recogniser import Recogniser, RecogniserSettings
from speech.resampling import resample
from speech.vad import open_vads

MODES = (("nb",), ("en",), ("uk",), ("nb", "en", "uk"))
_SECONDS = 30


def synthetic_sounds() -> Iterator[tuple[str, Samples]]:
    """Sounds a telephone line makes by itself: float32 at 8 kHz, 30 s each, the same on every run."""
    rng = np.random.default_rng(7)
    n = _SECONDS * LINE_HZ
    t = (np.arange(n) / LINE_HZ).astype(np.float32)
    white = rng.normal(0, 1, n)
    brown = np.cumsum(rng.normal(0, 1, n))
    brown = (brown - np.convolve(brown, np.ones(800) / 800, "same")) / 12
    yield "silence", np.zeros(n, np.float32)
    for level in (-66, -50, -40, -30, -20):
        yield f"white {level} dBFS", _f32(white * 10 ** (level / 20))
    for level in (-45, -25):
        yield f"brown {level} dBFS", _f32(brown / np.std(brown) * 10 ** (level / 20))
    yield "hum", _f32(sum(0.1 / k * np.sin(2 * np.pi * 50 * k * t) for k in range(1, 12)) + 0.001 * white)
    yield "ringing", _f32(0.2 * np.sin(2 * np.pi * 425 * t) * (t % 5 < 1))
    yield "ringing, American", _f32(0.1 * (np.sin(2 * np.pi * 440 * t) + np.sin(2 * np.pi * 480 * t)) * (t % 6 < 2))
    yield "busy", _f32(0.2 * np.sin(2 * np.pi * 425 * t) * (t % 1 < 0.5))
    yield "fax", _f32(0.2 * np.sin(2 * np.pi * 1100 * t) * (t % 3.5 < 0.5))
    yield "sweep", _f32(0.2 * np.sin(2 * np.pi * (300 + 1500 * (1 + np.sin(t / 2))) * t / 3))
    yield "keypad", _f32(_keypad(t, rng))
    yield "clicks", _f32(_bursts(rng, n, per_second=3, seconds=0.002) * 0.5 + 0.0003 * white)
    yield "knocks", _f32(_bursts(rng, n, per_second=1.5, seconds=0.03) * 0.4 + 0.0003 * white)
    yield "breaths", _f32(white * 0.03 * np.clip(np.sin(2 * np.pi * t / 3.1), 0, 1) ** 2)
    yield "wind", _f32(brown / np.std(brown) * 0.1 * (1 + np.sin(2 * np.pi * t / 2.3)) ** 2 / 4)
    yield "lost packets", _f32(white * 0.05 * (rng.random(n // 160 + 1) > 0.4).repeat(160)[:n])


def _f32(values: object) -> Samples:
    return np.asarray(values, np.float32)


def _keypad(t: Samples, rng: np.random.Generator) -> Samples:
    low, high = (697, 770, 852, 941), (1209, 1336, 1477)
    sound: Samples = np.zeros_like(t)
    for start in np.arange(0, _SECONDS, 0.4):
        pressed = (t >= start) & (t < start + 0.15)
        row, column = rng.choice(low), rng.choice(high)
        sound += pressed * 0.15 * (np.sin(2 * np.pi * row * t) + np.sin(2 * np.pi * column * t))
    return sound


def _bursts(rng: np.random.Generator, n: int, per_second: float, seconds: float) -> Samples:
    sound = np.zeros(n, np.float32)
    length = int(seconds * LINE_HZ)
    decay = np.exp(-np.arange(length) / (length / 4))
    for start in rng.integers(0, n - length, int(per_second * _SECONDS)):
        sound[start : start + length] += rng.normal(0, 1, length) * decay * rng.uniform(0.2, 1)
    return sound


def recorded_sounds(folder: Path) -> Iterator[tuple[str, Samples]]:
    """Each recording as it is, and three times varied in speed and loudness: float32 at 8 kHz."""
    for path in sorted(folder.glob("*.wav")):
        rate_hz, samples = read_wav(path)
        plain = resample(samples, rate_hz, LINE_HZ)
        if len(plain) < 5 * LINE_HZ:
            plain = np.tile(plain, -(-10 * LINE_HZ // len(plain)))
        yield path.stem, plain
        for speed, gain_db in ((0.93, -12.0), (1.08, 5.0), (1.0, -25.0)):
            varied = resample(plain, round(LINE_HZ * speed), LINE_HZ) * 10 ** (gain_db / 20)
            yield f"{path.stem} x{speed} {gain_db:+.0f} dB", np.clip(varied, -1, 1).astype(np.float32)


def long_music(folder: Path) -> Iterator[tuple[str, Samples]]:
    """Hold music at full length, two minutes of each file from its middle: float32 at 8 kHz."""
    for path in sorted(folder.glob("*.wav")):
        rate_hz, samples = read_wav(path)
        middle, half = len(samples) // 2, 60 * rate_hz
        yield f"moh {path.stem}", resample(samples[max(0, middle - half) : middle + half], rate_hz, LINE_HZ)


async def measure(arguments: argparse.Namespace) -> list[dict[str, object]]:
    """Run everything; one row for each sound, utterance and mode."""
    store = open_store(arguments.models)
    vads = open_vads(store)
    recogniser = Recogniser(store, RecogniserSettings())
    await recogniser.start()
    rows: list[dict[str, object]] = []
    minutes = {False: 0.0, True: 0.0}
    sounds = [*synthetic_sounds(), *recorded_sounds(arguments.folder)]
    if arguments.music:
        sounds += long_music(arguments.music)
    for name, samples in sounds:
        pcm: Pcm16 = over_the_phone(samples, LINE_HZ)
        babble = "coffee" in name
        minutes[babble] += len(pcm) / LINE_HZ / 60
        utterances = list(hear_all(pcm, vads))
        for utterance in utterances:
            for languages in MODES:
                transcript = await recogniser.transcribe(utterance, languages)
                evidence = asdict(utterance.evidence) if utterance.evidence else {}
                rows.append(
                    {"sound": name, "babble": babble, "languages": "+".join(languages)} | evidence | asdict(transcript)
                )
    await recogniser.close()
    report(rows, minutes)
    return rows


def report(rows: list[dict[str, object]], minutes: dict[bool, float]) -> None:
    """Print the counts, and every accepted text."""
    for babble in (False, True):
        mine = [row for row in rows if row["babble"] == babble]
        accepted = [row for row in mine if row["rejected"] is None]
        print(
            f"{'with' if babble else 'without'} voices: {minutes[babble]:.1f} minutes, "
            f"{len(mine) // len(MODES)} triggers, {len(accepted)} accepted texts in {len(MODES)} language modes"
        )
        for row in accepted:
            print(f"    {row['sound']} [{row['languages']}]: {row['text']!r}")


def main() -> None:
    """Read the arguments, measure, write the rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--music", type=Path, help="folder of long WAV files of hold music")
    parser.add_argument("--models", type=Path, help="model store, ~/.cache/voicebot/models by default")
    parser.add_argument("--json", type=Path, help="where to write one row for each decision")
    arguments = parser.parse_args()
    rows = asyncio.run(measure(arguments))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
