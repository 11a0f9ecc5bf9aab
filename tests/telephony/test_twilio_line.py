"""The line around its calls: who gets a socket, what ends a call from outside, and that nothing is left running."""

import asyncio
import json
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from telephony.call import CallEnded, EndReason, FrameReceived, KeyPressed
from telephony.errors import LineClosed
from telephony.twilio import Patience
from tests.telephony.twilio_house import (
    ACCOUNT,
    QUICK,
    STREAM,
    TOKEN,
    FakeDesk,
    Line,
    media_message,
    open_house,
    sign,
    start_message,
    stream_url,
    within,
)

SECOND = np.full(8000, 1000, dtype=np.int16)


def tags(document) -> list[str]:
    return [verb.tag for verb in document]


class Listening:
    """A conversation that keeps how each call ended."""

    def __init__(self):
        self.events: list[Any] = []

    async def __call__(self, call) -> None:
        async for event in call.events():
            self.events.append(event)

    @property
    def end(self) -> EndReason:
        reason: EndReason = self.events[-1].reason
        return reason


# Who gets a socket.


async def refused(url: str, headers: dict[str, str]) -> int:
    with pytest.raises(InvalidStatus) as status:
        async with connect(url, additional_headers=headers, compression=None):
            pass
    return status.value.response.status_code


async def test_a_handshake_without_a_right_signature_is_answered_403():
    async with open_house() as house:
        url = stream_url(await house.document("/twilio/voice"))
        https = url.replace("ws://", "http://")
        for headers in ({}, {"x-twilio-signature": ""}, {"x-twilio-signature": sign(TOKEN, https, [])}):
            assert await refused(url, headers) == 403
        assert await refused(url, {"x-twilio-signature": sign("wrong", url, [])}) == 403
        assert house.line.counters.refused_signatures == 4
        # None of them has used the token up.
        async with house.stream(url) as line:
            await line.stop()
            await within(house.desk.finished.get())


async def test_the_handshake_may_be_signed_with_a_slash_behind():
    async with open_house() as house:
        url = stream_url(await house.document("/twilio/voice"))
        headers = {"X-Twilio-Signature": sign(TOKEN, url + "/", [])}
        async with connect(url, additional_headers=headers, compression=None) as connection:
            line = Line(connection)
            await line.start()
            await line.stop()
            await within(house.desk.finished.get())


async def test_a_token_opens_one_stream_and_a_guess_opens_none():
    async with open_house() as house:
        url = stream_url(await house.document("/twilio/voice"))
        async with house.stream(url) as line:
            assert await refused(url, {"x-twilio-signature": sign(TOKEN, url, [])}) == 403
            guess = url.rpartition("/")[0] + "/" + "A" * 43
            assert await refused(guess, {"x-twilio-signature": sign(TOKEN, guess, [])}) == 403
            assert house.line.counters.refused_tokens == 2
            await line.stop()
            await within(house.desk.finished.get())


async def test_an_expired_token_opens_nothing():
    async with open_house(patience=Patience(token_seconds=0.0)) as house:
        url = stream_url(await house.document("/twilio/voice"))
        assert await refused(url, {"x-twilio-signature": sign(TOKEN, url, [])}) == 403


async def test_sockets_that_do_not_show_who_they_are_are_few_and_short_lived():
    async with open_house(max_sockets=1) as house:
        one = stream_url(await house.document("/twilio/voice"))
        async with house.stream(one, start=False) as line:
            other = stream_url(await house.document("/twilio/voice", CallSid="CA" + "9" * 32))
            assert await refused(other, {"x-twilio-signature": sign(TOKEN, other, [])}) == 403
            # `connected` alone is not enough.
            await line.send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
            assert await within(line.closed()) == 1008
        async with house.stream(other, start=False) as line:
            await line.start(callSid="CA" + "9" * 32)
            await line.stop()
            await within(house.desk.finished.get())
    assert house.line.counters.streams == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"accountSid": "AC" + "0" * 32},
        {"callSid": "CA" + "0" * 32},
        {"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1}},
    ],
)
async def test_a_start_that_is_not_ours_closes_the_socket(changes):
    async with open_house() as house:
        url = stream_url(await house.document("/twilio/voice"))
        async with house.stream(url, start=False) as line:
            await line.start(**changes)
            assert await within(line.closed()) == 1008
        assert house.desk.calls == []
        # Twilio then asks what next, and the caller is not left alone.
        assert tags(await house.document("/twilio/stream-ended", CallStatus="in-progress")) == ["Connect"]


# What comes in on the socket.


