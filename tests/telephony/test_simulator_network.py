"""Whole calls over loopback to a bot that knows only the documented protocol. Real time, a second or two each."""

import asyncio
import json

import numpy as np
import pytest

from telephony.call import Pcm16
from telephony.simulator import CallReport, Mischief, Network, PhoneNetwork, Script, place_call
from telephony.simulator.handset import Handset
from telephony.simulator.report import percentiles, to_json
from telephony.simulator.script import Expectation, Keys, PutDown, Sentence, Turn
from tests.telephony.tone_bot import ACCOUNT, PUBLIC, TOKEN, Document, ToneBot, served, tone

SAY = Sentence("a", "en")
LISTEN = Script("listen", (Turn(PutDown(), "greeting"),))


async def speak(text: str, language: str) -> Pcm16:
    return tone(0.3, 300)


async def called(
    bot: ToneBot, script: Script = LISTEN, mischief: Mischief | None = None, limit_seconds: float = 10.0
) -> tuple[CallReport, Handset]:
    async with served(bot.app()) as base, PhoneNetwork(Network(ACCOUNT, TOKEN, PUBLIC, base), mischief) as phones:
        return await phones.place(script, speak, limit_seconds=limit_seconds, patience_seconds=1.0)


async def test_a_call_from_ring_to_goodbye():
    bot = ToneBot(greeting_seconds=0, feed=[
        {"kind": "caller", "text": "hello", "details": {"confidence": 0.9, "stages": {"whisper": 120}}},
        {"kind": "decision", "text": "answer", "details": {"rule": "answer", "article": "delivery"}},
        {"kind": "bot", "text": "Two days."},
    ])  # fmt: skip
    expect = Expectation("delivery", "answer", ("two days",), within_ms=60_000)
    # The feed of this bot comes whole at the start, so the turn begins at once to have it on its side.
    report, handset = await called(bot, Script("x", (Turn(SAY, "immediately", expect),)))
    assert report.ok, report
    turn = report.turns[0]
    assert (turn.understood, turn.confidence, turn.article, turn.said) == ("hello", 0.9, "delivery", ("Two days.",))
    assert turn.stages_ms == {"whisper": 120.0}
    assert turn.latency_ms is not None
    assert report.outcome == "the caller hung up"
    events = [body["event"] for body in bot.received]
    assert events[:2] == ["connected", "start"] and events[-1] == "stop"
    assert [body["mark"]["name"] for body in bot.received if body["event"] == "mark"] == ["greeting", "reply-1"]
    stereo = handset.stereo()
    assert stereo.shape[1] == 2 and np.abs(stereo).max(axis=0).min() > 5000
    assert json.loads(to_json([report]))["ok"] is True


async def test_the_network_tells_of_the_stream_and_of_the_end():
    bot = ToneBot()
    await called(bot)
    told = sorted((path, form.get("StreamEvent", form.get("CallStatus"))) for path, form, _ in bot.forms)
    assert told == [
        ("/stream-status", "stream-started"),
        ("/stream-status", "stream-stopped"),
        ("/twilio/status", "completed"),
        ("/twilio/voice", "ringing"),
    ]
    sequences = [int(body["sequenceNumber"]) for body in bot.received if "sequenceNumber" in body]
    assert sequences == list(range(1, len(sequences) + 1))


async def test_the_bot_closes_the_stream_and_is_asked_what_next():
    bot = ToneBot(close_after_key=True, documents={"/after": "<Response><Say>Goodbye</Say><Hangup/></Response>"})
    script = Script("x", (Turn(Keys("0"), "immediately", Expectation(hung_up=True)),))
    report, handset = await called(bot, script, Mischief(verb_pace=0))
    assert report.ok, report
    assert report.outcome == "the bot hung up"
    assert [text for _, text in handset.said_by_network] == ["Goodbye"]
    assert [body["dtmf"]["digit"] for body in bot.received if body["event"] == "dtmf"] == ["0"]


@pytest.mark.parametrize(
    ("result", "outcome"), [("completed", "transferred to +4721000000"), ("busy", "the bot hung up")]
)
async def test_the_caller_is_passed_on(result, outcome):
    dial = '<Response><Dial action="/dialled"><Number>+4721000000</Number></Dial></Response>'
    documents: dict[str, Document] = {"/after": dial, "/dialled": "<Response><Hangup/></Response>"}
    feed = [{"kind": "transfer", "text": "Sales", "details": {"department": "sales"}}]
    bot = ToneBot(close_after_key=True, documents=documents, feed=feed)
    script = Script("x", (Turn(Keys("0"), "immediately", Expectation(transfer="sales")),))
    report, _ = await called(bot, script, Mischief(verb_pace=0, dial_result=result))
    assert report.ok, report
    assert (report.outcome, report.transferred_to) == (outcome, ["+4721000000"])
    dialled = next(form for path, form, _ in bot.forms if path == "/dialled")
    assert dialled["DialCallStatus"] == result


async def test_a_stream_that_comes_back_is_a_new_stream_of_the_same_call():
    again = '<Response><Connect action="/end"><Stream url="/media/two"/></Connect></Response>'
    bot = ToneBot(close_after_key=True, documents={"/after": again})
    report, _ = await called(bot, Script("x", (Turn(Keys("1"), "immediately"), Turn(PutDown(), "reply"))))
    starts = [body["start"] for body in bot.received if body["event"] == "start"]
    assert len({start["streamSid"] for start in starts}) == 2
    assert len({start["callSid"] for start in starts}) == 1
    assert report.ok, report


