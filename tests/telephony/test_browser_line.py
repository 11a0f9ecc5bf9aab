"""The browser line over a real WebSocket, with a page of twenty lines instead of a browser."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import numpy as np
import pytest
import websockets

from telephony.browser import BrowserSettings
from telephony.browser.call import BrowserCall
from telephony.browser.messages import FRAME_BYTES, PlayedTo
from telephony.browser.threshold import neighbourhood
from telephony.call import (
    Call,
    CallEnded,
    Caller,
    Caption,
    EndReason,
    FrameReceived,
    KeyPressed,
    LineKind,
    MarkCleared,
    MarkPlayed,
    TextTyped,
)
from telephony.errors import LineClosed
from telephony.front_desk import Refusal
from tests.telephony.web_house import PERSON, EchoDesk, serve, tone, until

FRAME = bytes(FRAME_BYTES)
LOUD = tone(0.02, 16_000, level=0.5).astype("<i2").tobytes()


class TinyPage:
    """Speaks the page's protocol; plays audio by counting it."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self.audio = 0

    async def send(self, kind: str, **fields: object) -> None:
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def hello(self, **fields: object) -> None:
        await self.send("hello", **{"version": 1, "rate": 16000, "language": "nn", "microphone": True, **fields})

    async def next(self, kind: str, report_marks: bool = True) -> dict[str, Any]:
        """The next message of this kind; audio is counted and marks are reported on the way."""
        async with asyncio.timeout(5):
            while True:
                received = await self.socket.recv()
                if isinstance(received, bytes):
                    self.audio += len(received)
                    continue
                message = json.loads(received)
                if message["type"] == "mark" and report_marks:
                    await self.send("mark", name=message["name"])
                if message["type"] == kind:
                    return dict(message)

    async def closed(self) -> tuple[int | None, str | None]:
        """Read to the end: a close is seen only by whoever reads what comes before it."""
        async with asyncio.timeout(5):
            with suppress(websockets.ConnectionClosed):
                while True:
                    await self.socket.recv()
            await self.socket.wait_closed()
        return self.socket.close_code, self.socket.close_reason


@asynccontextmanager
async def tiny_page(address: str, origin: str | None = None) -> AsyncIterator[TinyPage]:
    url = address.replace("http", "ws") + "/try/call"
    async with websockets.connect(url, origin=websockets.Origin(origin or address)) as socket:
        yield TinyPage(socket)


async def ended(desk: EchoDesk) -> EndReason:
    async with asyncio.timeout(5):
        await desk.over.wait()
    last = desk.events[-1]
    assert isinstance(last, CallEnded)
    return last.reason


async def test_a_whole_call() -> None:
    desk = EchoDesk()
    async with serve(desk) as address, tiny_page(address) as page:
        await page.hello()
        welcome = await page.next("welcome")
        assert (welcome["version"], welcome["call"][:2], len(welcome["call"])) == (1, "BR", 34)
        assert (await page.next("caption"))["text"] == "Hello in nn."
        assert (await page.next("mark"))["name"] == "greeting"
        assert page.audio == 15 * FRAME_BYTES
        for frame in [LOUD] * 12 + [FRAME] * 15:
            await page.socket.send(frame)
        heard = await page.next("caption")
        assert heard == {
            "type": "caption",
            "kind": "caller",
            "text": "240 ms of speech",
            "details": {"confidence": 0.93},
        }
        await page.next("mark")
        await page.send("text", text=" hei ")
        await page.send("text", text="   ")
        assert (await page.next("caption"))["text"] == "hei"
        await page.send("key", digit="9")
        assert (await page.next("ended"))["reason"] == "we_hung_up"
        assert (await page.closed())[0] == 1000
    assert await ended(desk) is EndReason.WE_HUNG_UP
    assert desk.events[:4] == [MarkPlayed("greeting"), MarkPlayed("answer-1"), TextTyped("hei"), KeyPressed("9")]
    caller = desk.calls[0].caller
    assert (caller.line, caller.language, caller.number) == (LineKind.BROWSER, "nn", None)
    with pytest.raises(LineClosed):
        await desk.calls[0].play(tone(0.1, 16_000), "late")
    await desk.calls[0].show(Caption("bot", "nobody reads this"))