async def test_garbage_is_counted_and_the_call_goes_on():
    conversation = Listening()
    async with open_house(FakeDesk(conversation)) as house, house.call() as line:
        for garbage in ("{", "[]", b"\x00\x01", '{"event":"new"}', media_message(b"", 1)):
            await line.send(garbage)
        spoiled = media_message(b"x", 1)
        spoiled["media"]["payload"] = "%%%"
        await line.send(spoiled)
        await line.send({"event": "media", "streamSid": "MZother", "media": {"payload": "//8="}})
        await line.media()
        await line.stop()
        await within(house.desk.finished.get())
        assert [type(event) for event in conversation.events] == [FrameReceived, CallEnded]
    assert house.line.counters.ignored_messages == {
        "malformed_not_json": 1,
        "malformed_not_object": 1,
        "malformed_binary": 1,
        "unknown_event": 1,
        "malformed_empty_media": 1,
        "malformed_not_base64": 1,
        "other_stream": 1,
    }


async def test_a_megabyte_in_one_message_loses_the_line_and_nothing_else():
    conversation = Listening()
    async with open_house(FakeDesk(conversation)) as house:
        async with house.call() as line:
            await within(house.desk.started.get())
            await line.send("x" * 1_000_000)
            assert await within(line.closed()) == 1009
        await within(house.desk.finished.get())
        assert conversation.end is EndReason.LINE_LOST
        assert tags(await house.document("/twilio/stream-ended", CallStatus="in-progress")) == ["Connect"]


async def test_an_abrupt_disconnect_is_a_lost_line():
    conversation = Listening()
    async with open_house(FakeDesk(conversation)) as house, house.call() as line:
        await line.media()
        line.connection.transport.abort()
        await within(house.desk.finished.get())
        assert conversation.end is EndReason.LINE_LOST


async def test_a_hole_in_the_audio_is_counted_and_filled():
    conversation = Listening()
    async with open_house(FakeDesk(conversation)) as house, house.call() as line:
        await line.send(media_message(b"\x00" * 160, 1, timestamp_ms=0))
        await line.send(media_message(b"\x00" * 160, 2, timestamp_ms=100))
        await line.stop()
        await within(house.desk.finished.get())
    assert len(conversation.events) == 1 + 4 + 1 + 1
    assert house.line.counters.lost_frames == 4


async def test_a_conversation_that_does_not_listen_never_blocks_the_line():
    free = asyncio.Event()

    async def busy(call):
        await free.wait()
        conversation.events = [event async for event in call.events()]

    conversation = Listening()
    async with open_house(FakeDesk(busy)) as house, house.call() as line:
        await line.dtmf("7")
        for _ in range(600):
            await line.media()
        await line.stop()
        # The socket's end shows that the line has read everything.
        await within(line.closed())
        free.set()
        await within(house.desk.finished.get())
        assert conversation.events[0] == KeyPressed("7")
    assert house.line.counters.dropped_frames > 90


async def test_playing_more_than_30_seconds_waits_until_a_clear():
    done = asyncio.Event()
    reached: list[object] = []

    async def talk(call):
        await call.play(np.zeros(8000 * 31, dtype=np.int16), "long")
        reached.append("long")
        waiting = asyncio.create_task(call.play(SECOND, "waits"))
        await asyncio.sleep(0)
        reached.append(waiting.done())
        await call.clear()
        await waiting
        done.set()
        conversation.events = [event async for event in call.events()]

    conversation = Listening()
    async with open_house(FakeDesk(talk)) as house, house.call() as line:
        await within(done.wait())
        await line.stop()
        await within(house.desk.finished.get())
    assert reached == ["long", False]
    assert [getattr(event, "name", None) for event in conversation.events] == ["long", "waits", None]


async def test_playing_that_waits_finds_the_line_closed():
    raised = asyncio.Event()

    async def talk(call):
        await call.play(np.zeros(8000 * 31, dtype=np.int16), "long")
        with pytest.raises(LineClosed):
            await call.play(SECOND, "waits")
        raised.set()

    async with open_house(FakeDesk(talk)) as house, house.call() as line:
        await line.until("media")
        await line.stop()
        await within(raised.wait())
        await within(house.desk.finished.get())


async def test_a_marks_name_is_used_once():
    failed = asyncio.Event()

    async def talk(call):
        await call.play(SECOND, "same")
        with pytest.raises(ValueError, match="same"):
            await call.play(SECOND, "same")
        failed.set()

    async with open_house(FakeDesk(talk)) as house, house.call():
        await within(failed.wait())


async def test_what_we_send_has_only_the_documented_fields():
    async def talk(call):
        await call.play(SECOND[:400], "one")
        await call.clear()
        await call.play(SECOND[:400], "two")

    async with open_house(FakeDesk(talk)) as house, house.call() as line:
        async for text in line.connection:
            message = json.loads(text)
            assert message["streamSid"] == STREAM
            body = {"media": {"payload"}, "mark": {"name"}, "clear": None}[message["event"]]
            assert message.keys() == {"event", "streamSid"} | ({message["event"]} if body else set())
            assert body is None or message[message["event"]].keys() == body
            if message["event"] == "mark":
                break


# What ends a call from outside its conversation.


async def deaf(call) -> None:
    """A conversation that ignores its call for ever."""
    await asyncio.Event().wait()


