"""What is left of understanding after the telephone: `python -m benchmarks.dialog_misheard DATA --transcripts FILE`.

Queries of BANKING77 are said by Piper, go over a noisy telephone line and through Whisper; a bot with 10 examples per
intent then answers, offers a choice, or does not know. The transcripts are kept in FILE, because hearing takes minutes;
they hold words of the set, so keep them outside the project.
"""

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from benchmarks.caller_voice import caller_voice
from benchmarks.dialog_sets import Asked, banking, bot_of
from benchmarks.ears_path import hear_all, open_store
from dialog import Engine
from dialog.events import CallBegan, CallerSaid
from dialog.text import words
from speech.recogniser import Recogniser, RecogniserSettings
from speech.vad import open_vads
from telephony.g711 import decode_ulaw, encode_ulaw

EXAMPLES, SEED = 10, 0
NOISE_DB = 15.0
"""Speech above white noise, as a car or a street makes it."""

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how the engine answered, for what was written and for what was heard.

    Right, offered in a choice, named beside "I don't know", not known, and wrong: answered or offered something else.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the sets")
    parser.add_argument("--transcripts", type=Path, required=True, help="where what was heard is kept")
    parser.add_argument("-n", type=int, default=110, help="queries")
    parser.add_argument("--models", type=Path, help="model store, ~/.cache/voicebot/models by default")
    parser.add_argument("--cache", type=Path, help="folder for embeddings")
    chosen = parser.parse_args(arguments)
    trial = banking(chosen.data, EXAMPLES, SEED, chosen.n)
    known = json.loads(chosen.transcripts.read_text(encoding="utf-8")) if chosen.transcripts.exists() else {}
    missing = [asked.text for asked in trial.asked if asked.text not in known]
    if missing:
        known |= asyncio.run(_hear(missing, chosen.models))
        chosen.transcripts.write_text(json.dumps(known, ensure_ascii=False, indent=1), encoding="utf-8")
    heard = [Asked(known[asked.text], asked.wanted) for asked in trial.asked]
    print(f"BANKING77, {EXAMPLES} examples, n={len(heard)}, WER {_word_errors(trial.asked, heard):.1%}")
    engine = Engine(bot_of(trial.examples, "en", dict.fromkeys(trial.examples, "This is the answer.")), chosen.cache)
    _print("as written", engine, trial.asked)
    _print("after telephone and Whisper", engine, heard)
    print("target: right answer or clarification offered >= 95 % after telephone and Whisper")
    return 0


async def _hear(texts: Sequence[str], models: Path | None) -> dict[str, str]:
    """What the recogniser makes of texts that are spoken over a noisy line."""
    recogniser = Recogniser(open_store(models), RecogniserSettings())
    await recogniser.start()
    vads = open_vads(open_store(models))
    noise = np.random.default_rng(0)
    found = {}
    async with caller_voice() as speak:
        for text in texts:
            pcm = (await speak(text, "en")).astype(np.float32)
            level = float(np.sqrt(np.mean(pcm**2))) / 10 ** (NOISE_DB / 20)
            noisy = np.clip(pcm + noise.normal(0, level, len(pcm)), -32768, 32767).astype(np.int16)
            heard = [
                await recogniser.transcribe(utterance, ("en",))
                for utterance in hear_all(decode_ulaw(encode_ulaw(noisy)), vads)
            ]
            found[text] = " ".join(one.text for one in heard)
    await recogniser.close()
    return found


def _word_errors(asked: Sequence[Asked], heard: Sequence[Asked]) -> float:
    pairs = [(words(one.text), words(other.text)) for one, other in zip(asked, heard, strict=True)]
    return sum(Levenshtein.distance(said, got) for said, got in pairs) / sum(len(said) for said, _ in pairs)


def _print(name: str, engine: Engine, asked: Sequence[Asked]) -> None:
    counts = Counter(_outcome(engine, one) for one in asked)
    third = sum(_in_three(engine, one) for one in asked)
    kinds = ("right", "offered", "named", "unknown", "wrong")
    shares = ", ".join(f"{kind} {counts[kind] / len(asked):.1%}" for kind in kinds)
    good = sum(counts[kind] for kind in kinds[:3]) / len(asked)
    print(f"  {name}: {shares}; the first three together {good:.1%}; ranked first to third {third / len(asked):.1%}")


def _outcome(engine: Engine, asked: Asked) -> str:
    state, _ = engine.respond(engine.new_state(), CallBegan("en"), NOW)
    decision = engine.respond(state, CallerSaid(asked.text, "en", 0.9), NOW)[1].decision
    if decision.article is not None:
        return "right" if decision.article == asked.wanted else "wrong"
    choice, near = decision.details.get("choice"), decision.details.get("near")
    if isinstance(choice, list):
        return "offered" if asked.wanted in choice else "wrong"
    return "named" if isinstance(near, list) and asked.wanted in near else "unknown"


def _in_three(engine: Engine, asked: Asked) -> bool:
    ranked = engine.understanding.rank(words(asked.text), "en")
    return asked.wanted in [candidate.article for candidate in ranked.candidates]


if __name__ == "__main__":
    sys.exit(main())