async def test_a_transfer_shows_the_number() -> None:
    desk = EchoDesk()
    async with serve(desk) as address, tiny_page(address) as page:
        await page.hello(language="xx")
        await page.send("key", digit="0")
        assert await page.next("transfer") == {"type": "transfer", "number": PERSON.number, "name": PERSON.name}
        assert (await page.next("ended"))["reason"] == "transferred"
    assert await ended(desk) is EndReason.TRANSFERRED
    assert desk.calls[0].caller.language is None


async def test_clear_stops_what_is_queued_and_late_reports_are_not_heard() -> None:
    desk = EchoDesk(greeting_seconds=20)
    async with serve(desk) as address, tiny_page(address) as page:
        await page.hello()
        await page.next("caption")
        await page.send("key", digit="8")
        await page.next("clear")
        assert page.audio < 32_000 * 1.0  # a clear at once leaves at most 200 ms at the page, not twenty seconds
        await page.send("mark", name="greeting")
        await page.send("text", text="still there?")
        assert (await page.next("mark"))["name"] == "answer-1"
        await page.send("hang_up")
        await page.closed()
    assert await ended(desk) is EndReason.CALLER_HUNG_UP
    assert MarkCleared("greeting") in desk.events
    assert MarkPlayed("greeting") not in desk.events


async def test_audio_is_never_far_ahead() -> None:
    clock = [100.0]
    call = BrowserCall(Caller("BRtest", LineKind.BROWSER), lambda: clock[0])
    sent: list[bytes | str] = []

    class Wire:
        async def send_text(self, data: str) -> None:
            sent.append(data)

        async def send_bytes(self, data: bytes) -> None:
            sent.append(data)

    await call.play(tone(5, 16_000), "long")
    writing = asyncio.create_task(call.send_to(Wire()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(sent) == 10  # 200 ms
    await call.clear()
    call.receive(PlayedTo("long"))
    call.end(EndReason.CALLER_HUNG_UP)
    await writing
    assert [json.loads(text)["type"] for text in sent[10:]] == ["clear", "ended"]
    assert [event async for event in call.events()] == [
        MarkCleared("long"),
        CallEnded(EndReason.CALLER_HUNG_UP),
    ]


async def test_a_listener_that_sleeps_loses_old_frames_and_nothing_else() -> None:
    call = BrowserCall(Caller("BRtest", LineKind.BROWSER), lambda: 0.0)
    call.receive(KeyPressed("1"))
    for number in range(1000):
        call.receive(FrameReceived(np.full(320, number, dtype=np.int16)))
    call.end(EndReason.LINE_LOST)
    events = [event async for event in call.events()]
    assert events[0] == KeyPressed("1")
    assert events[-1] == CallEnded(EndReason.LINE_LOST)
    frames = [int(event.pcm[0]) for event in events if isinstance(event, FrameReceived)]
    assert frames == list(range(850, 1000))


async def test_a_page_that_reads_nothing_loses_its_line() -> None:
    call = BrowserCall(Caller("BRtest", LineKind.BROWSER), lambda: 0.0)
    for number in range(600):
        await call.show(Caption("bot", f"sentence {number}"))
    assert call.has_ended


async def test_a_caller_who_types_still_has_a_clock() -> None:
    desk = EchoDesk()
    async with serve(desk) as address, tiny_page(address) as page:
        await page.hello(microphone=False)
        async with asyncio.timeout(5):
            await until(lambda: len(desk.frames) >= 5)
        assert not np.concatenate(desk.frames).any()
        await page.send("hang_up")
        await page.closed()
    assert await ended(desk) is EndReason.CALLER_HUNG_UP


@pytest.mark.parametrize(
    ("message", "reason", "code"),
    [
        (b"x" * 10, "bad_frame", 1002),
        (bytes(1_000_000), "bad_frame", 1009),
        ("not json", "bad_message", 1002),
        (json.dumps({"type": "text", "text": "x" * 501}), "text_too_long", 1009),
        (json.dumps({"type": "hello", "version": 1, "rate": 16000}), "bad_message", 1002),
    ],
)
async def test_a_page_that_breaks_the_protocol_is_told_and_closed(message: str | bytes, reason: str, code: int) -> None:
    desk = EchoDesk()
    async with serve(desk) as address, tiny_page(address) as page:
        await page.hello()
        await page.next("welcome")
        await page.socket.send(message)
        assert (await page.next("error"))["reason"] == reason
        assert await page.closed() == (code, reason)
    assert await ended(desk) is EndReason.LINE_LOST


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"version": 7}, "wrong_version"),
        ({"rate": 48000}, "wrong_rate"),
        ({"type": "key", "digit": "1"}, "bad_message"),
    ],
)
async def test_a_wrong_hello_reaches_nobody(fields: dict[str, object], reason: str) -> None:
    desk = EchoDesk()
    async with serve(desk) as address, tiny_page(address) as page:
        await page.socket.send(json.dumps({"type": "hello", "version": 1, "rate": 16000, **fields}))
        assert (await page.next("error"))["reason"] == reason
        assert (await page.closed())[0] == 1002
    assert desk.calls == []


