"""A whole call on a real server: webhook, TwiML, stream, and what the conversation makes of it."""

import asyncio

import numpy as np
import pytest

from telephony.call import (
    Call,
    CallEnded,
    Caption,
    EndReason,
    FrameReceived,
    KeyPressed,
    LineKind,
    MarkCleared,
    MarkPlayed,
)
from telephony.errors import CarrierRefused, LineClosed
from tests.telephony.twilio_house import (
    CALL,
    FALLBACK,
    PERSON,
    FakeDesk,
    open_house,
    stream_url,
    within,
)

SECOND = np.full(8000, 1000, dtype=np.int16)


class Recording:
    """A conversation that notes every event, and does something on the first frame."""

    def __init__(self, act=None):
        self.events = []
        self.act = act

    async def __call__(self, call: Call) -> None:
        async for event in call.events():
            first = isinstance(event, FrameReceived) and not self.events
            self.events.append(event)
            if first and self.act:
                await self.act(call)

    @property
    def end(self):
        assert [isinstance(event, CallEnded) for event in self.events].count(True) == 1
        return self.events[-1].reason


async def test_a_call_from_ring_to_the_callers_goodbye():
    recording = Recording(lambda call: call.play(SECOND[:160], "hello"))
    async with open_house(FakeDesk(recording)) as house:
        async with house.call() as line:
            await line.media(b"\x00" * 160)
            audio = await line.receive()
            assert audio.keys() == {"event", "streamSid", "media"} and audio["media"].keys() == {"payload"}
            mark = await line.receive()
            assert mark == {"event": "mark", "streamSid": audio["streamSid"], "mark": {"name": "hello"}}
            await line.echo("hello")
            await line.dtmf("5")
            await line.stop()
            call = await within(house.desk.finished.get())
        assert call.caller.call_id == CALL and call.caller.line is LineKind.TWILIO and call.rate_hz == 8000
        assert (call.caller.number, call.caller.called) == ("+4790000001", "+4722000000")
        frame, *rest = recording.events
        assert frame.pcm.dtype == np.int16 and frame.pcm.shape == (160,) and set(frame.pcm) == {-32124}
        assert rest == [MarkPlayed("hello"), KeyPressed("5"), CallEnded(EndReason.CALLER_HUNG_UP)]
        with pytest.raises(LineClosed):
            await call.play(SECOND, "late")
        with pytest.raises(LineClosed):
            await call.clear()
        await call.show(Caption("bot", "never raises"))


async def test_clear_drops_what_is_queued_here_and_at_twilio():
    async def interrupt(call):
        await call.play(SECOND, "long")
        await call.play(SECOND, "longer")
        await call.clear()
        await call.play(SECOND[:160], "new")

    recording = Recording(interrupt)
    async with open_house(FakeDesk(recording)) as house, house.call() as line:
        await line.media()
        first = await line.receive()
        assert first["event"] == "clear" and first.keys() == {"event", "streamSid"}
        assert (await line.receive())["event"] == "media"
        assert (await line.receive())["mark"] == {"name": "new"}
        await line.echo("new")
        await line.stop()
        await within(house.desk.finished.get())
    assert recording.events[1:4] == [MarkCleared("long"), MarkCleared("longer"), MarkPlayed("new")]


async def test_marks_echoed_after_clear_are_not_heard():
    async def say(call):
        await call.play(SECOND[:160], "said")

    recording = Recording(say)
    async with open_house(FakeDesk(recording)) as house, house.call() as line:
        await line.media()
        await line.until("mark")
        await house.desk.calls[0].clear()
        await line.until("clear")
        await line.echo("said")
        await line.stop()
        await within(house.desk.finished.get())
    assert MarkPlayed("said") not in recording.events
    assert recording.events.count(MarkCleared("said")) == 1


async def test_we_hang_up_and_twilio_asks_what_next():
    recording = Recording(lambda call: call.hang_up())
    async with open_house(FakeDesk(recording)) as house:
        async with house.call() as line:
            await line.media()
            assert await within(line.closed()) == 1000
        document = await house.document("/twilio/stream-ended", CallStatus="in-progress")
        assert [verb.tag for verb in document] == ["Hangup"]
        await within(house.desk.finished.get())
        assert recording.end is EndReason.WE_HUNG_UP
    assert house.api.requests == []


async def test_a_hang_up_that_twilio_does_not_ask_about_is_done_by_rest():
    async with open_house(FakeDesk(Recording(lambda call: call.hang_up()))) as house:
        async with house.call() as line:
            await line.media()
            await within(line.closed())
        await within(house.api.arrived.wait())
        assert house.api.requests[0]["form"] == [("Status", "completed")]


async def test_a_conversation_that_returns_ends_the_call():
    async def nothing(call):
        return

    async with open_house(FakeDesk(nothing)) as house:
        async with house.call() as line:
            await within(line.closed())
        document = await house.document("/twilio/stream-ended", CallStatus="in-progress")
        assert [verb.tag for verb in document] == ["Hangup"]


