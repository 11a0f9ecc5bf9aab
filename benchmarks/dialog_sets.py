"""Bots made in memory of the sets in the data folder: an intent is an article with example questions."""

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dialog.bot import Article, Bot, Limits, Thresholds

MASSIVE = "nlu_massive_nb_subset/data.jsonl"
NORSID = "nlu_norsid_dialects/dev.jsonl"
CLINC = "nlu_clinc150/train_val.jsonl"
BANKING = "nlu_banking77/train.jsonl"
LEAST_LEFT = 3
"""Sentences that an intent must have beside its examples, or it is left out."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A sentence that is asked.

    Args:
        text: the sentence.
        wanted: its intent, or "" for one that the bot has nothing about.
        group: what results are told apart by.
    """

    text: str
    wanted: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """Examples to learn from, and sentences to ask; `language` is the one of both."""

    language: str
    examples: Mapping[str, Sequence[str]]
    asked: Sequence[Asked]


def rows(file: Path) -> list[dict[str, Any]]:
    """The lines of a JSONL file."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def bot_of(examples: Mapping[str, Sequence[str]], language: str, answers: Mapping[str, str] | None = None) -> Bot:
    """A bot that answers intents; the title of an article is the intent's name."""
    articles = tuple(
        Article(
            id=intent,
            titles={language: intent.replace("_", " ").replace("/", " ")},
            questions={language: tuple(listed)},
            answers={language: answers[intent]} if answers else {},
        )
        for intent, listed in sorted(examples.items())
    )
    return Bot(
        name="set",
        languages=(language,),
        voices={},
        greetings={language: "Hello."},
        disclosures={language: "This is a bot."},
        privacy={language: "Nothing is recorded."},
        topics={},
        hours=None,
        departments=(),
        articles=articles,
        limits=Limits(),
        thresholds=Thresholds(),
        wording={},
        content_version="",
    )


def massive(data: Path, count: int, seed: int) -> Trial:
    """MASSIVE bokmål: `count` examples per intent, the other sentences asked."""
    found = [(row["text_nb"], row["xsid_intent"]) for row in rows(data / MASSIVE)]
    return _split("nb", found, count, seed)


def banking(data: Path, count: int, seed: int, asked: int) -> Trial:
    """BANKING77."""
    trial = _split("en", [(row["text"], row["intent"]) for row in rows(data / BANKING)], count, seed)
    return Trial("en", trial.examples, random.Random(seed).sample(list(trial.asked), asked))


def norsid(data: Path, count: int, seed: int) -> Trial:
    """NorSID: examples in bokmål (of a small intent half of them), other prompts asked in all dialects."""
    found = rows(data / NORSID)
    by_intent: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in found:
        if row["dialect"] == "B":
            by_intent[row["intent"]].append(row)
    examples: dict[str, list[str]] = {}
    used: set[str] = set()
    for intent, listed in sorted(by_intent.items()):
        if len(listed) > LEAST_LEFT:
            taken = random.Random(seed).sample(listed, min(count, len(listed) // 2))
            examples[intent] = [row["text"] for row in taken]
            used |= {_prompt(row) for row in taken}
    asked = [Asked(row["text"], row["intent"], row["dialect"]) for row in found if _prompt(row) not in used]
    return Trial("nb", examples, [one for one in asked if one.wanted in examples])


def _prompt(row: Mapping[str, Any]) -> str:
    return str(row["id"]).split("/")[0]


def clinc(data: Path, count: int, seed: int) -> Trial:
    """CLINC150: examples of the training part, asked the validation part and everything out of scope."""
    found = rows(data / CLINC)
    inside = [row for row in found if row["intent"] != "oos"]
    train = [(row["text"], row["intent"]) for row in inside if row["split"] == "train"]
    asked = [Asked(row["text"], row["intent"]) for row in inside if row["split"] == "val"]
    asked += [Asked(row["text"], "") for row in found if row["intent"] == "oos"]
    return Trial("en", _split("en", train, count, seed).examples, asked)


def _split(language: str, found: Iterable[tuple[str, str]], count: int, seed: int) -> Trial:
    by_intent: dict[str, list[str]] = defaultdict(list)
    for text, intent in found:
        by_intent[intent].append(text)
    examples, asked = {}, []
    for intent, listed in sorted(by_intent.items()):
        texts = list(dict.fromkeys(listed))
        random.Random(seed).shuffle(texts)
        if len(texts) >= count + LEAST_LEFT:
            examples[intent] = texts[:count]
            asked += [Asked(text, intent) for text in texts[count:]]
    return Trial(language, examples, asked)
