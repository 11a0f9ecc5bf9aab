"""How well a bot answers, and how well it stays silent: `python -m benchmarks.dialog_faq BOT DATA`.

In scope: every example question of the articles, left out of its own article (in five parts, so that each article keeps
four fifths of its questions). They were written by the people who wrote the other questions of the article: real
callers are further off. Out of scope: sets from the data folder in which nothing, or next to nothing, is about the bot.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.dialog_sets import BANKING, CLINC, MASSIVE, rows
from dialog import Bot, Engine, load_bot
from dialog.bot import Article
from dialog.events import CallBegan, CallerSaid, Decision

PARTS = 5
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
OUTSIDE: tuple[tuple[str, str, str, str, dict[str, str]], ...] = (
    ("smart home, nb", "nb", "oos_homeassistant_nb_uk/sentences.jsonl", "text", {"lang": "nb"}),
    ("smart home, uk", "uk", "oos_homeassistant_nb_uk/sentences.jsonl", "text", {"lang": "uk"}),
    ("smart assistant, nb", "nb", MASSIVE, "text_nb", {}),
    ("encyclopaedia questions, nb", "nb", "no_questions_norquad/validation_questions.jsonl", "question", {}),
    ("CLINC150 out of scope, en", "en", CLINC, "text", {"domain": "oos"}),
    ("CLINC150 travel, en", "en", CLINC, "text", {"domain": "travel"}),
    ("CLINC150 kitchen, en", "en", CLINC, "text", {"domain": "kitchen_and_dining"}),
    ("BANKING77, en (near: money, cards, refunds)", "en", BANKING, "text", {}),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print answered, offered as a choice, and not known, per set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bot", type=Path)
    parser.add_argument("data", type=Path, nargs="?", help="folder with the out-of-scope sets")
    parser.add_argument("--cache", type=Path, help="folder for embeddings")
    parser.add_argument("-n", type=int, default=150, help="sentences per out-of-scope set")
    chosen = parser.parse_args(arguments)
    bot = load_bot(chosen.bot)
    print("in scope: right | wrong | choice with the right one | without it | not known or a rule")
    _in_scope(bot, chosen.cache)
    if chosen.data:
        print("out of scope: answered or begun | choice | not known or a rule")
        _out_of_scope(bot, chosen.cache, chosen.data, chosen.n)
    return 0


def _in_scope(bot: Bot, cache: Path | None) -> None:
    asked = [
        (article.id, language, question)
        for article in bot.articles
        for language, listed in article.questions.items()
        for question in listed
    ]
    random.Random(0).shuffle(asked)
    counts = {language: Counter[str]() for language in bot.languages}
    for part in range(PARTS):
        held_out = asked[part::PARTS]
        engine = Engine(_without(bot, {question for _, _, question in held_out}), cache)
        for article, language, question in held_out:
            counts[language][_outcome(_decided(engine, question, language), _topic(bot, article), bot)] += 1
    for language, count in counts.items():
        total = sum(count.values())
        shares = " | ".join(f"{count[key] / total:.1%}" for key in ("right", "wrong", "offered", "missed", "unknown"))
        print(f"  {language} n={total}: {shares}", flush=True)


def _without(bot: Bot, questions: set[str]) -> Bot:
    def rest(article: Article) -> Article:
        kept = {
            language: tuple(question for question in listed if question not in questions)
            for language, listed in article.questions.items()
        }
        return replace(article, questions=kept)

    return replace(bot, articles=tuple(rest(article) for article in bot.articles))


def _topic(bot: Bot, article: str) -> str:
    """The flow that takes an article's place, or the article."""
    return next((flow.id for flow in bot.flows if article in flow.articles), article)


def _decided(engine: Engine, text: str, language: str) -> Decision:
    state, _ = engine.respond(engine.new_state(), CallBegan(language), NOW)
    return engine.respond(state, CallerSaid(text, language, 0.9), NOW)[1].decision


def _outcome(decision: Decision, wanted: str, bot: Bot) -> str:
    taken = decision.details.get("flow") or (_topic(bot, decision.article) if decision.article else None)
    choice = decision.details.get("choice")
    if taken is not None:
        return "right" if taken == wanted else "wrong"
    if isinstance(choice, list):
        return "offered" if wanted in choice else "missed"
    return "unknown"


def _out_of_scope(bot: Bot, cache: Path | None, data: Path, size: int) -> None:
    engine = Engine(bot, cache)
    for name, language, file, field, wanted in OUTSIDE:
        if not (data / file).exists():
            print(f"  {name}: {file} is not there")
            continue
        found = [row[field] for row in rows(data / file) if all(row[key] == value for key, value in wanted.items())]
        random.Random(0).shuffle(found)
        count = Counter(_outcome(_decided(engine, text, language), "", bot) for text in found[:size])
        total = sum(count.values())
        shares = " | ".join(f"{count[kind] / total:.1%}" for kind in ("wrong", "missed", "unknown"))
        print(f"  {name} n={total}: {shares}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
