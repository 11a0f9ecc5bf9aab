"""How well our own voice is taken out of the microphone, in synthetic rooms with recorded voices.

python -m benchmarks.echo FOLDER      # of recordings; two voices are made of its WAV files
"""

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.ears_path import read_wav
from speech.resampling import resample
from telephony.echo import FRAME, RATE_HZ, EchoCanceller

SECONDS = 30
NOISE_RMS, VOICE_RMS = 20.0, 2000.0
DOUBLE_TALK = (10, 15)
# Delay in ms, echo relative to the voice in dB, whether the loudspeaker distorts, whether a caller talks over it.
ROOMS = (
    (20, -12, False, False),
    (60, -6, False, False),
    (60, -6, False, True),
    (150, 0, False, False),
    (300, -6, True, False),
    (60, 0, True, True),
)

Signal = npt.NDArray[np.float64]


def main() -> int:
    """Print one line per room."""
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    recordings = sorted(Path(sys.argv[1]).rglob("*.wav"))
    bot = voice([path for path in recordings if "asterisk" in str(path)] or recordings)
    caller = voice([path for path in recordings if "speech" in str(path)] or recordings[::-1])
    for room in ROOMS:
        measure(bot, caller, *room)
    return 0


def voice(recordings: list[Path]) -> Signal:
    """Half a minute of speech at 16 kHz, at a level of -24 dBFS; repeated when there is less."""
    parts: list[Signal] = []
    while sum(map(len, parts)) < SECONDS * RATE_HZ:
        rate_hz, samples = read_wav(recordings[len(parts) % len(recordings)])
        parts.append(resample(samples, rate_hz, RATE_HZ).astype(np.float64))
    sound = np.concatenate(parts)[: SECONDS * RATE_HZ]
    return sound * (VOICE_RMS / float(np.sqrt(np.mean(sound**2))))


def room_response(delay_ms: float, gain_db: float, rng: np.random.Generator) -> Signal:
    """Delay, direct sound, and reverberation of the same energy with an RT60 of 0.2 s."""
    at = np.arange(RATE_HZ // 5) / RATE_HZ
    response = rng.normal(0, 1, len(at)) * np.exp(-6.9 * at / 0.2)
    response[0] = np.sqrt(np.sum(response**2))
    response *= 10 ** (gain_db / 20) / np.sqrt(np.sum(response**2))
    return np.concatenate([np.zeros(round(delay_ms * RATE_HZ / 1000)), response])


def measure(bot: Signal, caller: Signal, delay_ms: float, gain_db: float, distorts: bool, double_talk: bool) -> None:
    """One room: how much quieter the microphone becomes, and what becomes of a caller who talks at the same time."""
    rng = np.random.default_rng(1)
    loudspeaker = np.tanh(bot / 8000) * 8000 if distorts else bot
    echo = np.convolve(loudspeaker, room_response(delay_ms, gain_db, rng))[: len(bot)]
    near = np.zeros(len(bot))
    if double_talk:
        both = part(near, *DOUBLE_TALK)
        both += part(caller, *DOUBLE_TALK)
    heard = (echo + near + rng.normal(0, NOISE_RMS, len(bot))).clip(-32768, 32767).astype(np.int16)
    played = bot.clip(-32768, 32767).astype(np.int16)
    canceller, began = EchoCanceller(), time.process_time()
    frames = [canceller.process(heard[i : i + FRAME], played[i : i + FRAME]) for i in range(0, len(heard), FRAME)]
    cpu_ms = (time.process_time() - began) / len(frames) * 1000
    clean = np.concatenate(frames).astype(np.float64)[FRAME:]
    drops = [level_db(part(heard, *span)) - level_db(part(clean, *span)) for span in ((2, 5), (5, 10), (20, 29))]
    line = f"{delay_ms:>3} ms {gain_db:>4} dB {'distorting' if distorts else 'clean':<10} "
    line += "2-5 s {:4.1f} dB, 5-10 s {:4.1f} dB, 20-29 s {:4.1f} dB".format(*drops)
    if double_talk:
        wanted, got = part(near, *DOUBLE_TALK), part(clean, *DOUBLE_TALK)
        kept = float(got @ wanted / (wanted @ wanted))
        before = level_db(wanted) - level_db(part(echo, *DOUBLE_TALK))
        after = level_db(kept * wanted) - level_db(got - kept * wanted)
        line += f"; caller {20 * np.log10(kept):+.1f} dB, {after - before:+.1f} dB against the echo"
    print(f"{line}; found {canceller.delay_seconds}, {cpu_ms:.2f} ms CPU per frame")


def part(sound: npt.NDArray[Any], start: float, end: float) -> npt.NDArray[Any]:
    """A stretch given in seconds."""
    return sound[round(start * RATE_HZ) : round(end * RATE_HZ)]


def level_db(sound: npt.NDArray[Any]) -> float:
    """Mean level."""
    return 10 * float(np.log10(np.mean(np.asarray(sound, dtype=np.float64) ** 2) + 1e-3))


if __name__ == "__main__":
    raise SystemExit(main())
