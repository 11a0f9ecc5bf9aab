"""Whoever takes a caller knows who, what, why and what was tried, in every scripted conversation that ends with one."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from dialog import Bot, Engine, State, load_bot
from dialog.bot import LANGUAGES
from dialog.brief import LONGEST_SPOKEN_SECONDS, Brief, brief
from dialog.events import Event, HandOff, Reply
from dialog.markup import spoken_seconds
from dialog.script import Turn
from dialog.scripts import read_scripts
from voicebot.acting import Acting
from voicebot.script_runner import ScriptRunner

NORDLYS = Path(__file__).parent.parent / "bots" / "nordlys"
FEWEST = 30
"""Conversations that come to a person; fewer would prove little."""

SAYS_NOTHING = frozenset(
    "greeting person key_0 hello language ringing thanks continue repeat slower frustrated".split()
)
"""Rules of turns in which nothing was told or tried."""


class Overheard(Engine):
    """The mind, and every moment at which it passes a caller on."""

    def __init__(self, bot: Bot, cache_folder: Path) -> None:
        super().__init__(bot, cache_folder)
        self.passed_on: list[tuple[State, HandOff]] = []

    def respond(self, state: State, event: Event, now: datetime) -> tuple[State, Reply]:
        after, reply = super().respond(state, event, now)
        if isinstance(reply.action, HandOff):
            self.passed_on.append((after, reply.action))
        return after, reply


@dataclass(frozen=True)
class Told:
    """One handover and what is told of it."""

    script: str
    state: State
    reason: str
    bot: Bot

    def brief(self, language: str = "nb") -> Brief:
        return brief(self.bot, self.state, self.reason, language)


def _hands_off(turn: Turn) -> bool:
    return turn.expected.hands_off not in (None, False)


@pytest.fixture(scope="module")
def handovers(request: pytest.FixtureRequest) -> list[Told]:
    """Every handover in the scripted conversations of Nordlys."""
    bot = load_bot(NORDLYS, date(2026, 11, 23))
    engine = Overheard(bot, request.config.cache.mkdir("embeddings"))
    acting = Acting(bot.actions)
    found: list[Told] = []
    try:
        # The others never come to a person; test_nordlys.py runs them all.
        for script in (one for one in read_scripts(NORDLYS, bot, []) if any(_hands_off(turn) for turn in one.turns)):
            engine.passed_on.clear()
            asyncio.run(ScriptRunner(engine, acting).run(script))
            found += [Told(script.name, state, handed.reason, bot) for state, handed in engine.passed_on]
    finally:
        acting.close()
    return found


def test_every_brief_answers_who_what_why_and_tried(handovers: list[Told]) -> None:
    assert len(handovers) >= FEWEST
    for told in handovers:
        facts, state = told.brief().facts, told.state
        assert facts["language"] in LANGUAGES, told.script
        assert facts["number"] == (state.number or None), told.script
        assert (facts["identity"] is not None) == (state.proof is not None), told.script
        given = [slot["value"] for slot in facts["slots"] if slot["slot"] == "name" and slot["value"]]
        assert not given or facts["name"] in given, told.script
        assert facts["subject"] or facts["asked"] or all(not turn.words for turn in state.turns), told.script
        assert facts["reason_text"] and "_" not in facts["reason_text"], told.script
        something = [turn.rule for turn in state.turns if turn.rule not in SAYS_NOTHING]
        assert facts["tried"] or facts["slots"] or not (something[:-1]), (told.script, something)


def test_sources_and_what_is_left_open_are_named(handovers: list[Told]) -> None:
    quoted = [told for told in handovers if any(turn.article for turn in told.state.turns)]
    waiting = [told for told in handovers if told.state.frames]
    assert quoted and waiting
    for told in quoted:
        names = [source["article"] for source in told.brief().facts["sources"]]
        assert set(names) >= {turn.article for turn in told.state.turns if turn.article}, told.script
        assert all(source["title"] and source["review"] for source in told.brief().facts["sources"]), told.script
    for told in waiting:
        known = {(slot["flow"], slot["slot"]) for slot in told.brief().facts["slots"]}
        still = {(slot["flow"], slot["slot"]) for slot in told.brief().facts["open"]}
        assert not known & still, told.script
        assert known | still, told.script


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_heard_takes_twelve_seconds_at_most_and_the_whisper_is_nobodys(
    handovers: list[Told], language: str
) -> None:
    for told in handovers:
        heard = told.brief(language)
        assert spoken_seconds(heard.spoken) <= LONGEST_SPOKEN_SECONDS, told.script
        said = [turn.words for turn in told.state.turns if len(turn.words.split()) > 2]
        assert not any(words.lower() in heard.whisper.lower() for words in said), told.script
        assert told.state.number not in heard.spoken or not told.state.number, told.script
