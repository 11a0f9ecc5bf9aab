"""How well articles are found, and how well the bot stays silent: `python -m benchmarks.dialog_faq BOT DATA`.

In scope: every example question of the bot, left out of its own article (in five parts, so that each article keeps four
fifths of its questions). They were written by the people who wrote the other questions of the article: real callers are
further off. Out of scope: sets from the data folder in which nothing, or next to nothing, is about the bot.
"""

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from dialog import Bot, load_bot
from dialog.bot import Article
from dialog.commands import CannotAnswer, Command, OfferChoice, Quote
from dialog.embedding import Embedder
from dialog.engine import background
from dialog.knowledge import Knowledge
from dialog.phrases import built_in_phrases
from dialog.producers import by_knowledge

PARTS = 5
OUTSIDE: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("smart home, nb and uk", "oos_homeassistant_nb_uk/sentences.jsonl", "text", {}),
    ("smart assistant, nb", "nlu_massive_nb_subset/data.jsonl", "text_nb", {}),
    ("encyclopaedia questions, nb", "no_questions_norquad/validation_questions.jsonl", "question", {}),
    ("CLINC150 out of scope, en", "nlu_clinc150/train_val.jsonl", "text", {"domain": "oos"}),
    ("CLINC150 travel, en", "nlu_clinc150/train_val.jsonl", "text", {"domain": "travel"}),
    ("CLINC150 kitchen, en", "nlu_clinc150/train_val.jsonl", "text", {"domain": "kitchen_and_dining"}),
    ("BANKING77, en (near: money, cards, refunds)", "nlu_banking77/train.jsonl", "text", {}),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print answered, offered as a choice, and not known, per set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bot", type=Path)
    parser.add_argument("data", type=Path, nargs="?", help="folder with the out-of-scope sets")
    parser.add_argument("--cache", type=Path, help="folder for embeddings")
    parser.add_argument("-n", type=int, default=150, help="sentences per out-of-scope set")
    chosen = parser.parse_args(arguments)
    bot, embedder = load_bot(chosen.bot), Embedder()
    print("in scope: right answer | wrong answer | choice with the right one | without it | not known; hit@1")
    _in_scope(bot, embedder, chosen.cache)
    if chosen.data:
        print("out of scope: answered | choice | not known")
        _out_of_scope(bot, embedder, chosen.cache, chosen.data, chosen.n)
    return 0


def _in_scope(bot: Bot, embedder: Embedder, cache: Path | None) -> None:
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
        knowledge = Knowledge(_without(bot, {question for _, _, question in held_out}), background(), embedder, cache)
        for article, language, question in held_out:
            command = _ask(knowledge, bot, question)
            counts[language][_outcome(command, article)] += 1
            counts[language]["hit"] += _first(command) == article
    for language, count in counts.items():
        total = sum(count.values()) - count["hit"]
        shares = " | ".join(f"{count[key] / total:.1%}" for key in ("right", "wrong", "offered", "missed", "unknown"))
        print(f"  {language} n={total}: {shares}; {count['hit'] / total:.1%}")


def _without(bot: Bot, questions: set[str]) -> list[Article]:
    return [
        replace(
            article,
            questions={
                language: tuple(question for question in listed if question not in questions)
                for language, listed in article.questions.items()
            },
        )
        for article in bot.articles
    ]


def _ask(knowledge: Knowledge, bot: Bot, text: str) -> Command:
    return by_knowledge(built_in_phrases().hear(text), knowledge, bot.thresholds)


def _outcome(command: Command, article: str) -> str:
    match command:
        case Quote():
            return "right" if _first(command) == article else "wrong"
        case OfferChoice(articles=articles):
            return "offered" if article in articles else "missed"
        case _:
            return "unknown"


def _first(command: Command) -> str | None:
    if isinstance(command, Quote | OfferChoice | CannotAnswer) and command.ranked.best:
        return command.ranked.best.article
    return None


def _out_of_scope(bot: Bot, embedder: Embedder, cache: Path | None, data: Path, size: int) -> None:
    knowledge = Knowledge(bot.articles, background(), embedder, cache)
    for name, file, field, wanted in OUTSIDE:
        if not (data / file).exists():
            print(f"  {name}: {file} is not there")
            continue
        sentences = list(_sentences(data / file, field, wanted))
        random.Random(0).shuffle(sentences)
        count = Counter(type(_ask(knowledge, bot, sentence)).__name__ for sentence in sentences[:size])
        total = sum(count.values())
        shares = " | ".join(f"{count[kind] / total:.1%}" for kind in ("Quote", "OfferChoice", "CannotAnswer"))
        print(f"  {name} n={total}: {shares}")


def _sentences(file: Path, field: str, wanted: dict[str, str]) -> Iterator[str]:
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if all(row[key] == value for key, value in wanted.items()):
            yield row[field]


if __name__ == "__main__":
    sys.exit(main())
