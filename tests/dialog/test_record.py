"""The decision record: everything of a turn, in a form that can be kept and be read."""

import json
from dataclasses import replace

import pytest

from dialog import Bot
from dialog.events import (
    Act,
    ActionDone,
    CallBegan,
    CallerPressed,
    CallerSaid,
    Decision,
    Event,
    HandOff,
    Listen,
    Manner,
    Prompt,
    Reply,
)
from dialog.explaining import Line, explain
from dialog.explaining import told as told_in_lines
from dialog.frustration import Mood, Reason
from dialog.language import LanguageSense
from dialog.record import Record, RecordInvalid, decision_of, record_of, records_of_lines, with_heard
from dialog.state import Filled, Frame, State
from tests.dialog.conftest import TUESDAY_MORNING

BEFORE = State(("nb", "en"), LanguageSense("nb"))
AFTER = replace(BEFORE, turn=3)
SAID = CallerSaid("hvor er strømmen", "nb", 0.62, Manner(7.5, 2))
CANDIDATES = [{"article": "power-outage", "score": 0.91}, {"article": "moving", "score": 0.31}]
DECISION = Decision(
    "answer",
    "power-outage",
    0.91,
    {
        "candidates": CANDIDATES,
        "margin": 1.2,
        "thresholds": {"answer": 0.5, "choice": 0.25},
        "heading": False,
        "review": "2027-05-01",
    },
)
ANSWER = Reply(
    (Prompt("Ring feiltelefonen på {92243711|phone}.", "nb", "power-outage"), Prompt("Noe mer?", "nb")),
    Listen("yes_no"),
    DECISION,
)


def record(bot: Bot, event: Event = SAID, after: State = AFTER, reply: Reply = ANSWER) -> Record:
    """A record of the test's turn, or of one that differs from it."""
    return record_of(bot, BEFORE, event, after, reply, TUESDAY_MORNING, "call-1")


def test_a_record_says_what_was_heard_what_decided_and_what_was_said(bot: Bot) -> None:
    made = record(bot)
    assert made["heard"] == {
        "words": "hvor er strømmen",
        "language": "nb",
        "confidence": 0.62,
        "loud_db": 7.5,
        "barge_ins": 2,
    }
    assert (made["rule"], made["score"], made["thresholds"]["answer"]) == ("answer", 0.91, 0.5)
    assert made["candidates"] == CANDIDATES
    assert made["content_version"] == bot.content_version
    assert [said["article"] for said in made["said"]] == ["power-outage", None]
    assert made["then"] == {"action": "listen", "expects": "yes_no", "choices": []}


@pytest.mark.parametrize(
    ("event", "reply"),
    [
        (SAID, ANSWER),
        (CallBegan(), Reply((), Listen(), Decision("greeting"))),
        (CallerPressed("0"), Reply((), HandOff("desk", "+4722000000", "kundeservice", "key_0"), Decision("key_0"))),
        (ActionDone(1, {"status": "sent"}), Reply((), Act("find", {"order": "402713"}, 2), Decision("flow"))),
    ],
)
def test_a_record_survives_json_and_gives_its_decision_back(bot: Bot, event: Event, reply: Reply) -> None:
    kept = json.loads(json.dumps(record(bot, event, reply=reply)))
    assert kept == record(bot, event, reply=reply)
    back = decision_of(kept)
    assert (back.rule, back.article, back.score) == (reply.decision.rule, reply.decision.article, reply.decision.score)
    assert (
        back.details.items() >= {key: value for key, value in reply.decision.details.items() if key != "review"}.items()
    )


def test_a_number_to_be_dialled_is_not_kept(bot: Bot) -> None:
    reply = Reply((), HandOff("desk", "+4722000000", "kundeservice", "key_0"), Decision("key_0"))
    assert "+4722000000" not in json.dumps(record(bot, CallerPressed("0"), reply=reply))


def test_a_record_of_a_later_version_is_refused(bot: Bot) -> None:
    with pytest.raises(RecordInvalid, match="version 1"):
        decision_of({**record(bot), "record": 2})


@pytest.mark.parametrize("line", ["{", '"text"', "{}", '{"record": 1}'])
def test_a_line_that_is_no_record_is_named_by_its_number(bot: Bot, line: str) -> None:
    with pytest.raises(RecordInvalid, match="line 3"):
        records_of_lines([json.dumps(record(bot)), "", line])


def test_explaining_tells_a_turn_in_norwegian(bot: Bot) -> None:
    told = explain([with_heard(record(bot), ["Ring feiltelefonen på {92243711|phone}."], interrupted=True)])
    assert told == (
        f"Samtale call-1 · 2026-11-24 · innhold {bot.content_version}\n"
        "\n"
        "Tur 3 · 10:00:00 · bokmål\n"
        "  Kunden:    «hvor er strømmen» (hørt med 62 % sikkerhet)\n"
        "  Boten:     Ring feiltelefonen på 92243711. Noe mer?\n"
        "  Hvorfor:   Artikkelen «power-outage» passet best. Sikkerhet 0,91, kravet er 0,50. "
        "Etter den kom moving (0,31).\n"
        "  Artikkel:  power-outage, leses igjen 2027-05-01\n"
        "  Hørt:      avbrutt etter «Ring feiltelefonen på 92243711.»\n"
        "  Deretter:  venter på ja eller nei\n"
    )


def test_explaining_tells_mood_flow_and_language_in_english(bot: Bot) -> None:
    mood = Mood(3.4, (Reason("complaint", 2.0, 3), Reason("told_you", 2.0, 4)), 3.4, turn=4)
    slots = (Filled("order", "402713", confirmed=True), Filled("day", alternatives=("2026-11-26", "2026-12-03")))
    after = replace(
        AFTER, mood=mood, frames=(Frame("order_status", slots=slots),), sense=LanguageSense("en", settled=True)
    )
    told = explain([record(bot, after=after)], "en")
    assert (
        "  Task:      order_status: order 402713 (confirmed), day 2026-11-26 / 2026-12-03 (several possible)\n" in told
    )
    assert "  Mood:      3.4 of 3.0: says that he or she has said so already (+2.0)\n" in told
    assert "The conversation went over from bokmål to English." in told


def test_a_page_gets_what_is_told_of_a_turn_line_by_line(bot: Bot) -> None:
    lines = told_in_lines(record(bot), "nb")
    assert [line.kind for line in lines] == ["caller", "bot", "why", "article", "then"]
    assert lines[0] == Line("caller", "Kunden", "«hvor er strømmen» (hørt med 62 % sikkerhet)")
    with pytest.raises(RecordInvalid):
        told_in_lines({"event": "said"}, "nb")


def test_each_conversation_has_its_heading_once(bot: Bot) -> None:
    other = {**record(bot), "call": "call-2"}
    told = explain([record(bot), record(bot), other, other])
    assert [line.split(" · ")[0] for line in told.splitlines() if line.startswith("Samtale")] == [
        "Samtale call-1",
        "Samtale call-2",
    ]


def test_a_rule_without_words_of_its_own_is_told_by_its_name(bot: Bot) -> None:
    assert "Regel: brand_new." in explain([record(bot, reply=replace(ANSWER, decision=Decision("brand_new")))])


def test_a_broken_record_is_refused_in_words(bot: Bot) -> None:
    broken = record(bot)
    del broken["said"]
    with pytest.raises(RecordInvalid, match="without 'said'"):
        explain([broken])
