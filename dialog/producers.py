"""Who finds commands in the caller's words: the rules, and the question that the bot left open."""

from rapidfuzz import fuzz

from dialog.bot import Bot
from dialog.callback_rules import CALLBACK, MESSAGE
from dialog.commands import (
    AnswerConsent,
    AskAboutBot,
    AskCallback,
    AskHelp,
    AskOwnData,
    AskPerson,
    CannotAnswer,
    ChangePace,
    Command,
    Continue,
    Emergency,
    Goodbye,
    Greet,
    KeepRinging,
    NoWords,
    OfferChoice,
    Pick,
    Record,
    RejectChoice,
    Repeat,
    SendLink,
    StayHere,
    StopRinging,
    SwitchLanguage,
    Thank,
    YesNo,
)
from dialog.consent import answer_in
from dialog.own_data import ERASE, KEPT, RECORDED
from dialog.phrases import Heard, Phrases
from dialog.ranking import Ranked
from dialog.state import (
    AnythingElse,
    LinkOffered,
    NothingOpen,
    NowOrLater,
    OpenQuestion,
    PersonOffered,
    RecordingAsked,
    Topic,
    WhatNow,
    WhichTopic,
)
from dialog.text import words

TITLE_RATIO = 75.0
"""rapidfuzz token_set_ratio, 0..100, from which a few words name an offered title."""

LONGEST_FAREWELL_WORDS = 10
"""A short utterance that ends with a goodbye and asks nothing is one ("well it was nice talking to you, bye")."""

LONGEST_YES_WORDS = 4
"""Words that an utterance beginning with yes or no may have and still be no more than that ("yes that is it")."""

DEPARTMENT_CUES = frozenset(
    "snakke snakka snakk snakkje prate prata prat sett set setje sette koble kople over overfør få til talk speak "
    "connect transfer through reach get with з'єднайте поговорити переключіть говорити зв'язати з'єднати".split()
)
"""Words that make the name of a department an order to be passed on to it, not a question about it."""


RECORD = {True: "record_again", False: "stop_recording"}
"""Phrases, by whether they want a recording."""


def by_rules(heard: Heard, phrases: Phrases, bot: Bot) -> list[Command]:
    """Orders that hold at any moment of a conversation."""
    found: list[Command] = [
        Emergency(service)
        for service in ("fire", "police", "medical")
        if phrases.matches(f"emergency_{service}", heard)
    ]
    about_bot = phrases.matches("about_bot", heard)
    if about_bot:
        found.append(AskAboutBot())
    department = asked_department(heard, bot)
    callback = _asked_callback(heard, phrases, bot)
    if callback is not None:
        found.append(callback)
    elif department is not None or (not about_bot and phrases.matches("person", heard)):
        found.append(AskPerson(department or _mentioned_department(heard, bot)))
    found += _languages(heard, phrases, bot)
    found += _about_privacy(heard, phrases, bot)
    if phrases.matches("repeat", heard):
        found.append(Repeat())
    found += [ChangePace(pace == "slower") for pace in ("slower", "faster") if phrases.matches(pace, heard)]
    if phrases.matches("help", heard):
        found.append(AskHelp())
    if phrases.matches("send_link", heard):
        found.append(SendLink())
    return found


def _asked_callback(heard: Heard, phrases: Phrases, bot: Bot) -> AskCallback | None:
    kinds = bot.callbacks.kinds if bot.callbacks is not None else ()
    for kind, name in ((MESSAGE, "leave_message"), (CALLBACK, "ask_callback")):
        if kind in kinds and phrases.matches(name, heard):
            return AskCallback(kind, _mentioned_department(heard, bot))
    return None


def _about_privacy(heard: Heard, phrases: Phrases, bot: Bot) -> list[Command]:
    recordable = bot.records.recording is not None
    found: list[Command] = [
        Record(again) for again in (False, True) if recordable and phrases.matches(RECORD[again], heard)
    ]
    if not found:
        found += [AskOwnData(about) for about in (ERASE, RECORDED, KEPT) if phrases.matches(f"own_data_{about}", heard)]
    return found


