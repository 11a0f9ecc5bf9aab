"""What a caller's words ask for: every producer of commands is heard, and one command is obeyed."""

from dialog.callback_rules import CALLBACK
from dialog.callbacks import NUMBERS
from dialog.commands import (
    Answer,
    AskAdvice,
    AskCallback,
    AskOwnData,
    CancelFlow,
    CannotAnswer,
    Command,
    Emergency,
    LeaveToPerson,
    NameFlow,
    NoAnswer,
    OfferChoice,
    Rate,
    RefuseNumber,
    StopRinging,
    Take,
    YesNo,
    foremost,
)
from dialog.finding import SURE_WITHOUT_ASKING, Rank, by_knowledge, wanted_besides
from dialog.flows.asking import context_of
from dialog.flows.hearing import by_flow
from dialog.own_data import KEPT, RECORDED
from dialog.own_words import SensitiveTopic
from dialog.phrases import Heard, Phrases
from dialog.producers import by_open_question, by_ringing, by_rules
from dialog.rating import rating_in
from dialog.scene import Scene
from dialog.sensitive import Advice, Danger, Sensitive
from dialog.slots.callback_time import CallbackTime
from dialog.slots.phone import Phone
from dialog.state import InFlow, RatingAsked, WhatNow


def decide(
    scene: Scene, said: str, heard: Heard, refused: bool, sensitive: Sensitive | None, phrases: Phrases, rank: Rank
) -> Command:
    """The command to obey.

    Args:
        scene: of the turn.
        said: the caller's words, without what may not be kept.
        heard: the same, taken apart.
        refused: a national identity number was in them, and has been cut out.
        sensitive: what in them is not for a bot to handle by itself, or None.
        phrases: how callers say it.
        rank: the knowledge.
    """
    in_flow = bool(scene.state.frames) and isinstance(scene.state.question, InFlow)
    commands = by_rules(heard, phrases, scene.bot)
    if in_flow and scene.state.frames[-1].flow in NUMBERS:
        # "Ring meg i morgen" is an answer there.
        commands = [command for command in commands if not isinstance(command, AskCallback)]
    if any(isinstance(command, AskCallback) for command in commands) and not scene.state.frames:
        commands = _own_flow_first(commands, by_knowledge(scene, said, heard, phrases, rank))
    commands += _about_people(scene, said, heard, phrases)
    if any(isinstance(command, AskOwnData) for command in commands):
        commands = _own_article_first(commands, scene, phrases, by_knowledge(scene, said, heard, phrases, rank))
    if isinstance(sensitive, Danger):
        # Before what the phrases found: they take self-harm for any other danger to life.
        commands.insert(0, Emergency(sensitive.service))
    if isinstance(sensitive, SensitiveTopic):
        commands.append(LeaveToPerson(sensitive))
    doubtful = not in_flow
    if in_flow:
        understood = by_flow(scene, said, heard, phrases)
        commands += understood.commands
        doubtful = understood.doubtful
        if refused and not any(isinstance(command, Answer) and command.parsed.value for command in commands):
            commands.append(RefuseNumber())
    elif refused:
        commands.append(RefuseNumber(wanted_besides(scene, said, rank)))
    elif scene.state.frames and phrases.matches("cancel", heard):
        commands.append(CancelFlow())
    if not (in_flow and commands):
        commands += by_open_question(heard, phrases, scene.bot, scene.state.question)
    if scene.state.frames and not in_flow and not commands:
        # The bot asked something in between, and the caller answers what the flow had asked before.
        commands += [one for one in by_flow(scene, said, heard, phrases).commands if not isinstance(one, YesNo)]
        if commands:
            return foremost(commands)
    if not doubtful or not heard.content or not all(isinstance(command, Answer | NoAnswer) for command in commands):
        return foremost(commands)
    found = by_knowledge(scene, said, heard, phrases, rank)
    if scene.state.ringing and isinstance(found, Take) and phrases.matches("change_of_mind", heard):
        return StopRinging(found)
    if isinstance(found, NoAnswer) or (commands and isinstance(found, CannotAnswer | NameFlow)):
        return foremost([*commands, found])
    if isinstance(sensitive, Advice) and isinstance(found, OfferChoice | CannotAnswer):
        return AskAdvice(sensitive.field)
    return found


def _about_people(scene: Scene, said: str, heard: Heard, phrases: Phrases) -> list[Command]:
    """What words mean to people who are being rung, have gone, or will call: only while that is what it is about."""
    state, found = scene.state, list[Command]()
    in_flow = bool(state.frames) and isinstance(state.question, InFlow)
    if state.ringing:
        found = by_ringing(heard, phrases)
        if in_flow:
            # There "forget it" leaves the flow, and "wait" is about what it asks.
            cancels = phrases.matches("cancel", heard)
            found = [one for one in found if isinstance(one, StopRinging) and not cancels]
    if isinstance(state.question, RatingAsked):
        rating = rating_in(said, state.language)
        refused = (heard.opening == "no" and not heard.content) or phrases.matches("skip", heard)
        if rating is not None or refused:
            found.append(Rate(rating))
    if isinstance(state.question, WhatNow) and scene.bot.callbacks is not None and scene.bot.callbacks.callback:
        context = context_of(scene, expected=False)
        if any(kind.parse(said, context).value for kind in (CallbackTime(), Phone())) and not phrases.asks(said, heard):
            found.append(AskCallback(CALLBACK))
    return found


def _own_flow_first(commands: list[Command], found: Command) -> list[Command]:
    """A flow of the bot's own that is surely meant ("can an adviser call me on Friday?") goes before a callback."""
    best = found.ranked.best if isinstance(found, Take) and found.topic.flow else None
    if best is None or best.score < SURE_WITHOUT_ASKING:
        return commands
    return [command for command in commands if not isinstance(command, AskCallback)]


def _own_article_first(commands: list[Command], scene: Scene, phrases: Phrases, found: Command) -> list[Command]:
    """What is kept may stand in an article of the company's own; a wish to have it deleted never ends with one.

    An article is about it when one of its own questions asks the same. Where calls are recorded, only the rules know
    whether this one is.
    """
    if not (isinstance(found, Take) and found.topic.article):
        return commands
    article = scene.bot.article(found.topic.article)
    asked = [phrases.hear(question) for questions in article.questions.values() for question in questions]
    given_way = {
        about
        for about in ((KEPT,) if scene.bot.records.recording else (KEPT, RECORDED))
        if any(phrases.matches(f"own_data_{about}", heard) for heard in asked)
    }
    return [command for command in commands if not (isinstance(command, AskOwnData) and command.about in given_way)]
