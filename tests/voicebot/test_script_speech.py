"""Scripts by voice: the caller's words go through a telephone line and the bot's own ears."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

import voicebot
from dialog import Bot, State, load_bot
from dialog.events import CallerSaid, Listen, NotUnderstood
from dialog.language import LanguageSense
from speech.audio import AudioChunk
from tests.fakes import FakeHearing, transcript
from tests.speech.ear_fakes import LevelVad, sound
from voicebot.cli import main
from voicebot.script_speech import Telephone

TEMPLATE = Path(voicebot.__file__).parent / "template"


@dataclass
class Tones:
    """Says every sentence as half a second of tone."""

    said: list[tuple[str, str]] = field(default_factory=list)

    def sentences(self, text: str, language: str) -> tuple[str, ...]:
        return tuple(text.split("|"))

    async def stream(
        self, sentence: str, language: str, *, rate_hz: int, slower: bool = False, ahead_seconds: float = 0.0
    ) -> AsyncIterator[AudioChunk]:
        self.said.append((sentence, language))
        yield AudioChunk(sound(0.5, rate_hz), rate_hz)


@pytest.fixture(scope="module")
def bot() -> Bot:
    return load_bot(TEMPLATE)


@pytest.fixture
def state(bot: Bot) -> State:
    return replace(State(bot.languages, LanguageSense("nb")), listened=Listen("digits", length=6))


async def test_what_was_heard_reaches_the_mind_and_not_what_was_written(bot: Bot, state: State):
    tones, hearing = Tones(), FakeHearing([transcript(" 402 713 ", language="nb")])
    event = await Telephone(bot, tones, hearing, LevelVad)("fire null to sju en tre", state)
    assert event == CallerSaid("402 713", "nb", 0.9)
    assert tones.said == [("fire null to sju en tre", "nb")]
    assert hearing.languages == [("nb", "en")]
    assert 0.4 < hearing.asked[0].duration_seconds < 2.0


async def test_sentences_become_one_turn_and_the_voice_is_that_of_their_language(bot: Bot, state: State):
    tones, hearing = Tones(), FakeHearing([transcript("I would like to know where my parcel is")])
    event = await Telephone(bot, tones, hearing, LevelVad)("I would like to know|where my parcel is", state)
    assert isinstance(event, CallerSaid)
    assert [language for _, language in tones.said] == ["en", "en"]
    assert len(hearing.asked) == 1


async def test_what_the_gate_threw_out_was_not_understood(bot: Bot, state: State):
    hearing = FakeHearing([transcript("", rejected="loop")])
    assert await Telephone(bot, Tones(), hearing, LevelVad)("hei", state) == NotUnderstood("loop")


@pytest.mark.models
def test_a_new_bot_passes_its_spoken_script(capsys: pytest.CaptureFixture[str]):
    assert main(["test", str(TEMPLATE), "--speech"]) == 0, capsys.readouterr().out
