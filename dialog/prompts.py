"""Everything a bot can say word for word: synthesised once and kept, so that it is heard without delay."""

from collections.abc import Iterator

from dialog import consent, own_data
from dialog.bot import Bot
from dialog.events import Prompt
from dialog.flows.flow import Confirm, DoAction, Say, Texts, every_step
from dialog.identity import WAYS
from dialog.markup import BRACES
from dialog.wording import PLACEHOLDERS, Wording

PARTS = ("and", "own_name", "opening_today", "opening_tomorrow", "opening_weekday", "opening_date")
"""Wording that is only ever spoken inside another sentence."""


def fixed_prompts(bot: Bot, wording: Wording) -> Iterator[Prompt]:
    """Greetings, wording, headings and answers, each text once per language, the most needed first."""
    seen: set[tuple[str, str]] = set()
    for language in bot.languages:
        for text, article in (
            *_own(bot, language),
            *_built_in(bot, wording, language),
            *_articles(bot, wording, language),
            *_flows(bot, wording, language),
            *_privacy(bot, wording, language),
        ):
            if text and (language, text) not in seen:
                seen.add((language, text))
                yield Prompt(text, language, article=article)


def _own(bot: Bot, language: str) -> Iterator[tuple[str, str | None]]:
    for texts in (bot.greetings, bot.disclosures, bot.privacy):
        yield texts.get(language, ""), None


def _built_in(bot: Bot, wording: Wording, language: str) -> Iterator[tuple[str, str | None]]:
    names = [department.names.get(language, "") for department in bot.departments]
    for key, places in PLACEHOLDERS.items():
        if key in PARTS or (key.startswith("identity_") and not _proves(bot, key)):
            continue
        for variant in range(len(wording.variants(key, language))):
            if not places:
                yield wording.say(key, language, variant), None
            elif places == ("department",):
                yield from ((wording.say(key, language, variant, department=name), None) for name in names if name)
            elif places == ("app",):
                yield wording.say(key, language, variant, app=bot.identity.app), None
            elif places == ("name",):
                yield wording.say(key, language, variant, name=bot.name), None
            elif places == ("topics",) and language in bot.topics:
                yield wording.say(key, language, variant, topics=bot.topics[language]), None


def _proves(bot: Bot, key: str) -> bool:
    """Whether a text about proving identity can be said by this bot."""
    way = bot.identity.way
    others = [other for other in WAYS if other != way]
    return bool(way) and any(flow.requires for flow in bot.flows) and not key.endswith(tuple(others))


def _articles(bot: Bot, wording: Wording, language: str) -> Iterator[tuple[str, str | None]]:
    for article in bot.articles:
        yield article.answers.get(language, ""), article.id
        title = article.titles.get(language)
        if title:
            yield wording.say("about", language, title=title), article.id
            yield wording.say("choice_one", language, first=title), None


def _flows(bot: Bot, wording: Wording, language: str) -> Iterator[tuple[str, str | None]]:
    """Texts of flows without places, and their titles where they are named alone."""
    places = _places(bot)
    for flow in bot.flows:
        texts: list[Texts] = [flow.cancelled]
        for slot in flow.slots.values():
            texts += [slot.ask, slot.help]
            texts += [{one: text} for one, listed in slot.again.items() for text in listed]
        texts += [step.texts for _, step in every_step(flow.steps) if isinstance(step, Say | Confirm)]
        for text in (one.get(language, "") for one in texts):
            if not any(place.partition("|")[0] in places for place in BRACES.findall(text)):
                yield text, None
        if language in flow.titles:
            title = flow.titles[language]
            for key in ("back_to", "about", "next_topic"):
                yield wording.say(key, language, title=title), None
            yield wording.say("choice_one", language, first=title), None


def _privacy(bot: Bot, wording: Wording, language: str) -> Iterator[tuple[str, str | None]]:
    """Whether the call may be recorded, and what is kept of it."""
    for prompt in (*consent.asks(bot, wording, language), *own_data.fixed(bot, wording, language)):
        if prompt.language == language:
            yield prompt.text, None


def _places(bot: Bot) -> set[str]:
    """Names that are filled in in texts of flows."""
    found = {slot for flow in bot.flows for slot in flow.slots}
    for flow in bot.flows:
        for _, step in every_step(flow.steps):
            if isinstance(step, DoAction) and step.action in bot.actions:
                found |= {f"{step.result}.{field}" for field in bot.actions[step.action].results}
    return found