def _languages(heard: Heard, phrases: Phrases, bot: Bot) -> list[Command]:
    for language in ("nn", "nb", "en", "uk"):
        if phrases.matches(f"language_{language}", heard):
            served = language in bot.languages
            if not served and language in ("nb", "nn"):
                language = "nn" if language == "nb" else "nb"
                served = language in bot.languages
            return [SwitchLanguage(language if served else None)]
    return [SwitchLanguage(None)] if phrases.matches("language_other", heard) else []


def asked_department(heard: Heard, bot: Bot) -> str | None:
    """The department that a caller orders by its name: the name alone, or with "talk to", "put me through to"."""
    content = " ".join(heard.content)
    for department, word in _department_words(bot):
        if content == word:
            return department
        if f" {word} " in f" {content} " and len(heard.words) <= 10:
            before = content[: content.find(word)].split()
            if any(cue in DEPARTMENT_CUES for cue in before) and not _is_question(before):
                return department
    return None


def _is_question(said: list[str]) -> bool:
    """ "how do I get through to ..." asks for information; "can I talk to ..." orders."""
    return bool(said) and said[0] in (
        "hvordan",
        "korleis",
        "når",
        "hvor",
        "kor",
        "how",
        "when",
        "where",
        "як",
        "коли",
        "де",
    )


def _mentioned_department(heard: Heard, bot: Bot) -> str | None:
    text = f" {heard.plain} "
    return next((department for department, word in _department_words(bot) if f" {word} " in text), None)


def _department_words(bot: Bot) -> list[tuple[str, str]]:
    """(department id, its name or a word for it), the longest words first."""
    found = [
        (department.id, " ".join(words(word)))
        for department in bot.departments
        for listed in (department.names.values(), *department.words.values())
        for word in listed
    ]
    return sorted({pair for pair in found if pair[1]}, key=lambda pair: (-len(pair[1]), pair))


def by_open_question(heard: Heard, phrases: Phrases, bot: Bot, question: OpenQuestion) -> list[Command]:
    """What a yes, a no, a position or a title means after what the bot asked last."""
    if not heard.words:
        return [NoWords()]
    if isinstance(question, WhichTopic):
        found = _choice(heard, phrases, bot, question.topics)
        if found:
            return found
    if isinstance(question, WhatNow):
        found = _what_now(heard, phrases, bot)
        if found:
            return found
    if isinstance(question, RecordingAsked):
        granted = answer_in(heard.plain)
        return [AnswerConsent(granted)] if granted is not None else _unanswered(heard)
    if isinstance(question, NowOrLater):
        when = [when for when in ("now", "later") if phrases.matches(when, heard)]
        if when:
            return [YesNo(when == ["now"])]
    short = not heard.content or len(heard.words) <= LONGEST_YES_WORDS
    if isinstance(question, NowOrLater | LinkOffered) and heard.opening in ("yes", "no") and short:
        return [YesNo(heard.opening == "yes" and "no" not in heard.talk)]
    if not heard.content:
        return [_small_talk(heard, question)]
    if _is_farewell(heard, phrases):
        return [Goodbye()]
    return [Thank()] if phrases.matches("thanks", heard) else []


def _what_now(heard: Heard, phrases: Phrases, bot: Bot) -> list[Command]:
    """One of what is offered when nobody can be reached; nothing when the words ask for something else."""
    kinds = bot.callbacks.kinds if bot.callbacks is not None else ()
    if phrases.matches("stay", heard) or phrases.matches("cancel", heard):
        return [StayHere()]
    for position in phrases.positions(heard):
        place = len(kinds) if position == -1 else position - 1
        if place <= len(kinds):
            return [AskCallback(kinds[place]) if place < len(kinds) else StayHere()]
    if "goodbye" in heard.talk or heard.content:
        return []
    if heard.opening == "no" or "done" in heard.talk:
        return [StayHere()]
    if heard.opening == "yes":
        # "yes" to "this or that?" settles nothing, unless there is only one thing to say yes to.
        return [AskCallback(kinds[0])] if len(kinds) == 1 else [CannotAnswer()]
    return []


