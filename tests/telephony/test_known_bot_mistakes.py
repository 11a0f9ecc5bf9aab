"""What public phone bots are known to get wrong, one test each. Their stories are in the docstrings."""

import asyncio
import base64
import json
import re

import numpy as np
import pytest

from telephony.call import Call, CallEnded, EndReason, KeyPressed, MarkCleared, MarkPlayed
from telephony.g711 import encode_ulaw
from telephony.playout import Playout
from telephony.twilio.media_stream import MediaStream
from tests.telephony.twilio_house import (
    ACCOUNT,
    CALL,
    PERSON,
    FakeDesk,
    listen,
    media_message,
    open_house,
    start_message,
    stream_url,
    within,
)

SECOND = np.full(8000, 1000, dtype=np.int16)


class Acting:
    """A conversation that does one thing when a key is pressed."""

    def __init__(self, act=None):
        self.act = act
        self.events: list[object] = []

    async def __call__(self, call: Call) -> None:
        async for event in call.events():
            self.events.append(event)
            if isinstance(event, KeyPressed) and self.act is not None:
                await self.act(call)


async def test_stop_never_hangs_up_by_rest():
    """A bot that answered every `stop` with a REST hang-up killed its own transfers."""
    async with open_house(FakeDesk(Acting(lambda call: call.transfer(PERSON)))) as house:
        async with house.call() as line:
            await line.dtmf("0")
            await line.stop()
            await within(line.closed())
        document = await house.document("/twilio/stream-ended", CallStatus="in-progress")
        assert document.find("Dial") is not None or document.find("Connect") is not None
        await within(house.desk.finished.get())
    assert not any(("Status", "completed") in request["form"] for request in house.api.requests)


async def test_no_document_ends_in_a_dead_line():
    """`<Connect>` followed by a long `<Pause>` left callers with 40 s of nothing after the bot had ended."""
    async with open_house() as house:
        documents = [await house.document("/twilio/voice"), await house.document("/twilio/fallback")]
        async with house.call():
            pass
        documents.append(await house.document("/twilio/stream-ended", CallStatus="in-progress"))
        documents.append(await house.document("/twilio/dial-ended", CallStatus="in-progress", DialCallStatus="busy"))
        for document in documents:
            assert document.find(".//Pause") is None
            last = document[-1]
            assert last.tag == "Hangup" or last.attrib["action"].startswith(house.base)


async def test_a_status_callback_never_touches_the_stream():
    """A REST `<Say>` on `answered` overwrote the stream that was already running."""
    conversation = Acting()
    async with open_house(FakeDesk(conversation)) as house, house.call() as line:
        for status in ("initiated", "ringing", "in-progress", "answered"):
            await house.post("/twilio/status", CallStatus=status)
        await line.dtmf("1")
        await line.stop()
        await within(house.desk.finished.get())
    assert conversation.events == [KeyPressed("1"), CallEnded(EndReason.CALLER_HUNG_UP)]
    assert house.api.requests == []


async def test_nothing_of_a_call_outlives_it():
    """Sockets to recogniser and model stayed open after the call."""
    closed = []

    async def holding(call: Call) -> None:
        try:
            await listen(call)
            await asyncio.Event().wait()
        finally:
            closed.append(call.caller.call_id)

    async with open_house(FakeDesk(holding)) as house, house.call() as line:
        await line.stop()
        await within(house.desk.finished.get())
        assert closed == [CALL]


async def test_a_mark_always_has_a_name():
    """Marks without `mark.name` are refused by Twilio, once and then silently."""
    stream = MediaStream(ACCOUNT, CALL)
    assert '"mark": {"name": "u1"}' in stream.mark("u1")


async def test_speaking_ends_with_the_echo_and_not_with_the_sending():
    """A flag cleared when sending ended made bots deaf to interruption for the rest of the playback."""
    conversation = Acting()
    async with open_house(FakeDesk(conversation)) as house, house.call() as line:
        call = await within(house.desk.started.get())
        await call.play(SECOND[:1600], "said")
        await line.until("mark")
        # Everything is sent, and nothing tells the conversation that it was heard.
        await line.dtmf("1")
        await line.echo("said")
        await line.stop()
        await within(house.desk.finished.get())
    assert conversation.events[:2] == [KeyPressed("1"), MarkPlayed("said")]