async def test_the_hard_cap_ends_a_call_and_its_conversation_by_rest():
    async with open_house(FakeDesk(deaf), call_seconds=0.1) as house, house.call() as line:
        assert await within(line.closed()) == 1000
        await within(house.api.arrived.wait())
        assert house.api.requests[0]["form"] == [("Status", "completed")]
        await within(house.desk.finished.get())
    assert house.line.counters.watchdog == {"too_long": 1}
    assert house.line.counters.stuck_conversations == 1


async def test_a_conversation_hears_of_the_hard_cap():
    conversation = Listening()
    async with open_house(FakeDesk(conversation), call_seconds=0.1) as house, house.call() as line:
        await within(line.closed())
        await within(house.desk.finished.get())
    assert conversation.end is EndReason.TIME_LIMIT
    assert house.line.counters.stuck_conversations == 0


async def test_a_line_without_media_is_passed_on_to_a_person():
    async with open_house(FakeDesk(Listening()), idle_seconds=0.1) as house, house.call() as line:
        await within(line.closed())
        await within(house.api.arrived.wait())
        [(name, document)] = house.api.requests[0]["form"]
        assert name == "Twiml" and "<Dial" in document
    assert house.line.counters.watchdog == {"no_media": 1}


async def test_a_call_in_which_nobody_speaks_ends():
    async with open_house(FakeDesk(Listening()), quiet_seconds=0.1) as house, house.call() as line:
        await within(line.closed())
        assert tags(await house.document("/twilio/stream-ended", CallStatus="in-progress")) == ["Hangup"]
    assert house.line.counters.watchdog == {"nobody_speaks": 1}


async def test_a_conversation_that_swallows_its_cancellation_does_not_hold_the_line():
    free = asyncio.Event()

    async def stubborn(call):
        while not free.is_set():
            try:
                await asyncio.wait_for(free.wait(), None)
            except asyncio.CancelledError:
                continue

    async with open_house(FakeDesk(stubborn)) as house:
        async with house.call() as line:
            await line.stop()
        await within(house.line.close("now"))
        assert house.line.calls == 0 and house.line.counters.stuck_conversations == 1
        free.set()
        await within(house.desk.finished.get())


async def test_a_second_stream_of_a_call_takes_the_place_of_the_first():
    conversation = Listening()
    async with open_house(FakeDesk(conversation)) as house, house.call() as first:
        document = await house.document("/twilio/stream-ended", CallStatus="in-progress")
        await within(first.closed())
        await within(house.desk.finished.get())
        first_end = conversation.end
        async with house.stream(stream_url(document)) as second:
            await second.stop()
            await within(house.desk.finished.get())
        assert (first_end, conversation.end) == (EndReason.LINE_LOST, EndReason.CALLER_HUNG_UP)


async def test_closing_passes_calls_on_and_takes_no_more():
    conversation = Listening()
    async with open_house(FakeDesk(conversation)) as house, house.call() as line:
        await within(house.desk.started.get())
        assert house.line.calls == 1
        closing = asyncio.create_task(house.line.close("a new version"))
        assert await within(line.closed()) == 1000
        assert tags(await house.document("/twilio/stream-ended", CallStatus="in-progress")) == ["Say", "Say", "Dial"]
        await within(closing)
        assert conversation.end is EndReason.TRANSFERRED and house.line.calls == 0
        document = await house.document("/twilio/voice", CallSid="CA" + "9" * 32)
        assert tags(document) == ["Say", "Say", "Dial"]
        assert house.line.counters.refusals == {"closed": 1}


async def test_closing_waits_for_calls_that_end_by_themselves():
    conversation = Listening()
    async with open_house(FakeDesk(conversation)) as house, house.call() as line:
        await within(house.desk.started.get())
        closing = asyncio.create_task(house.line.close("a new version", grace_seconds=30.0))
        await line.media()
        await line.stop()
        await within(closing)
    assert conversation.end is EndReason.CALLER_HUNG_UP


async def test_many_calls_at_once_each_with_its_own_record():
    conversation = Listening()
    async with open_house(FakeDesk(conversation), patience=QUICK) as house:

        async def one(number: int) -> None:
            call_sid = f"CA{number:032x}"
            document = await house.document("/twilio/voice", CallSid=call_sid)
            async with house.stream(stream_url(document), start=False) as line:
                await line.send(start_message(callSid=call_sid, accountSid=ACCOUNT))
                await line.media()
                if number % 2:
                    await line.stop()
                    await line.closed()

        await within(asyncio.gather(*map(one, range(20))))
        calls = [await within(house.desk.finished.get()) for _ in range(20)]
        assert len({call.caller.call_id for call in calls}) == 20
    reasons = [event.reason for event in conversation.events if isinstance(event, CallEnded)]
    assert reasons.count(EndReason.CALLER_HUNG_UP) == 10 and reasons.count(EndReason.LINE_LOST) == 10
