"""What the caller asks for when no rule knows it: the knowledge's opinion, made a command."""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from dialog.bot import Bot
from dialog.commands import CannotAnswer, ChangeTo, Command, NameFlow, NoAnswer, OfferChoice, Take
from dialog.flows.asking import context_of
from dialog.phrases import Heard, Phrases
from dialog.ranking import Candidate, Ranked
from dialog.scene import Scene
from dialog.slots.national_id import IN_ITS_PLACE
from dialog.state import Topic
from dialog.text import words

Rank: TypeAlias = Callable[[Sequence[str]], Ranked]
"""Ranks topics for words."""

SURE_MARGIN = 1.5
"""Below it two topics are equally near. On questions held out of BANKING77, CLINC150 and Nordlys, a fifth of the wrong
answers became choices with it, and one or two right answers in a hundred were offered instead of given."""

LONE_MARGIN = 3.0
"""Above it a doubtful topic is offered alone ("is it about ...?"): its rivals are too far behind to be named."""

BARE_TOPIC_WORDS, SURE_OF_TOPIC = 2, 0.95
"""One or two words ("delivery", "power", or noise taken for a word) name a topic at best: unless an article is all but
certain, the bot asks which one is meant."""

NEAR_SCORE = 0.08
"""From here a topic is worth naming beside "I don't know"; below it, it has nothing to do with the question."""

SURE_WITHOUT_ASKING = 0.85
"""Inside a flow, words that ask nothing are an attempt at its question, unless a topic is this sure."""

LONGEST_FOLLOW_UP_WORDS = 5
"""Longer questions are whole by themselves."""

LEAST_PART_WORDS = 3
"""Fewer words are no question of their own."""

LONG_NUMBER_DIGITS = 4

SPLIT = re.compile(
    r"[.?!;]+\s+|,\s+(?:og|men|and|but|а|і|й|та|але)\s+|\s+(?:og|men|and|but|а|і|й|та|але)\s+(?:så\s+|also\s+|også\s+|òg\s+|ще\s+|також\s+)?"
    r"(?=(?:lurer|lurar|vil|hva|kva|hvor|kor|kvar|når|hvordan|korleis|hvem|kven|hvorfor|kvifor|kan|har|er|får|skal|vil|jeg|eg|"
    r"what|where|when|how|who|why|can|could|do|does|is|are|will|i|i'd|"
    r"що|де|коли|як|хто|чому|чи|скільки|я|можна|\w+r (?:dere|du|de|dykk)|do you|are you|have you)\b)",
    re.IGNORECASE,
)
"""Where one question ends and the next begins in the same breath."""


def topic_of(candidate: Candidate) -> Topic:
    """The topic that a candidate is."""
    return Topic(flow=candidate.flow) if candidate.flow else Topic(article=candidate.article)


def by_knowledge(scene: Scene, said: str, heard: Heard, phrases: Phrases, rank: Rank) -> Command:
    """A topic, a choice of topics, or the admission that there is none; inside a flow it must be a question.

    Args:
        scene: of the turn.
        said: the caller's words as they came.
        heard: the same, taken apart.
        phrases: how callers say it.
        rank: the knowledge.
    """
    asked = phrases.asks(said, heard)
    if not scene.state.frames:
        found = _several(scene, said, rank) or _one(scene, heard, phrases, rank)
        return _backed_by_a_number(scene, said, found)
    ranked = rank(without_numbers(heard.content))
    command = _banded(scene.bot, heard.content, ranked)
    current = Topic(flow=scene.state.frames[-1].flow)
    if isinstance(command, Take):
        best = ranked.best
        if command.topic == current:
            return NameFlow()
        if not asked and best is not None and best.score < SURE_WITHOUT_ASKING:
            return NoAnswer()
        changed = heard.opening == "no" or phrases.matches("change_of_mind", heard)
        return ChangeTo(command.topic) if changed and command.topic.flow else command
    # A doubtful guess must not take the floor from the open question.
    return CannotAnswer(ranked) if asked else NoAnswer()


