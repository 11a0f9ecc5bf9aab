"""`python -m benchmarks.turns_dialog [BOT]`: can the dialog tell a whole request from half of one?

Takes what callers say in the bot's own scripts where an article is due, whole and cut behind 40 to 70 % of its words,
and counts how often the dialog is so sure of an answer that the turn would end early (`speech/endpointing.py`,
`understood_ms`). A whole request that is not understood costs the caller half a second; a half that is, is cut into
when the caller pauses there.
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import yaml

from dialog import Engine, load_bot
from dialog.events import CallBegan, CallerSaid, Decision
from speech.turn_cues import Reading, read
from voicebot.caller_speech import ANSWERS, SURE_SCORE
from voicebot.config import load_config

LEVELS = (0.5, 0.8, 0.9, 0.95, SURE_SCORE, 0.99)
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
CUTS = 3


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bot", type=Path, nargs="?", default=Path("bots/nordlys"))
    folder: Path = parser.parse_args().bot
    engine = Engine(load_bot(folder), load_config(None).speech.cache_folder / "dialog")
    chance = random.Random(7)
    print(f"{'':4}{'surer than':>12}{'whole':>18}{'half':>18}")
    for language, requests in sorted(asked(folder).items()):
        state, _ = engine.respond(engine.new_state(), CallBegan(language), NOW)

        def decided(text: str, language: str = language, state: object = state) -> tuple[str, Decision]:
            return text, engine.respond(state, CallerSaid(text, language, 0.9), NOW)[1].decision  # type: ignore[arg-type]

        whole = [decided(request) for request in requests]
        half = [decided(part) for request in requests for part in halves(request, chance)]
        for level in LEVELS:
            print(f"{language:4}{level:>12}{share(whole, level):>18}{share(half, level):>18}")
    return 0


def asked(folder: Path) -> dict[str, list[str]]:
    """What callers say in the bot's scripts where an article is due, by language, each once."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted((folder / "tests").glob("*.yaml")):
        for script in yaml.safe_load(file.read_text(encoding="utf-8")):
            for turn in script["turns"]:
                said, due = str(turn.get("caller", "")), turn.get("bot")
                if isinstance(due, dict) and "article" in due and len(said.split()) > 2:
                    found[script.get("language", "nb")].append(said)
    return {language: list(dict.fromkeys(texts)) for language, texts in found.items()}


def halves(request: str, chance: random.Random) -> list[str]:
    """The beginning of a request, cut at a few places; nothing of a short one."""
    words = request.rstrip("?.!").split()
    if len(words) < 5:
        return []
    return [" ".join(words[: max(2, round(len(words) * chance.uniform(0.4, 0.7)))]) + "." for _ in range(CUTS)]


def share(decisions: Sequence[tuple[str, Decision]], level: float) -> str:
    """How many would end the turn early."""
    early = sum(
        decision.rule in ANSWERS and (decision.score or 0) >= level and read(text) is not Reading.UNFINISHED
        for text, decision in decisions
    )
    return f"{early} of {len(decisions)} ({100 * early / max(1, len(decisions)):.0f} %)"


if __name__ == "__main__":
    raise SystemExit(main())
