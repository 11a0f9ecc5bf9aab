"""How long a large bot takes to load and to answer: `python -m benchmarks.dialog_load DATA [--articles N] [--flows N]`.

Articles in four languages, each with three questions and an answer, and flows with four starts per language, all put
together of words from the UD treebanks: nobody would call them questions, but they are as many and as long. The bot is
built with an empty cache folder, then with what that left behind, and then asked.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.dialog_language import TREEBANKS
from benchmarks.dialog_sets import bot_of, rows
from dialog.bot import LANGUAGES, Article, Bot
from dialog.embedding import Embedder
from dialog.flows.flow import Flow
from dialog.text import words
from dialog.understanding import Understanding

QUESTIONS, STARTS, QUESTION_WORDS, ANSWER_WORDS, TITLE_WORDS = 3, 4, 8, 30, 2
COLD_TARGET_SECONDS, CACHED_TARGET_SECONDS, TURN_TARGET_MS = 20, 2, 30
TURNS = 300


def main(arguments: Sequence[str] | None = None) -> int:
    """Print times beside their targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the sets")
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--flows", type=int, default=40)
    chosen = parser.parse_args(arguments)
    bot = _bot(chosen.data, chosen.articles, chosen.flows)
    with tempfile.TemporaryDirectory() as folder:
        cold, _ = _timed(lambda: Understanding(bot, Embedder(), Path(folder)))
        cached, understanding = _timed(lambda: Understanding(bot, Embedder(), Path(folder)))
    print(f"{chosen.articles} articles x {len(LANGUAGES)} languages, {chosen.flows} flows: cold {cold:.1f} s")
    print(f"target <= {COLD_TARGET_SECONDS} s; cached {cached:.2f} s; target <= {CACHED_TARGET_SECONDS} s")
    asked = [question for article in bot.articles for listed in article.questions.values() for question in listed]
    turns = [words(question) for question in random.Random(1).sample(asked, TURNS)]
    times = [_cpu_ms(understanding, said) for said in turns]
    cuts = statistics.quantiles(times, n=20)
    print(f"one question, n={TURNS}: CPU p50 {statistics.median(times):.1f} ms, p95 {cuts[18]:.1f} ms")
    print(f"target: p95 <= {TURN_TARGET_MS} ms for the whole turn")
    return 0


def _bot(data: Path, articles: int, flows: int) -> Bot:
    chance = random.Random(0)
    said: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for row in rows(data / TREEBANKS):
        said[row["lang"]] += words(row["text"])

    def text(language: str, count: int) -> str:
        return " ".join(chance.sample(said[language], count))

    def several(count: int) -> dict[str, tuple[str, ...]]:
        return {language: tuple(text(language, QUESTION_WORDS) for _ in range(count)) for language in LANGUAGES}

    def each(count: int) -> dict[str, str]:
        return {language: text(language, count) for language in LANGUAGES}

    listed = tuple(
        Article(f"article-{index}", each(TITLE_WORDS), several(QUESTIONS), each(ANSWER_WORDS))
        for index in range(articles)
    )
    started = tuple(Flow(f"flow_{index}", each(TITLE_WORDS), several(STARTS), {}, ()) for index in range(flows))
    return replace(bot_of({}, "nb"), languages=LANGUAGES, articles=listed, flows=started)


def _timed(build: Callable[[], Understanding]) -> tuple[float, Understanding]:
    began = time.perf_counter()
    built = build()
    return time.perf_counter() - began, built


def _cpu_ms(understanding: Understanding, said: Sequence[str]) -> float:
    began = time.thread_time()
    understanding.rank(said, "nb")
    return (time.thread_time() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
