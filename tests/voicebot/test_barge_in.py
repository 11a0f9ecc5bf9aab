"""Which voices stop the bot, and which words mean that somebody listens."""

import pytest

from voicebot.barge_in import BACKCHANNELS, FALSE_STOPS, QUIETEST_DBFS, BargeIn, is_backchannel


@pytest.mark.parametrize(
    ("level_dbfs", "caller_dbfs", "stops"),
    [
        (-20.0, -20.0, True),
        (-27.0, -20.0, True),
        (-30.0, -20.0, False),  # people behind the caller
        (-41.0, -38.0, True),  # a quiet caller
        (QUIETEST_DBFS - 1, -60.0, False),  # our own echo
    ],
)
def test_a_voice_stops_the_bot_when_it_is_loud_enough_to_be_the_callers(
    level_dbfs: float, caller_dbfs: float, stops: bool
) -> None:
    assert BargeIn().stops(level_dbfs, caller_dbfs) is stops


def test_after_two_false_stops_only_words_stop_a_reply() -> None:
    assert not BargeIn(false_stops=FALSE_STOPS).stops(-10.0, -20.0)


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