def _one(scene: Scene, heard: Heard, phrases: Phrases, rank: Rank) -> Command:
    bot, content = scene.bot, without_numbers(heard.content)
    ranked = rank(content)
    command = _banded(bot, content, ranked)
    follows = len(content) <= LONGEST_FOLLOW_UP_WORDS and scene.state.topic and scene.state.asked
    if isinstance(command, Take) or not follows:
        return command
    # "And on Saturdays?" asks the question before once more, with another word in it.
    joined = rank((*scene.state.asked, *content))
    best = joined.best
    own = ranked.best
    if best is not None and topic_of(best) == Topic(article=scene.state.topic) and best.score >= bot.thresholds.answer:
        related = own is None or own.article == best.article or own.score < bot.thresholds.choice
        if related and phrases.matches("follow_up", heard):
            return Take(topic_of(best), joined, follow_up=True)
    return command


def _backed_by_a_number(scene: Scene, said: str, found: Command) -> Command:
    """A likely flow is taken when the words hold a number that it would ask for: that says what they are about."""
    if not isinstance(found, OfferChoice):
        return found
    backed = [topic for topic in found.topics if topic.flow and _asks_for_a_number_in(scene, topic.flow, said)]
    return Take(backed[0], found.ranked) if len(backed) == 1 else found


def _asks_for_a_number_in(scene: Scene, flow: str, said: str) -> bool:
    context = context_of(scene, expected=False)
    slots = scene.bot.flow(flow).slots.values()
    return any(slot.type.listen("")[0] == "digits" and slot.type.parse(said, context).value for slot in slots)


def _several(scene: Scene, said: str, rank: Rank) -> Command | None:
    """Two or three questions in one breath, each sure by itself; None when it is only one."""
    parts = [part for part in SPLIT.split(said) if part and len(words(part)) >= LEAST_PART_WORDS]
    if not 2 <= len(parts) <= 3:
        return None
    found: list[tuple[Topic, Ranked]] = []
    for part in parts:
        content = without_numbers(words(part))
        ranked = rank(content)
        command = _banded(scene.bot, content, ranked)
        # Behind a sure question, a likely one is gone into with its name first.
        likely = command.topics if found and isinstance(command, OfferChoice) and len(command.topics) == 1 else ()
        for topic in (command.topic,) if isinstance(command, Take) else likely:
            if topic not in [known for known, _ in found]:
                found.append((topic, ranked))
    if len(found) < 2:
        return None
    (first, ranked), rest = found[0], tuple(topic for topic, _ in found[1:])
    return Take(first, ranked, rest)


def wanted_besides(scene: Scene, said: str, rank: Rank) -> Take | None:
    """What an utterance asks for in one of its parts, when another part of it could not be used."""
    for part in SPLIT.split(said):
        content = without_numbers(words(part))
        whole = len(content) >= LEAST_PART_WORDS and IN_ITS_PLACE not in part
        command = _banded(scene.bot, content, rank(content)) if whole else None
        if isinstance(command, Take):
            return command
    return None


def without_numbers(content: Sequence[str]) -> tuple[str, ...]:
    """Words without long numbers, which say nothing of what is wanted."""
    return tuple(word for word in content if not (word.isdigit() and len(word) >= LONG_NUMBER_DIGITS))


def _banded(bot: Bot, content: Sequence[str], ranked: Ranked) -> Command:
    """Act, ask which, or do not know: by the score of the best and how far it is ahead."""
    best, thresholds = ranked.best, bot.thresholds
    if best is None or best.score < thresholds.choice:
        return CannotAnswer(ranked)
    bare = len(content) <= BARE_TOPIC_WORDS and best.score < SURE_OF_TOPIC
    if best.score >= thresholds.answer and ranked.margin >= SURE_MARGIN and not bare:
        return Take(topic_of(best), ranked)
    near = [best]
    if bare:
        near += [other for other in ranked.candidates[1:] if other.score >= thresholds.choice]
    elif ranked.margin < LONE_MARGIN:
        near += ranked.candidates[1:2]
        level = ranked.margin < SURE_MARGIN
        near += [third for third in ranked.candidates[2:] if level and near[-1].combined - third.combined < SURE_MARGIN]
    return OfferChoice(tuple(topic_of(candidate) for candidate in near), ranked)


def nearest(ranked: Ranked) -> tuple[Topic, ...]:
    """Topics worth naming beside "I don't know": the first two, when the best is not far off."""
    best = ranked.best
    if best is None or best.score < NEAR_SCORE:
        return ()
    return tuple(topic_of(candidate) for candidate in ranked.candidates[:2])
