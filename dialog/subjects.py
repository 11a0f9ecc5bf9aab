"""What a bot can be asked for: its articles and its flows, as texts to be found by."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dialog.bot import Article, Bot
from dialog.flows.flow import Flow
from dialog.markup import unmarked

LONGEST_PART_WORDS = 60
"""An answer fit to be spoken is one part; a longer text is compared part by part, or its end would not be seen."""

SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing to be asked for; an article that a flow takes the place of is part of the flow's.

    Args:
        article: id of the article, or "" for a flow.
        flow: id of the flow, or "" for an article.
        titles: (language, text).
        questions: (language, text): how callers ask for it.
        answers: (language, text): what is said to them, in parts of some sentences, without marks.
    """

    article: str
    flow: str
    titles: tuple[tuple[str, str], ...]
    questions: tuple[tuple[str, str], ...]
    answers: tuple[tuple[str, str], ...]


def subjects_of(bot: Bot) -> tuple[Subject, ...]:
    """The articles that are not taken over by a flow, and the flows that callers ask for, not only other flows."""
    taken = {article for flow in bot.flows for article in flow.articles}
    alone = [_of_article(article) for article in bot.articles if article.id not in taken]
    asked_for = (flow for flow in bot.flows if flow.starts or flow.articles)
    return (*alone, *(_of_flow(flow, bot.articles) for flow in asked_for))


def _of_article(article: Article) -> Subject:
    titles = tuple(article.titles.items())
    questions = tuple((language, text) for language, listed in article.questions.items() for text in listed)
    answers = ((language, part) for language, text in article.answers.items() for part in _parts(unmarked(text)))
    return Subject(article.id, "", titles, questions, tuple(answers))


def _of_flow(flow: Flow, articles: Sequence[Article]) -> Subject:
    starts = tuple((language, text) for language, listed in flow.starts.items() for text in listed)
    own = [_of_article(article) for article in articles if article.id in flow.articles]
    titles = (*flow.titles.items(), *(title for one in own for title in one.titles))
    questions = (*starts, *(question for one in own for question in one.questions))
    return Subject("", flow.id, titles, questions, tuple(answer for one in own for answer in one.answers))


def _parts(text: str) -> list[str]:
    """Whole sentences, as many as fit."""
    parts: list[str] = []
    room = 0
    for sentence in filter(None, SENTENCE_END.split(text)):
        size = len(sentence.split())
        if parts and size <= room:
            parts[-1] += " " + sentence
            room -= size
        else:
            parts.append(sentence)
            room = LONGEST_PART_WORDS - size
    return parts