async def test_clear_is_sent_even_when_everything_has_been_flushed():
    """No clear was sent when nothing was queued on the bot's side, while Twilio still had seconds to play."""
    conversation = Acting(lambda call: call.clear())
    async with open_house(FakeDesk(conversation)) as house, house.call() as line:
        call = await within(house.desk.started.get())
        await call.play(SECOND[:160], "said")
        await line.until("mark")
        await line.dtmf("1")
        assert (await line.receive())["event"] == "clear"
        await line.stop()
        await within(house.desk.finished.get())
    assert conversation.events[1] == MarkCleared("said")


@pytest.mark.parametrize("samples", [1, 159, 160, 161, 1601])
async def test_only_whole_frames_are_sent(samples):
    """Tiny and odd-sized chunks stutter and crackle."""
    async with open_house() as house, house.call() as line:
        call = await within(house.desk.started.get())
        await call.play(SECOND[:1].repeat(samples), "end")
        sizes = []
        while (message := await line.receive())["event"] == "media":
            sizes.append(len(base64.b64decode(message["media"]["payload"])))
        assert set(sizes) == {160} and len(sizes) == -(-samples // 160)


async def test_we_say_nothing_that_twilio_does_not_know():
    """A bot sent `connected` back, an invalid event."""
    async with open_house() as house, house.call() as line:
        call = await within(house.desk.started.get())
        await call.clear()
        await call.play(SECOND[:160], "end")
        assert [(await line.receive())["event"] for _ in range(3)] == ["clear", "media", "mark"]


async def test_the_end_is_stop_and_no_other_event_is_waited_for():
    """Twilio's old sample waits for a `close` event that does not exist."""
    conversation = Acting()
    async with open_house(FakeDesk(conversation)) as house, house.call() as line:
        await line.send({"event": "close", "streamSid": "MZ"})
        await line.stop()
        await within(house.desk.finished.get())
    assert conversation.events == [CallEnded(EndReason.CALLER_HUNG_UP)]


def test_numbers_that_are_strings_are_read_as_numbers():
    """ "9" is after "10" only for those who compare strings."""
    stream = MediaStream(ACCOUNT, CALL)
    line = [media_message(b"\xff" * 160, chunk, timestamp_ms=80 + 20 * chunk) for chunk in range(1, 4)]
    assert all(isinstance(message["media"][name], str) for message in line for name in ("chunk", "timestamp"))
    stream.receive(json.dumps(start_message()))
    assert [len(stream.receive(json.dumps(message))) for message in line] == [1, 1, 1]


async def test_completed_alone_is_not_a_talk_with_a_person():
    """A leg that was answered and then rejected in the whisper also ends as `completed`."""
    async with open_house() as house:
        await house.document("/twilio/voice")
        rejected = await house.document(
            "/twilio/dial-ended", CallStatus="in-progress", DialCallStatus="completed", DialBridged="false"
        )
        assert rejected.find("Connect") is not None


async def test_a_websocket_is_never_accepted_unproven():
    """Open media sockets let anybody talk to the bot, at the owner's cost."""
    async with open_house() as house:
        url = stream_url(await house.document("/twilio/voice"))
        response = await house.http.get(
            url.replace("ws://", "http://"),
            headers={
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": base64.b64encode(b"0" * 16).decode(),
            },
        )
        assert response.status_code == 403


def test_a_clear_never_waits_behind_seconds_of_audio():
    """Bots that sent all they had kept talking after the interruption."""
    playout = Playout(8000)
    playout.put(np.zeros(8000 * 20, dtype=np.int16), "long")
    sent = 0
    while playout.take(0.0) is not None:
        sent += 1
    assert sent == 10


async def test_logs_hold_no_number_no_key_and_no_secret(caplog):
    """Callers' numbers and keys turned up in other people's logs."""

    async def broken(call: Call) -> None:
        async for event in call.events():
            if isinstance(event, KeyPressed):
                raise RuntimeError("broken")

    caplog.set_level("DEBUG", "telephony")
    async with open_house(FakeDesk(broken)) as house:
        async with house.call() as line:
            await line.dtmf("7")
            await within(line.closed())
        await house.document("/twilio/stream-ended", CallStatus="in-progress")
        await house.post("/twilio/stream-status", StreamEvent="stream-error", StreamError="x")
        await house.post("/twilio/voice", headers={"X-Twilio-Signature": "wrong"})
    text = caplog.text
    assert "the conversation failed" in text
    assert not re.search(r"\+\d{6}|90000001|22000001", text) and "KeyPressed" not in text and "a-token" not in text


def test_frames_are_encoded_without_a_header():
    """A WAV header sent as audio is a click, and 31951."""
    assert len(encode_ulaw(SECOND[:160])) == 160
