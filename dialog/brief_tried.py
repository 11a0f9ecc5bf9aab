"""What a bot has done for a caller so far, for the person who takes over: what was told, tried, and left open."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dialog.bot import Article, Bot
from dialog.flows.flow import Collect, every_step
from dialog.markup import fill
from dialog.scene import in_language
from dialog.slots.national_id import IN_ITS_PLACE
from dialog.state import Frame, State

ASKS_FOR_A_PERSON = frozenset(
    "person key_0 greeting resumed hello language repeat slower faster about_bot ringing nobody_answered".split()
)
"""Rules of turns whose words say nothing of what the call is about."""


ASKED_FOR_SOMETHING = frozenset(
    "flow answer dont_know choice chosen advice sensitive switch callback message frustrated own_data".split()
)
"""Rules of turns whose words say just that."""

NAME_FIELDS = frozenset(("name", "customer_name", "full_name", "navn", "namn"))
"""Fields of a function's result that hold the caller's name."""


def name_of(bot: Bot, state: State) -> str:
    """The name the caller has given in this call, or that a function of the bot has found; "" for neither."""
    by_id = {flow.id: flow for flow in bot.flows}
    for frame in reversed((*state.past, *state.frames)):
        slots = by_id[frame.flow].slots if frame.flow in by_id else {}
        given = [one.value for one in frame.slots if one.slot in slots and slots[one.slot].type.kind == "name"]
        given += [text for field, text in frame.results if field.rpartition(".")[2] in NAME_FIELDS]
        if any(given):
            return next(text for text in given if text)
    return ""


def quoted(bot: Bot, state: State) -> tuple[Article, ...]:
    """Articles that the caller has heard, the latest last, each once."""
    told = dict.fromkeys(
        [*(turn.article for turn in state.turns if turn.article), *([state.topic] * bool(state.topic))]
    )
    by_id = {article.id: article for article in bot.articles}
    return tuple(by_id[name] for name in told if name in by_id)


def sources(bot: Bot, state: State, language: str) -> list[dict[str, Any]]:
    """The same as data: id, title in the language of the reader, the day it must be read again, and its link."""
    return [
        {
            "article": article.id,
            "title": in_language(bot, article.titles, language)[1] or article.id,
            "review": article.review.isoformat() if article.review else None,
            "link": article.link,
        }
        for article in quoted(bot, state)
    ]


def tried(bot: Bot, state: State, language: str, texts: Mapping[str, Any]) -> list[str]:
    """What the bot did, in the words of the agent's language: articles told, flows entered, and what went wrong.

    Args:
        bot: whose conversation it is.
        state: of it.
        language: of the person who reads it.
        texts: of the brief in that language.
    """
    rules: Mapping[str, str] = texts["rules"]
    told = [fill(rules["answer"], {"title": source["title"]}) for source in sources(bot, state, language)]
    told += [fill(texts["flow_tried"], {"title": title}) for title in _flows(bot, state, language)]
    counted = Counter(turn.rule for turn in state.turns if turn.rule in rules and not turn.article)
    for rule, count in counted.items():
        what = rules["answer_untold" if rule == "answer" else rule]
        told.append(what if count == 1 else fill(texts["times"], {"what": what, "count": str(count)}))
    return told


def _flows(bot: Bot, state: State, language: str) -> Iterator[str]:
    """Titles of flows that are over or under way, each once."""
    by_id = {flow.id: flow for flow in bot.flows}
    for name in dict.fromkeys(frame.flow for frame in (*state.past, *state.frames)):
        title = in_language(bot, by_id[name].titles, language)[1] if name in by_id else ""
        if title:
            yield title


def left_open(bot: Bot, frames: Sequence[Frame], language: str) -> list[dict[str, str]]:
    """Slots that the flows under way would still ask for: flow, slot, and the question in the reader's language."""
    by_id = {flow.id: flow for flow in bot.flows}
    found: list[dict[str, str]] = []
    for frame in reversed(frames):
        flow = by_id.get(frame.flow)
        if flow is None:
            continue
        collected = [step.slot for _, step in every_step(flow.steps) if isinstance(step, Collect) and not step.again]
        for slot in dict.fromkeys(collected):
            if frame.filled(slot) is None and slot in flow.slots:
                question = in_language(bot, flow.slots[slot].ask, language)[1]
                found.append({"flow": flow.id, "slot": slot, "question": question})
    return found


def words_asked(state: State) -> str:
    """The caller's words that say what it is about; else the first words that are remembered, or ""."""
    return words_of_subject(state) or next((turn.words for turn in state.turns if turn.words), "")


def words_of_subject(state: State) -> str:
    """Words with which the caller asked for something other than a person; "" when there were none."""
    asked = (turn.words for turn in state.turns if turn.rule in ASKED_FOR_SOMETHING)
    later = (turn.words for turn in state.turns if turn.rule not in ASKS_FOR_A_PERSON)
    return next((words for words in (*asked, state.opened, *later) if words not in ("", IN_ITS_PLACE)), "")
