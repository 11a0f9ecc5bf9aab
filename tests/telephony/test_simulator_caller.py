"""When the simulated caller speaks: on a handset whose time the test gives."""

import asyncio

import numpy as np
import pytest

from telephony.g711 import encode_ulaw
from telephony.simulator.caller import ScriptedCaller
from telephony.simulator.feed import Feed, FeedEntry
from telephony.simulator.handset import FRAME_SAMPLES, Handset
from telephony.simulator.judge import measure
from telephony.simulator.playout import Playout
from telephony.simulator.script import Keys, PutDown, Script, Sentence, Silence, Turn, Wait
from tests.telephony.tone_bot import tone

VOICE = tone(0.5)
LONG = tone(1.0)


class Line:
    """Moves a handset's time, and plays what the bot sends."""

    def __init__(self, *turns: Turn, patience_seconds: float = 3.0) -> None:
        self.handset = Handset()
        self.playout = Playout()
        self.feed = Feed(lambda: self.handset.now)
        voices = {
            index: LONG if turn.act.text == "long" else VOICE
            for index, turn in enumerate(turns)
            if isinstance(turn.act, Sentence)
        }
        script = Script("x", turns)
        self.caller = ScriptedCaller(script, voices, self.handset, self.feed, patience_seconds)
        self.talking = asyncio.create_task(self.caller.talk())

    async def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 50)):
            now = self.handset.now + FRAME_SAMPLES
            self.handset.hear(self.playout.advance(now), self.playout.pending_bytes, self.playout.pending_marks)
            self.handset.next_frame(now)
            self.handset.tick(now)
            for _ in range(3):  # let the caller act
                await asyncio.sleep(0)

    def bot_says(self, seconds: float) -> None:
        self.playout.audio(encode_ulaw(tone(seconds)), self.handset.now)

    def state(self, text: str) -> None:
        self.feed.missing = ""
        self.feed.entries.append(FeedEntry("state", text, {}, 0.0, self.handset.now))

    @property
    def spoke_at(self) -> list[float]:
        return [round(one.start / 8000, 2) for one in self.handset.spoken]

    async def end(self) -> None:
        self.handset.finish()
        await self.talking


SAY = Sentence("a", "en")


async def test_the_caller_waits_for_the_greeting_to_end():
    line = Line(Turn(SAY, "greeting"))
    line.bot_says(1.0)
    await line.run(1.5)
    assert line.spoke_at == []
    await line.run(2.0)
    assert len(line.spoke_at) == 1 and 1.9 <= line.spoke_at[0] <= 2.1
    await line.end()


async def test_a_pause_between_two_sentences_is_not_the_end():
    line = Line(Turn(SAY, "greeting"))
    line.bot_says(1.0)
    await line.run(1.5)
    line.bot_says(1.0)
    await line.run(1.5)
    assert line.spoke_at == []
    await line.run(1.5)
    assert len(line.spoke_at) == 1
    await line.end()


async def test_a_bot_that_says_it_is_busy_is_waited_for_longer():
    line = Line(Turn(SAY, "greeting"))
    line.state("speaking")
    line.bot_says(0.5)
    await line.run(3.0)
    assert line.spoke_at == []
    line.state("listening")
    await line.run(0.1)
    assert len(line.handset.spoken) == 1
    await line.end()


async def test_a_bot_that_never_says_it_is_done_does_not_stop_the_call():
    line = Line(Turn(SAY, "greeting"))
    line.state("speaking")
    line.bot_says(0.5)
    await line.run(8.0)
    assert len(line.handset.spoken) == 1
    await line.end()


async def test_an_interruption_comes_so_many_seconds_into_the_bots_speech():
    line = Line(Turn(SAY, "greeting"), Turn(SAY, 0.8))
    line.bot_says(0.2)
    await line.run(2.0)
    assert len(line.spoke_at) == 1
    line.bot_says(5.0)
    began = line.handset.now / 8000
    await line.run(2.0)
    assert line.spoke_at[1] - began == pytest.approx(0.8, abs=0.05)
    assert line.caller.taken[1].interrupted is not None
    await line.end()