def by_ringing(heard: Heard, phrases: Phrases) -> list[Command]:
    """What words mean to those who are being rung for the caller."""
    if phrases.matches("leave_ringing", heard):
        return [StopRinging()]
    if phrases.matches("asks_of_ringing", heard) or (not heard.content and heard.opening == "hello"):
        return [AskPerson()]
    waits = heard.talk and not heard.content and "goodbye" not in heard.talk
    if phrases.matches("will_wait", heard) or (waits and {"wait", "no", "done"} & set(heard.talk)):
        return [KeepRinging()]
    return []


def _unanswered(heard: Heard) -> list[Command]:
    """Small talk in place of a clear yes or no: the caller is asked what it is about."""
    greeted = "hello" in heard.talk and not {"goodbye", "done"} & set(heard.talk)
    if heard.content:
        return []
    return [Greet()] if greeted else [_small_talk(heard, NothingOpen())]


def _is_farewell(heard: Heard, phrases: Phrases) -> bool:
    """A goodbye after other words: not inside a question, because a wrong one ends the call."""
    short = len(heard.words) <= LONGEST_FAREWELL_WORDS
    return heard.closing == "goodbye" and short and not phrases.matches("question", heard)


def _choice(heard: Heard, phrases: Phrases, bot: Bot, topics: tuple[Topic, ...]) -> list[Command]:
    for position in phrases.positions(heard):
        index = len(topics) - 1 if position == -1 else position - 1
        if index < len(topics) and len(topics) > 1:
            return [Pick(topics[index])]
    if phrases.matches("both", heard) and len(topics) > 1:
        return [Pick(topics[0], topics[1:])]
    if phrases.matches("none_of_them", heard):
        return [RejectChoice()]
    named = _named_title(heard, bot, topics)
    if named:
        return [Pick(named)]
    short = not heard.content or len(heard.words) <= LONGEST_YES_WORDS
    if heard.opening == "yes" and "no" not in heard.talk and short:
        # "yes" to "A or B?" settles nothing: the same is asked again.
        return [Pick(topics[0])] if len(topics) == 1 else [OfferChoice(topics, Ranked())]
    if heard.opening == "no" and short and not {"done", "goodbye"} & set(heard.talk):
        return [RejectChoice()]
    return []


def _named_title(heard: Heard, bot: Bot, topics: tuple[Topic, ...]) -> Topic | None:
    """The offered topic whose title the caller said, whole or in part."""
    if not heard.content or len(heard.content) > 6:
        return None
    said = " ".join(heard.content)
    ratios = {
        topic: max(
            fuzz.token_set_ratio(said, " ".join(words(title))) for title in bot.titles(topic.article, topic.flow)
        )
        for topic in topics
    }
    best = max(ratios, key=lambda topic: ratios[topic])
    rivals = [ratio for topic, ratio in ratios.items() if topic != best]
    clear = all(ratios[best] - ratio >= 10 for ratio in rivals)
    return best if ratios[best] >= TITLE_RATIO and clear else None


def _small_talk(heard: Heard, question: OpenQuestion) -> Command:
    """What an utterance of nothing but small talk means."""
    talk = set(heard.talk)
    if isinstance(question, PersonOffered) and talk & {"yes", "no"} and "goodbye" not in talk:
        return AskPerson(question.department, question.reason) if "no" not in talk else Continue()
    if {"goodbye", "done"} & talk:
        return Goodbye()
    if "no" in talk:
        return Goodbye() if isinstance(question, AnythingElse) else Continue()
    if "thanks" in talk:
        return Thank()
    if "asks" in talk:
        return Continue()
    if "hello" in talk:
        return Greet()
    if "yes" in talk:
        return Continue()
    return Continue() if "wait" in talk or not isinstance(question, NothingOpen) else NoWords()
