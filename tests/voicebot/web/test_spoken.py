"""One turn as the console shows it."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from dialog.events import CallerSaid
from dialog.language import LanguageSense
from dialog.record import Record, record_of, with_heard
from dialog.redaction.records import facts_of
from dialog.state import State
from tests.voicebot.records.talks import MORNING, Said, small_bot
from voicebot.records.reading import ReadTurn
from voicebot.web.pages.spoken import heard_of, spoken

OSLO = ZoneInfo("Europe/Oslo")
ANSWER = "Vi har åpent. / Fra åtte til {16:00|time}. / Noe mer?"


@pytest.fixture(scope="module")
def record() -> Record:
    state = State(("nb",), LanguageSense("nb"))
    said = Said("når åpner dere", ANSWER)
    return record_of(small_bot(), state, CallerSaid("når åpner dere", "nb", 0.9), state, said.reply("nb"), MORNING)


@pytest.mark.parametrize(
    ("sentences", "interrupted", "heard", "unheard"),
    [
        ((), False, "Vi har åpent. Fra åtte til 16:00. Noe mer?", ""),
        ((), True, "", "Vi har åpent. Fra åtte til 16:00. Noe mer?"),
        (("Vi har åpent.",), True, "Vi har åpent.", "Fra åtte til 16:00. Noe mer?"),
        (("Vi har åpent.", "Fra åtte til {16:00|time}."), True, "Vi har åpent. Fra åtte til 16:00.", "Noe mer?"),
    ],
)
def test_what_was_not_heard_is_told_apart(
    record: Record, sentences: tuple[str, ...], interrupted: bool, heard: str, unheard: str
) -> None:
    assert heard_of(with_heard(record, sentences, interrupted)) == (heard, unheard)


def test_a_turn_says_what_is_kept_of_it_and_why_there_is_not_more(record: Record) -> None:
    turn = ReadTurn(1, MORNING, "answer", record, {"sentences": [], "interrupted": True}, "")
    whole = spoken(turn, OSLO, "nb")
    assert (whole.clock, whole.heard) == ("10:00:00", "")
    assert whole.caller == "«når åpner dere» (hørt med 90 % sikkerhet)"
    assert [line.kind for line in whole.lines] == ["why", "article", "then"]
    assert whole.candidates[0] == ("hours", 0.91)
    facts = spoken(replace(turn, record=facts_of(record), heard=None), OSLO, "nb")
    assert (facts.caller, facts.heard, facts.unheard, facts.fault) == ("", "", "", "")
    assert [line.kind for line in facts.lines] == ["why", "article", "then"]
    assert spoken(replace(turn, record=None, fault="key_gone"), OSLO, "nb").fault == "key_gone"
    assert spoken(replace(turn, record=None), OSLO, "nb").fault == "no_words"
    assert spoken(replace(turn, record={"event": "said"}), OSLO, "nb").fault == "unreadable"
