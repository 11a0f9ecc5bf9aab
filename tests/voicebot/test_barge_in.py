"""Which voices stop the bot, and which words mean that somebody listens."""

import numpy as np
import pytest

from dialog.events import Manner
from speech.resampling import to_samples
from voicebot.barge_in import BACKCHANNELS, FALSE_STOPS, QUIETEST_DBFS, BargeIn, is_backchannel, is_stop

RATE_HZ = 8_000


def tone(dbfs: float, seconds: float = 0.02) -> np.ndarray:
    level = int(32767 * 10 ** (dbfs / 20))
    return np.resize(np.array([level, -level], np.int16), int(seconds * RATE_HZ))


class Line:
    """Frames in and out of one call, 20 ms at a time."""

    def __init__(self, barge_in: BargeIn, caller_dbfs: float | None = None) -> None:
        self.barge_in, self.now = barge_in, 0.0
        if caller_dbfs is not None:
            barge_in.caller_spoke(to_samples(np.repeat(tone(caller_dbfs, 1.0), 2)), over_bot=False)

    def pass_seconds(self, seconds: float, comes_in_dbfs: float) -> int:
        """Time goes by; returns in how many frames the bot would have been stopped."""
        stops = 0
        for _ in range(round(seconds / 0.02)):
            self.now += 0.02
            self.barge_in.hears(tone(comes_in_dbfs), self.now)
            stops += self.barge_in.stops(self.now)
        return stops


@pytest.mark.parametrize(
    ("level_dbfs", "caller_dbfs", "stops"),
    [
        (-20.0, -20.0, True),
        (-27.0, -20.0, True),
        (-30.0, -20.0, False),  # people behind the caller
        (-41.0, -38.0, True),  # a quiet caller
        (QUIETEST_DBFS - 1, -60.0, False),  # nobody
    ],
)
def test_a_voice_stops_the_bot_when_it_is_loud_enough_to_be_the_callers(
    level_dbfs: float, caller_dbfs: float, stops: bool
) -> None:
    assert bool(Line(BargeIn(), caller_dbfs).pass_seconds(0.1, level_dbfs)) is stops


@pytest.mark.parametrize("return_db", [-18.0, -25.0, -35.0])
def test_our_own_voice_coming_back_does_not_stop_us_and_a_caller_over_it_does(return_db: float) -> None:
    barge_in = BargeIn()
    line = Line(barge_in, caller_dbfs=-40.0)
    barge_in.speaks(tone(-20.0, 10.0), RATE_HZ, line.now)
    assert line.pass_seconds(4.0, -20.0 + return_db) == 0
    assert line.pass_seconds(0.1, -20.0 + return_db / 2) > 0


@pytest.mark.parametrize(("comes_in_dbfs", "louder"), [(-45.0, False), (-30.0, True)])
def test_an_utterance_no_louder_than_our_echo_is_our_echo(comes_in_dbfs: float, louder: bool) -> None:
    barge_in = BargeIn()
    line = Line(barge_in, caller_dbfs=-30.0)
    barge_in.speaks(tone(-20.0, 10.0), RATE_HZ, line.now)
    line.pass_seconds(2.0, -45.0)
    barge_in.utterance_began()
    line.pass_seconds(1.0, comes_in_dbfs)
    assert barge_in.louder_than_echo is louder


def test_an_echo_that_has_been_learnt_is_kept_from_the_ear_and_the_caller_over_it_is_not() -> None:
    barge_in = BargeIn()
    line = Line(barge_in)
    barge_in.speaks(tone(-20.0, 10.0), RATE_HZ, line.now)
    line.pass_seconds(2.0, -45.0)
    assert np.abs(barge_in.hears(tone(-45.0), line.now)).max() < 10
    line.pass_seconds(0.1, -25.0)
    assert np.array_equal(barge_in.hears(tone(-25.0), line.now), tone(-25.0))
    assert np.array_equal(barge_in.hears(tone(-45.0), line.now), tone(-45.0)), "a weak sound inside a word"


def test_without_an_echo_everything_is_heard() -> None:
    barge_in = BargeIn()
    line = Line(barge_in)
    barge_in.speaks(tone(-20.0, 10.0), RATE_HZ, line.now)
    line.pass_seconds(2.0, -60.0)
    assert np.array_equal(barge_in.hears(tone(-50.0), line.now), tone(-50.0))


def test_whoever_speaks_while_we_are_silent_is_no_echo() -> None:
    barge_in = BargeIn()
    barge_in.utterance_began()
    Line(barge_in).pass_seconds(0.2, -55.0)
    assert barge_in.louder_than_echo


def test_how_something_was_said_is_measured_against_the_same_caller() -> None:
    barge_in = BargeIn()
    usual, loud = (to_samples(np.repeat(tone(level, 1.0), 2)) for level in (-30.0, -18.0))
    assert barge_in.manner(loud) == Manner(0.0, 0)
    barge_in.caller_spoke(usual, over_bot=True)
    assert barge_in.manner(loud) == Manner(12.0, 1)


def test_without_an_echo_a_quiet_caller_is_let_in_once_that_is_known() -> None:
    barge_in = BargeIn()
    line = Line(barge_in, caller_dbfs=-38.0)
    barge_in.speaks(tone(-20.0, 10.0), RATE_HZ, line.now)
    line.pass_seconds(2.0, -70.0)
    assert line.pass_seconds(0.1, -40.0) > 0


def test_what_was_cleared_is_no_voice_of_ours() -> None:
    barge_in = BargeIn()
    line = Line(barge_in, caller_dbfs=-30.0)
    barge_in.speaks(tone(-10.0, 10.0), RATE_HZ, line.now)
    barge_in.falls_silent(line.now)
    assert line.pass_seconds(0.2, -35.0) > 0


def test_after_two_false_stops_only_words_stop_a_reply() -> None:
    barge_in = BargeIn()
    barge_in.false_stops = FALSE_STOPS
    assert Line(barge_in).pass_seconds(0.2, -10.0) == 0


@pytest.mark.parametrize("text", ["Stop.", "stopp stopp", "Nei, vent!", "Hold on.", "Стоп", "No, wait a"])
def test_words_that_stop_somebody_are_known(text: str) -> None:
    assert is_stop(text)


@pytest.mark.parametrize("text", ["", "no idea when it comes", "stop the delivery", "ja"])
def test_words_that_say_more_are_a_turn(text: str) -> None:
    assert not is_stop(text)


@pytest.mark.parametrize("language", BACKCHANNELS)
def test_each_word_of_listening_is_one_alone_and_doubled(language: str) -> None:
    for word in BACKCHANNELS[language].split():
        if word not in ("i", "see", "vel"):
            assert is_backchannel(word, language, 0.8), word
            assert is_backchannel(f"{word.capitalize()}, {word}.", language, 1.0), word


@pytest.mark.parametrize(
    "text", ["stop", "no", "nei", "vent", "stopp", "what", "seks", "yes but when", "hold on", "ні", "wait a second", ""]
)
def test_words_that_want_something_are_none(text: str) -> None:
    assert not is_backchannel(text, "nb", 0.8)


def test_a_long_yes_is_more_than_listening() -> None:
    assert not is_backchannel("Ja.", "nb", 3.0)


def test_callers_nod_in_other_languages_than_the_recogniser_thought() -> None:
    assert is_backchannel("Yeah.", "nb", 0.8)
    assert is_backchannel("Ja.", "en", 0.8)