async def test_a_flood_is_closed_with_its_reason() -> None:
    desk = EchoDesk()
    async with serve(desk) as address, tiny_page(address) as page:
        await page.hello()
        await page.next("welcome")
        for _ in range(600):
            await page.socket.send(FRAME)
        assert (await page.next("error"))["reason"] == "flood"
        assert await page.closed() == (1008, "flood")
    assert await ended(desk) is EndReason.LINE_LOST


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
async def test_another_origin_is_refused(origin: str) -> None:
    async with serve(EchoDesk()) as address:
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with tiny_page(address, origin):
                pass
        assert refused.value.response.status_code == 403


async def test_the_public_address_is_an_origin_too() -> None:
    settings = BrowserSettings(public_url="https://bot.example.com/voice")
    async with serve(EchoDesk(), settings) as address, tiny_page(address, "https://bot.example.com") as page:
        await page.hello()
        await page.next("welcome")


async def test_a_full_house_says_so() -> None:
    desk = EchoDesk(refused=Refusal("full", (), PERSON))
    async with serve(desk) as address, tiny_page(address) as page:
        await page.hello()
        assert (await page.next("refused"))["number"] == PERSON.number
        assert (await page.closed())[0] == 1013
    assert desk.calls == []


async def test_one_address_may_not_call_for_ever_and_hears_whom_to_ring() -> None:
    async with serve(EchoDesk(), BrowserSettings(calls_per_minute=1)) as address:
        async with tiny_page(address) as first:
            await first.hello()
            await first.next("welcome")
        async with tiny_page(address) as second:
            await second.hello()
            refused = await second.next("refused")
            assert (refused["reason"], refused["number"]) == ("too_often", PERSON.number)


async def test_sockets_that_say_nothing_leave_room_for_nobody_else_only_while_they_are_open() -> None:
    async with serve(EchoDesk(), BrowserSettings(max_waiting=1)) as address:
        async with tiny_page(address):
            with pytest.raises(websockets.InvalidStatus, match="403"):
                async with tiny_page(address):
                    pass
        async with tiny_page(address) as page:
            await page.hello()
            await page.next("welcome")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "", True),
    ],
)
def test_addresses_of_one_household_count_together(one: str, other: str, same: bool) -> None:
    assert (neighbourhood(one) == neighbourhood(other)) is same


async def test_a_bot_that_breaks_leaves_the_caller_a_number() -> None:
    desk = EchoDesk()
    async with serve(desk) as address, tiny_page(address) as page:
        await page.hello()
        await page.send("key", digit="5")
        refused = await page.next("refused")
        assert (refused["reason"], refused["number"]) == ("fault", PERSON.number)
        assert (await page.next("ended"))["reason"] == "transferred"
        assert (await page.closed())[0] == 1000


async def test_the_hard_cap_ends_a_call() -> None:
    desk = EchoDesk()
    async with serve(desk, BrowserSettings(call_seconds=0.05)) as address, tiny_page(address) as page:
        await page.hello()
        assert (await page.next("ended"))["reason"] == "time_limit"
    assert await ended(desk) is EndReason.TIME_LIMIT


async def test_a_page_that_sends_nothing_has_lost_its_line() -> None:
    desk = EchoDesk()
    async with serve(desk, BrowserSettings(idle_seconds=0.05)) as address, tiny_page(address) as page:
        await page.hello()
        assert (await page.next("ended", report_marks=False))["reason"] == "line_lost"
    assert await ended(desk) is EndReason.LINE_LOST


