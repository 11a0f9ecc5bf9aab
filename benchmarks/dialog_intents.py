"""How well few examples teach intents: `python -m benchmarks.dialog_intents DATA [--seeds N] [--cache FOLDER]`.

Each intent of a set becomes an article with that many example questions, and the bot's own understanding ranks them for
sentences that are not among the examples. Means over seeds; in brackets the lowest. Out of scope is judged by the score
of the first: area under the curve, the bot's own questions against strangers.
"""

import argparse
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.dialog_sets import Trial, banking, bot_of, clinc, massive, norsid
from dialog.embedding import Embedder
from dialog.text import words
from dialog.understanding import Understanding

BANKING_ASKED = 1500


def main(arguments: Sequence[str] | None = None) -> int:
    """Print accuracy and area under the curve beside their targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the sets")
    parser.add_argument("--seeds", type=int, default=3, help="samples of examples")
    parser.add_argument("--cache", type=Path, help="folder for embeddings")
    chosen = parser.parse_args(arguments)
    trials: list[tuple[str, Callable[[int], Trial], str]] = [
        ("MASSIVE bokmål, 10 examples", partial(massive, chosen.data, 10), ">= 84 %"),
        ("MASSIVE bokmål, 20 examples", partial(massive, chosen.data, 20), ">= 89 %"),
        ("NorSID, 10 examples in bokmål", partial(norsid, chosen.data, 10), "worst dialect >= 87 %"),
        ("CLINC150, 10 examples", partial(clinc, chosen.data, 10), ">= 90 %, AUROC >= 96 %"),
        ("BANKING77, 10 examples", partial(_banking, chosen.data, 10), "no target"),
    ]
    embedder = Embedder()
    for name, make, target in trials:
        found: dict[str, list[float]] = defaultdict(list)
        for seed in range(chosen.seeds):
            for key, value in _run(make(seed), embedder, chosen.cache).items():
                found[key].append(value)
        shown = ", ".join(f"{key} {statistics.mean(each):.1f} ({min(each):.1f})" for key, each in found.items())
        print(f"{name}: {shown}; target {target}", flush=True)
    return 0


def _banking(data: Path, count: int, seed: int) -> Trial:
    return banking(data, count, seed, BANKING_ASKED)


def _run(trial: Trial, embedder: Embedder, cache: Path | None) -> dict[str, float]:
    understanding = Understanding(bot_of(trial.examples, trial.language), embedder, cache)
    right: dict[str, list[bool]] = defaultdict(list)
    third: list[bool] = []
    inside: list[float] = []
    outside: list[float] = []
    for asked in trial.asked:
        ranked = understanding.rank(words(asked.text), trial.language)
        best = ranked.best
        score = best.score if best else 0.0
        if not asked.wanted:
            outside.append(score)
            continue
        inside.append(score)
        right[asked.group or "accuracy"].append(best is not None and best.article == asked.wanted)
        third.append(asked.wanted in [candidate.article for candidate in ranked.candidates])
    found = {group: 100 * statistics.mean(each) for group, each in sorted(right.items())}
    found["in the first three"] = 100 * statistics.mean(third)
    if outside:
        found["AUROC"] = 100 * area(inside, outside)
    return found


def area(higher: Sequence[float], lower: Sequence[float]) -> float:
    """How often a number of the first is above one of the second; a tie is half."""
    above = sum((one > other) + 0.5 * (one == other) for one in higher for other in lower)
    return above / (len(higher) * len(lower))


if __name__ == "__main__":
    sys.exit(main())
