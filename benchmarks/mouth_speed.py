"""How fast the mouth speaks: synthesis per sentence length, real-time factor, cache hits, writing out numbers.

    python benchmarks/mouth_speed.py [--language en] [--repeats 20] [--models FOLDER]

Prints p50 and p95 over the repeats. The voice is the configured one when its model is in the folder, else espeak-ng;
the line rate is 8 kHz.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from speech.audio import AudioChunk
from speech.models import ModelStore
from speech.mouth import Mouth, MouthSettings
from speech.spoken_forms import spell_out

RATE_HZ = 8_000
SENTENCES = {
    "en": (
        "Sure.",
        "Let me check that.",
        "Your parcel usually arrives within three working days.",
        "You can return what you bought within thirty days, and we pay the money back to the card that you used.",
    ),
    "nb": (
        "Ja.",
        "Det skal jeg sjekke.",
        "Pakken kommer vanligvis fram innen tre virkedager.",
        "Du kan sende tilbake det du har kjøpt innen tretti dager, og vi betaler pengene tilbake til kortet du brukte.",
    ),
    "uk": (
        "Так.",
        "Зараз перевірю.",
        "Посилка зазвичай прибуває протягом трьох робочих днів.",
        "Ви можете повернути товар протягом тридцяти днів, і ми повернемо гроші на картку, якою ви платили.",
    ),
}
WITH_VALUES = {
    "en": "{AB1234|id} costs {1499.50|nok} and comes on {2026-12-24|date} at {14:30|time}; call {92243711|phone}.",
    "nb": "Ordre {AB1234|id} koster {1499.50|nok} og kommer {2026-12-24|date} kl. {14:30|time}; ring {92243711|phone}.",
    "uk": "{AB1234|id} коштує {1499.50|nok} і прибуде {2026-12-24|date} о {14:30|time}; тел. {92243711|phone}",
}


async def timed(repeats: int, say: Callable[[], Awaitable[AudioChunk]]) -> tuple[list[float], float]:
    """Milliseconds of each repeat, and the seconds of audio of the last one."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        chunk = await say()
        times.append((time.perf_counter() - begun) * 1e3)
    return times, chunk.duration_seconds


def row(name: str, times: list[float], audio_seconds: float | None = None) -> str:
    """One line of the report."""
    ordered = sorted(times)
    p50, p95 = statistics.median(ordered), ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    speech = f"{audio_seconds:6.2f} s  {p50 / 1e3 / audio_seconds:6.3f} rtf" if audio_seconds else ""
    return f"{name:28} n={len(times):3}  p50 {p50:8.2f} ms  p95 {p95:8.2f} ms  {speech}"


async def measure(language: str, repeats: int, models: Path, cache_folder: Path) -> None:
    """Run all measurements for one language and print them."""
    mouth = Mouth(ModelStore(models), MouthSettings(cache_folder=cache_folder))
    begun = time.perf_counter()
    await mouth.start([language])
    print(f"voice {mouth.voice_of(language).model}, loaded and warm after {time.perf_counter() - begun:.2f} s")
    for sentence in SENTENCES[language]:
        times, seconds = await timed(repeats, partial(mouth.say, sentence, language, rate_hz=RATE_HZ))
        print(row(f"synthesis, {len(sentence)} characters", times, seconds))
    longest = SENTENCES[language][-1]
    await mouth.say(longest, language, rate_hz=RATE_HZ, keep=True)
    times, _ = await timed(repeats, partial(mouth.say, longest, language, rate_hz=RATE_HZ))
    print(row("phrase cache, memory", times))
    await mouth.close()
    times = []
    for _ in range(min(repeats, 5)):
        fresh = Mouth(ModelStore(models), MouthSettings(cache_folder=cache_folder))
        await fresh.start([language])
        once, _ = await timed(1, partial(fresh.say, longest, language, rate_hz=RATE_HZ))
        times += once
        await fresh.close()
    print(row("phrase cache, disk", times))
    times = []
    for _ in range(repeats * 10):
        begun = time.perf_counter()
        spell_out(WITH_VALUES[language], language)
        times.append((time.perf_counter() - begun) * 1e3)
    print(row("writing out five values", times))


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", choices=sorted(SENTENCES), default="en")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache" / "voicebot" / "models")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache_folder:
        asyncio.run(measure(arguments.language, arguments.repeats, arguments.models, Path(cache_folder)))


if __name__ == "__main__":
    main()