async def test_a_page_that_vanishes_ends_the_call() -> None:
    desk = EchoDesk()
    async with serve(desk) as address, tiny_page(address) as page:
        await page.hello()
        await page.next("welcome")
        page.socket.transport.abort()
        assert await ended(desk) is EndReason.LINE_LOST


async def test_many_calls_end_however_their_pages_do() -> None:
    """64 calls, eight at a time: hang-ups, broken pages, breaking bots, cut connections. Nothing stays behind."""
    chance = random.Random(11)
    desk = EchoDesk()

    async def one_call(address: str) -> None:
        async with tiny_page(address) as page:
            await page.hello(microphone=chance.random() < 0.5)
            await page.next("welcome")
            for _ in range(chance.randrange(20)):
                await page.socket.send(chance.choice([FRAME, LOUD]))
            match chance.randrange(6):
                case 0:
                    await page.send("hang_up")
                case 1:
                    await page.send("key", digit=chance.choice("059"))
                case 2:
                    nonsense: list[str | bytes] = ["{", b"odd", json.dumps({"type": "mark"})]
                    await page.socket.send(chance.choice(nonsense))
                case 3:
                    page.socket.transport.abort()
                case 4:
                    await page.send("text", text="hello")
                    await page.next("mark")
                case _:
                    pass  # the socket is closed like a tab

    async with serve(desk) as address:
        before = len(asyncio.all_tasks())
        for _ in range(8):
            await asyncio.gather(*(one_call(address) for _ in range(8)))
        async with asyncio.timeout(10):
            await until(lambda: len(asyncio.all_tasks()) <= before)
    assert len(desk.calls) == 64
    assert all(isinstance(call, BrowserCall) and call.has_ended for call in desk.calls)


async def test_a_conversation_that_ignores_the_end_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    class DeafDesk(EchoDesk):
        async def converse(self, call: Call) -> None:
            self.calls.append(call)
            try:
                await asyncio.Event().wait()
            finally:
                self.over.set()

    monkeypatch.setattr("telephony.browser.router.STUCK_SECONDS", 0.05)
    desk = DeafDesk()
    async with serve(desk) as address, tiny_page(address) as page:
        await page.hello()
        await page.next("welcome")
        await page.send("hang_up")
        async with asyncio.timeout(5):
            await desk.over.wait()


async def test_the_page_and_its_headers() -> None:
    settings = BrowserSettings(name="<Nordlys & Co>", privacy={"nb": "</script>Tas ikke opp."}, languages=("nb", "en"))
    async with serve(EchoDesk(), settings) as address, httpx.AsyncClient(base_url=address) as client:
        page = await client.get("/try")
        assert "&lt;Nordlys &amp; Co&gt;" in page.text
        assert "<Nordlys" not in page.text
        assert "</script>Tas" not in page.text
        assert "$" not in page.text
        policy = page.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert f"wss://{address.removeprefix('http://')}" in policy
        odd = await client.get("/try", headers={"host": "x;script-src *"})
        assert "*" not in odd.headers["content-security-policy"]
        script = await client.get("/try/assets/main.js")
        assert script.headers["content-type"].startswith("text/javascript")
        again = await client.get("/try/assets/main.js", headers={"if-none-match": script.headers["etag"]})
        assert again.status_code == 304
        for name in ("index.html", "..%2frouter.py", "nothing.js"):
            assert (await client.get(f"/try/assets/{name}")).status_code == 404


async def test_the_page_asks_nobody_else_for_anything() -> None:
    async with serve(EchoDesk()) as address, httpx.AsyncClient(base_url=address) as client:
        for name in ("main.js", "line.js", "audio.js", "texts.js", "transcript.js", "style.css", "icon.svg"):
            body = (await client.get(f"/try/assets/{name}")).text.replace("http://www.w3.org/2000/svg", "")
            assert "http://" not in body
            assert "https://" not in body


async def test_a_line_that_is_switched_off_is_not_there() -> None:
    async with (
        serve(EchoDesk(), BrowserSettings(enabled=False)) as address,
        httpx.AsyncClient(base_url=address) as client,
    ):
        assert (await client.get("/try")).status_code == 404
        with pytest.raises(websockets.InvalidStatus):
            async with tiny_page(address):
                pass