async def test_a_conversation_that_raises_passes_the_caller_on():
    async def broken(call):
        raise RuntimeError("Piper is gone")

    async with open_house(FakeDesk(broken)) as house:
        async with house.call() as line:
            await within(line.closed())
        document = await house.document("/twilio/stream-ended", CallStatus="in-progress")
        assert [verb.tag for verb in document] == ["Say", "Say", "Dial"]
        assert document[0].text == FALLBACK.apology[0].text
        assert house.line.counters.failed_conversations == 1


async def test_a_transfer_is_the_answer_to_twilios_question():
    recording = Recording(lambda call: call.transfer(PERSON))
    async with open_house(FakeDesk(recording)) as house:
        async with house.call() as line:
            await line.media()
            assert await within(line.closed()) == 1000
        document = await house.document("/twilio/stream-ended", CallStatus="in-progress")
        dial = document.find("Dial")
        assert dial is not None and dial.findtext("Number") == PERSON.number
        assert dial.attrib == {
            "action": house.base + "/twilio/dial-ended",
            "method": "POST",
            "timeout": "20",
            "answerOnBridge": "true",
            "callerId": "+4722000000",
        }
        await within(house.desk.finished.get())
        assert recording.end is EndReason.TRANSFERRED
    assert house.api.requests == []


async def test_a_transfer_that_twilio_does_not_ask_about_is_pushed_by_rest():
    recording = Recording(lambda call: call.transfer(PERSON))
    async with open_house(FakeDesk(recording)) as house:
        async with house.call() as line:
            await line.media()
            await within(line.closed())
        await within(house.desk.finished.get())
        [(name, pushed)] = house.api.requests[0]["form"]
        assert name == "Twiml" and PERSON.number in pushed
        assert recording.end is EndReason.TRANSFERRED
        late = await house.post("/twilio/stream-ended", CallStatus="in-progress")
        assert late.text == pushed


@pytest.mark.parametrize(
    ("status", "code", "error", "end"),
    [
        (400, 21220, LineClosed, EndReason.CALLER_HUNG_UP),
        (404, 20404, LineClosed, EndReason.CALLER_HUNG_UP),
        (401, 20003, CarrierRefused, EndReason.LINE_LOST),
        (429, 20429, CarrierRefused, EndReason.LINE_LOST),
    ],
)
async def test_a_transfer_that_twilio_refuses(status, code, error, end):
    raised = []

    async def transfer(call):
        try:
            await call.transfer(PERSON)
        except (LineClosed, CarrierRefused) as refused:
            raised.append(refused)

    recording = Recording(transfer)
    async with open_house(FakeDesk(recording)) as house:
        house.api.status, house.api.code = status, code
        async with house.call() as line:
            await line.media()
            await within(line.closed())
        await within(house.desk.finished.get())
    assert [type(refused) for refused in raised] == [error] and recording.end is end
    assert PERSON.number not in str(raised[0])


@pytest.mark.parametrize(("number", "sent"), [("+4790000001", 1), ("anonymous", 0)])
async def test_a_text_message_goes_from_the_number_that_was_called_to_a_number_that_is_shown(number, sent):
    refused = []

    async def send(call):
        try:
            await call.send_text("https://nordlys.example/retur")
        except CarrierRefused as error:
            refused.append(str(error))
        await call.hang_up()

    async with open_house(FakeDesk(Recording(send))) as house:
        async with house.call(From=number) as line:
            await line.media()
            await within(line.closed())
        await within(house.desk.finished.get())
    messages = [request for request in house.api.requests if request["path"].endswith("/Messages.json")]
    assert len(messages) == sent and len(refused) == 1 - sent
    for message in messages:
        assert {("To", number), ("From", "+4722000000")} <= set(message["form"])


async def test_the_caller_hangs_up_while_being_transferred():
    raised = asyncio.Event()

    async def transfer(call):
        with pytest.raises(LineClosed):
            await call.transfer(PERSON)
        raised.set()

    recording = Recording(transfer)
    async with open_house(FakeDesk(recording)) as house:
        async with house.call() as line:
            await line.media()
            await within(line.closed())
        await house.post("/twilio/status", CallStatus="completed")
        await within(raised.wait())
        await within(house.desk.finished.get())
        assert recording.end is EndReason.CALLER_HUNG_UP
    assert house.api.requests == []


async def test_a_lost_line_is_asked_for_again_and_then_passed_on():
    recording = Recording()
    async with open_house(FakeDesk(recording)) as house:
        url = stream_url(await house.document("/twilio/voice"))
        for attempt in range(3):
            async with house.stream(url):
                pass
            call = await within(house.desk.finished.get())
            assert call.caller.resumed == (None if attempt == 0 else "reconnect")
            document = await house.document("/twilio/stream-ended", CallStatus="in-progress")
            if attempt < 2:
                parameter = document.find("./Connect/Stream/Parameter")
                assert parameter is not None and parameter.attrib == {"name": "resume", "value": "reconnect"}
                url = stream_url(document)
        assert [verb.tag for verb in document] == ["Say", "Say", "Dial"]
    assert {event.reason for event in recording.events if isinstance(event, CallEnded)} == {EndReason.LINE_LOST}