async def test_a_broken_voice_webhook_leads_to_the_fallback():
    fallback = "<Response><Dial>+4721000000</Dial></Response>"
    bot = ToneBot(statuses={"/twilio/voice": [500]}, documents={"/twilio/fallback": fallback})
    report, _ = await called(bot, mischief=Mischief(verb_pace=0))
    assert report.outcome == "transferred to +4721000000"
    assert any("11200" in violation for violation in report.violations)
    form = next(form for path, form, _ in bot.forms if path == "/twilio/fallback")
    assert form["ErrorCode"] == "11200" and form["ErrorUrl"].endswith("/twilio/voice")


async def test_a_bad_document_fails_the_call():
    bot = ToneBot(documents={"/twilio/voice": "<Response><say>hi</say></Response>"})
    report, _ = await called(bot)
    assert not report.ok and report.outcome == "failed: the document was refused"


@pytest.mark.parametrize("mischief", [Mischief(wrong_token=True), Mischief(no_signature=True)])
async def test_requests_that_are_not_authentic_are_refused(mischief):
    bot = ToneBot()
    report, _ = await called(bot, mischief=mischief)
    assert not report.ok and report.outcome.startswith("failed") and bot.forms == []


async def test_a_stream_signed_as_https_is_refused_and_the_action_asked():
    bot = ToneBot()
    report, _ = await called(bot, mischief=Mischief(https_signed_stream=True))
    assert bot.refused == 1
    assert any("31920" in violation for violation in report.violations)
    events = [form["StreamEvent"] for path, form, _ in bot.forms if path == "/stream-status"]
    assert "stream-error" in events and "/after" in [path for path, _, _ in bot.forms]


async def test_a_stream_signed_with_a_slash_is_accepted():
    report, _ = await called(ToneBot(), mischief=Mischief(trailing_slash=True))
    assert report.ok, report


async def test_bad_weather_does_no_harm_to_a_good_bot():
    mischief = Mischief(
        repeat_webhooks=True,
        callback_copies=2,
        shuffle_callbacks=True,
        jitter_ms=30,
        burst_frames=3,
        garbage_every_frames=5,
        oversized_message_bytes=1000,
        timestamp_jumps_ms=(200, -100),
        lost_share=0.05,
        hole_ms=40,
        swapped_share=0.2,
        stall_ms=100,
    )
    bot = ToneBot()
    report, _ = await called(bot, Script("x", (Turn(SAY, "greeting"),)), mischief)
    assert report.ok, report
    assert len([path for path, _, _ in bot.forms if path == "/twilio/status"]) == 2


async def test_a_cut_connection_is_an_error_of_the_stream():
    bot = ToneBot()
    report, _ = await called(bot, mischief=Mischief(drop_after_seconds=0.2))
    events = [form["StreamEvent"] for path, form, _ in bot.forms if path == "/stream-status"]
    assert "stream-error" in events and report.outcome == "the bot hung up"


async def test_a_slow_reader_hears_late_but_hears():
    bot = ToneBot(reply_seconds=0.2)
    report, _ = await called(bot, Script("x", (Turn(SAY, "greeting"),)), Mischief(slow_reader_seconds=0.2))
    assert report.ok, report


async def test_a_bot_that_breaks_the_protocol_is_reported():
    bot = ToneBot(extra_messages=[b"\x00", '{"event":"connected"}'])
    report, _ = await called(bot)
    assert len(report.violations) == 2 and not report.ok


async def test_an_interruption_is_measured():
    bot = ToneBot(greeting_seconds=3.0)
    report, _ = await called(bot, Script("x", (Turn(SAY, 0.2), Turn(PutDown(), "reply"))))
    turn = report.turns[0]
    assert report.ok, report
    assert turn.stopped_ms is not None
    assert turn.latency_ms is not None and report.most_ahead_ms > 2000


async def test_a_call_that_does_not_end_is_hung_up_and_reported():
    report, _ = await called(ToneBot(), Script("x", (Turn(SAY, "greeting"),)), limit_seconds=0.5)
    assert any("still running" in violation for violation in report.violations)


async def test_expectations_that_cannot_be_checked_fail():
    script = Script("x", (Turn(PutDown(), "greeting", Expectation(article="delivery")),))
    report, _ = await called(ToneBot(feed=None), script)
    assert not report.ok and "could not be checked" in report.turns[0].failures[0]


async def test_the_one_line_way_and_a_plain_local_service():
    happenings: list[str] = []
    bot = ToneBot()
    async with served(bot.app()) as base:
        bot.public = base
        report = await place_call(
            base,
            LISTEN,
            account=ACCOUNT,
            token=TOKEN,
            speak=speak,
            on_event=lambda happening: happenings.append(happening.kind),
        )
    assert report.ok, report
    assert happenings == ["dialling", "answered", "does", "ended"]


async def test_many_calls_at_once():
    bot = ToneBot(greeting_seconds=0.1)
    async with served(bot.app()) as base, PhoneNetwork(Network(ACCOUNT, TOKEN, PUBLIC, base)) as phones:
        placed = await asyncio.gather(*(phones.place(LISTEN, speak) for _ in range(5)))
    assert all(report.ok for report, _ in placed)
    assert len({report.call_sid for report, _ in placed}) == 5


def test_percentiles():
    assert percentiles([]) == {"n": 0, "p50": None, "p95": None}
    assert percentiles([float(value) for value in range(1, 101)]) == {"n": 100, "p50": 50.0, "p95": 95.0}
    assert percentiles([7.0]) == {"n": 1, "p50": 7.0, "p95": 7.0}
