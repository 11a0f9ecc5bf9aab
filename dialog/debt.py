"""Content debt: what a bot can live with today and its callers will notice some day. All of it is warnings.

What one article shows by itself (an overdue review, an answer too long to be spoken) is told when it is read; here is
what is seen only in the whole: topics that answer the same question, languages left behind, scripts that are missing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process

from dialog.articles import LONGEST_ANSWER_SECONDS
from dialog.bot import Bot, Department
from dialog.embedding import Embedder
from dialog.errors import Fault
from dialog.flows.flow import Say, every_step
from dialog.folder import KNOWLEDGE
from dialog.lexical import one_norwegian, word_tables
from dialog.markup import spoken_seconds
from dialog.script import Script
from dialog.scripts import FOLDER
from dialog.text import words

SAME_SENTENCE, SAME_WORD = 80.0, 80.0
"""rapidfuzz ratios, 0..100, of sorted sentences and of single words, from which two questions are the same one."""

SAME_MEANING = 0.8
"""Centred cosine of two questions from which they mean the same: meaning alone does not tell "start" from "end".

In Nordlys the nearest questions of two topics that are about different things have 0.79; what a flow and the article
whose place it takes are asked for with reaches 0.86 (2026-11-23)."""

NAMED = 6
"""Ids that a warning names; of more it says how many."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One way a caller asks for a topic.

    Args:
        file: of the topic, inside the bot folder.
        language: of the words.
        text: the words.
        answered_by: ids of the topic, and of the articles it takes the place of.
    """

    file: str
    language: str
    text: str
    answered_by: frozenset[str]


def content_debt(
    bot: Bot, scripts: Sequence[Script], folder: Path, embedder: Embedder | None = None, cache: Path | None = None
) -> tuple[Fault, ...]:
    """Warnings of a bot that has been read and found right, in the order of files and lines.

    Args:
        bot: as read.
        scripts: its conversations as tests.
        folder: the bot folder; its files are looked at once more, for the lines.
        embedder: looks for questions of the same meaning, too; None compares their words.
        cache: where it keeps vectors.
    """
    found = [*_same_questions(bot, folder, embedder, cache), *_untranslated(bot), *_long_sayings(bot, folder)]
    found += [*_nobody_there(bot, folder), *_never_tried(bot, scripts)]
    return tuple(sorted(found, key=lambda fault: (fault.file, fault.line or 0)))


def _warning(file: str, line: int | None, what: str, cure: str) -> Fault:
    return Fault(file, line, what, cure, warning=True)


# Two topics that answer the same question.


def _same_questions(bot: Bot, folder: Path, embedder: Embedder | None, cache: Path | None) -> Iterator[Fault]:
    """One warning for each two topics, with the two questions that are nearest."""
    nearest: dict[tuple[str, str], tuple[float, Asked, Asked]] = {}
    told: set[tuple[str, str]] = set()
    asked = _asked(bot)
    for language in bot.languages:
        same = [one for one in asked if one.language == language]
        for likeness, one, other in [*_same_words(same), *_same_meaning(same, embedder, cache)]:
            pair = (one.file, other.file)
            if one.answered_by & other.answered_by or pair[0] == pair[1]:
                continue
            if pair not in nearest or nearest[pair][0] < likeness:
                nearest[pair] = (likeness, one, other)
            if words(one.text) == words(other.text) and all(file.startswith(KNOWLEDGE) for file in pair):
                told.add(pair)  # the same words in two articles are told where articles are read
    for one, other in (found[1:] for pair, found in nearest.items() if pair not in told):
        what = f'"{other.text}" is nearly the same as "{one.text}" in {one.file}: callers get either answer'
        cure = "let one topic answer it; a flow can take an article's place with `articles:`"
        yield _warning(other.file, _line_of(folder, other.file, other.text), what, cure)


def _asked(bot: Bot) -> list[Asked]:
    found = [
        Asked(f"knowledge/{article.id}.md", language, text, frozenset((article.id,)))
        for article in bot.articles
        for language, texts in article.questions.items()
        for text in texts
    ]
    found += [
        Asked(f"flows/{flow.id}.yaml", language, text, frozenset((flow.id, *flow.articles)))
        for flow in bot.own_flows
        for language, texts in flow.starts.items()
        for text in texts
    ]
    return sorted(found, key=lambda one: one.file)


def _same_words(asked: Sequence[Asked]) -> Iterator[tuple[float, Asked, Asked]]:
    if len(asked) < 2:
        return
    said = [words(one.text) for one in asked]
    sentences = [" ".join(each) for each in said]
    likeness = process.cdist(
        sentences, sentences, scorer=fuzz.token_sort_ratio, score_cutoff=SAME_SENTENCE, dtype=np.uint8
    )
    for first, second in np.argwhere(np.triu(likeness, 1) > 0):
        if _same_telling_words(said[first], said[second]):
            yield float(likeness[first, second]), asked[first], asked[second]


def _same_telling_words(one: Sequence[str], other: Sequence[str]) -> bool:
    """True when each word that carries meaning is in the other one too, perhaps bent: "new" and "end" are not."""
    stopwords = word_tables().stopwords
    first, second = ([word for word in said if word not in stopwords] for said in (one, other))
    near = bool(first) and all(
        any(fuzz.ratio(word, rival) >= SAME_WORD for rival in rivals)
        for some, rivals in ((first, second), (second, first))
        for word in some
    )
    return near or (not first and not second and one == other)


def _same_meaning(
    asked: Sequence[Asked], embedder: Embedder | None, cache: Path | None
) -> Iterator[tuple[float, Asked, Asked]]:
    if embedder is None or len(asked) < 2:
        return
    vectors = embedder.cached([" ".join(one_norwegian(words(one.text))) for one in asked], [], cache)
    centred = vectors - vectors.mean(axis=0)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    likeness = centred @ centred.T
    for first, second in np.argwhere(np.triu(likeness, 1) >= SAME_MEANING):
        yield float(likeness[first, second]), asked[first], asked[second]


# Languages that not everything is in.


def _untranslated(bot: Bot) -> Iterator[Fault]:
    """What a caller of a language misses. A language that must be complete is an error where the file is read."""
    for language in bot.languages:
        left = [article.id for article in bot.articles if language not in article.answers]
        if left:
            what = f"{len(left)} of {len(bot.articles)} articles have no answer in {language}: {_named(left)}"
            yield _warning("knowledge", None, what, f"write `## {language}`, or take {language} out of `languages`")
        left = [flow.id for flow in bot.own_flows if language not in flow.titles]
        if left:
            what = f"{len(left)} of {len(bot.own_flows)} flows have no words in {language}: {_named(left)}"
            yield _warning("flows", None, what, f"add `{language}:` to their texts")
    for article in bot.articles:
        for language in article.answers:
            if language not in article.questions and article.questions:
                what = f"the article answers in {language}, but has no example questions in {language}"
                yield _warning(f"knowledge/{article.id}.md", None, what, "add two to four, as callers really ask")
            if language not in article.titles:
                what = f"the article answers in {language}, but has no title in {language}"
                yield _warning(f"knowledge/{article.id}.md", None, what, f"add `{language}:` to the title")


# Texts that are too long to be listened to.


def _long_sayings(bot: Bot, folder: Path) -> Iterator[Fault]:
    for flow in bot.own_flows:
        said = [step.texts for _, step in every_step(flow.steps) if isinstance(step, Say)]
        for texts in [*said, *(slot.ask for slot in flow.slots.values())]:
            for language, text in texts.items():
                seconds = spoken_seconds(text)
                if seconds > LONGEST_ANSWER_SECONDS:
                    file = f"flows/{flow.id}.yaml"
                    what = f"this takes about {seconds:.0f} seconds to say in {language}: {_first_words(text)}"
                    cure = f"say it in {LONGEST_ANSWER_SECONDS:.0f} seconds, or in two steps"
                    yield _warning(file, _line_of(folder, file, text), what, cure)


def _first_words(text: str) -> str:
    return " ".join(text.split()[:6]) + " ..."


# Departments without people.


def _nobody_there(bot: Bot, folder: Path) -> Iterator[Fault]:
    for department in bot.departments:
        if not department.number:
            continue  # an error where bot.yaml is read
        if _never_open(department) and not department.out_of_hours:
            what = f"department {department.id} is never open: nobody ever answers"
            line = _line_of(folder, "bot.yaml", f"{department.id}:")
            yield _warning("bot.yaml", line, what, "give it hours, or `out_of_hours`")
    shared: dict[str, list[str]] = {}
    for department in bot.departments:
        shared.setdefault(department.number, []).append(department.id)
    for ids in shared.values():
        if len(ids) > 1:
            line = _line_of(folder, "bot.yaml", f"{ids[-1]}:")
            what = f"departments {_named(ids)} have the same number: the same people answer for all of them"
            yield _warning("bot.yaml", line, what, "give each its own number, or make one department of them")


def _never_open(department: Department) -> bool:
    return department.hours is not None and not any(department.hours.weekly)


# What no script tries.


def _never_tried(bot: Bot, scripts: Sequence[Script]) -> Iterator[Fault]:
    if not bot.articles and not bot.own_flows:
        return
    if not scripts:
        what = "there are no scripts: nobody notices when a change spoils an answer"
        yield _warning(FOLDER, None, what, "write tests/<name>.yaml, as docs/testing-a-bot.md shows")
        return
    expected = [turn.expected for script in scripts for turn in script.turns]
    tried = {name for one in expected for name in (one.flow, one.article) if name}
    taken = {article: flow.id for flow in bot.own_flows for article in flow.articles}
    articles = [one.id for one in bot.articles if one.id not in tried and taken.get(one.id) not in tried]
    flows = [flow.id for flow in bot.own_flows if flow.id not in tried]
    for what, left in (("article", articles), ("flow", flows)):
        if left:
            cure = f"write a turn with `bot: {{{what}: {left[0]}}}`"
            yield _warning(FOLDER, None, f"no script tries {len(left)} {what}(s): {_named(left)}", cure)


def _named(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return ", ".join(ids[:NAMED]) + more


def _line_of(folder: Path, file: str, text: str) -> int | None:
    """1-based line in which a text begins; None when it is written in another way."""
    begin = text.split("\n")[0][:40].strip()
    lines = (folder / file).read_text(encoding="utf-8-sig").splitlines()
    return next((number for number, line in enumerate(lines, start=1) if begin in line), None)