async def test_at_once_means_at_once():
    line = Line(Turn(SAY, "immediately"))
    await line.run(0.2)
    assert line.spoke_at == [pytest.approx(0.0, abs=0.05)]
    await line.end()


async def test_a_bot_that_says_nothing_is_complained_about_and_the_script_goes_on():
    line = Line(Turn(SAY, "greeting"), Turn(SAY))
    await line.run(3.2)
    assert line.caller.complaints == ["no greeting within 3 s"]
    await line.run(4.0)
    assert line.caller.complaints == ["no greeting within 3 s", "turn 1: no reply within 3 s"]
    assert len(line.handset.spoken) == 2
    await line.end()


async def test_keys_are_pressed_in_the_middle_of_what_is_said():
    line = Line(Turn(Sentence("long", "en"), "immediately", pressing="5"))
    await line.run(0.4)
    assert line.handset.speaking and not line.handset.keys
    await line.run(0.2)
    assert line.handset.speaking and list(line.handset.keys) == ["5"]
    await line.end()


async def test_keys_waits_silence_and_hanging_up():
    line = Line(Turn(Keys("1#"), "immediately"), Turn(Wait(1.0), "immediately"), Turn(Silence(1.0)), Turn(PutDown()))
    await line.run(0.1)
    assert list(line.handset.keys) == ["1", "#"]
    line.handset.keys.clear()
    await line.run(4.0)
    assert line.caller.complaints == ["turn 3: no reply within 1 s"]
    assert line.handset.hung_up.is_set() and line.talking.done()


async def test_the_caller_hears_the_last_reply_before_hanging_up():
    line = Line(Turn(SAY, "immediately"))
    await line.run(1.0)
    line.bot_says(1.0)
    await line.run(1.5)
    assert not line.handset.hung_up.is_set()
    await line.run(1.0)
    assert line.handset.hung_up.is_set()


async def test_a_call_that_ends_ends_the_caller():
    line = Line(Turn(SAY, "greeting"), Turn(SAY))
    await line.run(0.5)
    await line.end()
    assert line.talking.done() and line.caller.complaints == []


def test_speech_is_measured_from_its_first_to_its_last_audible_sample():
    handset = Handset()
    quiet = np.zeros(1600, dtype=np.int16)
    handset.say(np.concatenate([quiet, VOICE, quiet]))
    for frame in range(1, 60):
        handset.next_frame(frame * FRAME_SAMPLES)
    assert [(one.start, one.end) for one in handset.spoken] == [(1600, 1600 + len(VOICE))]
    assert not handset.speaking


def test_noise_goes_on_for_ever_and_is_mixed_with_speech():
    handset = Handset(noise=np.full(100, 500, dtype=np.int16))
    assert (handset.next_frame(160) == 500).all()
    handset.say(np.full(160, 1000, dtype=np.int16))
    assert (handset.next_frame(320) == 1500).all()


async def test_a_pause_in_interrupted_speech_is_not_the_reply():
    line = Line(Turn(SAY, 0.2))
    line.bot_says(0.5)
    await line.run(0.55)
    await line.run(0.4)  # a pause longer than 300 ms, and the bot goes on
    line.bot_says(5.0)
    await line.run(0.3)
    cleared_at = line.handset.now
    line.handset.hear(line.playout.clear(cleared_at), 0, 0)
    line.handset.heard.cut()
    await line.run(0.4)
    line.bot_says(0.5)
    reply_at = line.handset.now
    await line.run(0.6)
    await line.end()
    taken = line.caller.taken[0]
    report = measure(taken, None, line.handset)
    assert report.stopped_ms == pytest.approx((cleared_at - taken.began) / 8, abs=20)
    assert report.latency_ms == pytest.approx((reply_at - taken.ended) / 8, abs=20)
