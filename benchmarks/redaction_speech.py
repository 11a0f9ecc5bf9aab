"""What of a number is left after it went through speech: `python -m benchmarks.redaction_speech --bot FOLDER`.

An English voice says made-up numbers in carrier sentences, a telephone line (8 kHz, G.711) carries them, the bot's own
recogniser writes them down, right or wrong, and the redaction cuts out what it finds. "left" are transcripts in which
four digits in a row of the number can still be read; "heard" are those in which they could be read before.
"""

import argparse
import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.redaction_carriers import CARRIERS
from benchmarks.redaction_values import DIGITS, WAYS
from dialog.bot import Bot
from dialog.events import CallerSaid
from dialog.folder import load_bot
from dialog.language import LanguageSense
from dialog.redaction import redact
from dialog.slots.spoken_numbers import digit_strings
from dialog.state import State
from voicebot.config import load_config
from voicebot.script_speech import open_telephone

SAID = ("one by one", "said in pairs", "said in threes")
READABLE = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how many numbers were heard, and what of them is left; 1 when anything is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=40, help="sentences per kind of number")
    parser.add_argument("--bot", type=Path, required=True, help="a bot folder with English, for its languages")
    parser.add_argument("--show", action="store_true", help="print what is left")
    chosen = parser.parse_args(arguments)
    counts = asyncio.run(_counted(replace(load_bot(chosen.bot), languages=("en",)), chosen.n, chosen.show))
    for kind in DIGITS:
        heard, left, said = counts[kind, "heard"], counts[kind, "left"], counts[kind, "n"]
        print(f"{kind:12} n {said:4}   four digits heard {heard:4}   left {left:3}")
    return 1 if any(counts[kind, "left"] for kind in DIGITS) else 0


async def _counted(bot: Bot, count: int, show: bool) -> Counter[tuple[str, str]]:
    chance = random.Random(9)
    counts: Counter[tuple[str, str]] = Counter()
    state = State(("en",), LanguageSense("en"))
    async with open_telephone(load_config(), bot) as telephone:
        for kind in DIGITS:
            for _ in range(count):
                digits = DIGITS[kind]("en", chance)
                said = WAYS[chance.choice(SAID)](digits, "en", chance)
                event = await telephone(chance.choice(CARRIERS["en"][kind]).format(said), state)
                counts[kind, "n"] += 1
                if not isinstance(event, CallerSaid):
                    continue
                kept = redact(event.text, "en").text
                counts[kind, "heard"] += _readable(digits, event.text)
                counts[kind, "left"] += _readable(digits, kept)
                if show and _readable(digits, kept):
                    print(f"  {kind} {event.text!r} -> {kept!r}")
    return counts


def _readable(digits: str, text: str) -> bool:
    """True when some digits in a row of a number can be read in a text."""
    parts = [digits[at : at + READABLE] for at in range(len(digits) - READABLE + 1)]
    return any(part in reading for reading in digit_strings(text, "en") for part in parts)


if __name__ == "__main__":
    raise SystemExit(main())
