"""What no honest carrier sends, to a service that is talking to somebody: refused by name, and nobody else notices.

All of it happens at once, during one good call, so that the slowest refusal is what the file takes.
"""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
import pytest_asyncio
import websockets

from speech.models import ModelStore
from telephony.simulator import CallReport, PhoneNetwork, Script
from telephony.simulator.script import Expectation, Sentence, Turn
from telephony.simulator.signature import sign_request
from tests.serving import PUBLIC_URL, Service, serving, test_config
from voicebot.commands.call import caller_voice
from voicebot.commands.call_screen import faults

pytestmark = [pytest.mark.models, pytest.mark.asyncio(loop_scope="module")]

FRAME = base64.b64encode(b"\xff" * 160).decode()
WAIT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Wire:
    """Twilio's side of one service, by hand: it sends whatever it is told to."""

    service: Service

    async def post(self, path: str, call_sid: str, sign: bool | str = True, **more: str) -> httpx.Response:
        """A webhook; `sign` may be another token."""
        fields = {"CallSid": call_sid, "AccountSid": self.service.network.account_sid, "CallStatus": "in-progress"}
        fields |= {"From": "+4799999999", "To": "+4721000000", **more}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if sign:
            token = sign if isinstance(sign, str) else self.service.network.auth_token
            headers["X-Twilio-Signature"] = sign_request(token, PUBLIC_URL + path, fields.items())
        async with httpx.AsyncClient(base_url=self.service.base_url, trust_env=False) as client:
            return await client.post(path, content=urlencode(fields), headers=headers)

    async def ring(self, call_sid: str) -> str:
        """Call, and take the path of the stream from the answer."""
        answer = (await self.post("/twilio/voice", call_sid, CallStatus="ringing")).text
        return urlsplit(answer.partition('url="')[2].partition('"')[0]).path

    def stream(self, path: str, sign: bool = True) -> websockets.connect:
        address = "ws" + self.service.base_url.removeprefix("http") + path
        signed = "wss" + PUBLIC_URL.removeprefix("https") + path
        headers = {"X-Twilio-Signature": sign_request(self.service.network.auth_token, signed)} if sign else {}
        return websockets.connect(address, additional_headers=headers, compression=None, max_size=None)

    def start(self, call_sid: str, account: str | None = None, **media_format: Any) -> str:
        sid = "MZ" + "0" * 32
        body = {
            "accountSid": account or self.service.network.account_sid,
            "callSid": call_sid,
            "streamSid": sid,
            "tracks": ["inbound"],
            "customParameters": {},
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1, **media_format},
        }
        return json.dumps({"event": "start", "sequenceNumber": "1", "streamSid": sid, "start": body})


def media(payload: str = FRAME) -> str:
    body = {"track": "inbound", "chunk": "1", "timestamp": "0", "payload": payload}
    return json.dumps({"event": "media", "sequenceNumber": "2", "streamSid": "MZ" + "0" * 32, "media": body})


def stop(call_sid: str) -> str:
    body = {"accountSid": "AC", "callSid": call_sid}
    return json.dumps({"event": "stop", "sequenceNumber": "3", "streamSid": "MZ" + "0" * 32, "stop": body})


def new_sid() -> str:
    return "CA" + secrets.token_hex(16)


async def closed(socket: websockets.ClientConnection) -> str:
    """Read until the service closes; the code it closed with."""
    async with asyncio.timeout(WAIT_SECONDS):
        try:
            while True:
                await socket.recv()
        except websockets.ConnectionClosed:
            return str(socket.close_code)


async def hears_the_bot(socket: websockets.ClientConnection) -> bool:
    async with asyncio.timeout(WAIT_SECONDS):
        while json.loads(await socket.recv())["event"] != "media":
            pass
    return True


@asynccontextmanager
async def started(wire: Wire) -> AsyncIterator[tuple[str, websockets.ClientConnection]]:
    """A stream that is as it should be, so far."""
    call_sid = new_sid()
    async with wire.stream(await wire.ring(call_sid)) as socket:
        await socket.send(wire.start(call_sid))
        yield call_sid, socket


async def refusal(wire: Wire, path: str, sign: bool = True) -> str:
    try:
        async with wire.stream(path, sign):
            return "let in"
    except websockets.InvalidStatus as refused:
        return str(refused.response.status_code)


async def after(wire: Wire, call_sid: str) -> str:
    """The verb that Twilio is told when the stream is gone."""
    answer = (await wire.post("/twilio/stream-ended", call_sid)).text
    return answer.removeprefix('<?xml version="1.0" encoding="UTF-8"?>').strip().removeprefix("<Response><")[:7]


# Each probe tells what came of it; the expected outcome stands beside it in PROBES.


def webhook(path: str, **how: Any) -> Callable[[Wire], Awaitable[str]]:
    async def probe(wire: Wire) -> str:
        return str((await wire.post(path, how.pop("call_sid", new_sid()), **how)).status_code)

    return probe


async def replayed_webhook(wire: Wire) -> str:
    """Signed, so it cannot be told from a repeated delivery: it gets the same stream, which admits one caller once."""
    call_sid = new_sid()
    return "same stream" if await wire.ring(call_sid) == await wire.ring(call_sid) else "another stream"


async def unknown_call(wire: Wire) -> str:
    return await after(wire, new_sid()) + str((await wire.post("/twilio/status", new_sid())).status_code)


async def made_up_token(wire: Wire) -> str:
    return await refusal(wire, "/twilio/media/" + secrets.token_urlsafe(24))


async def unsigned_stream(wire: Wire) -> str:
    return await refusal(wire, await wire.ring(new_sid()), sign=False)


async def token_used_twice(wire: Wire) -> str:
    call_sid = new_sid()
    path = await wire.ring(call_sid)
    async with wire.stream(path) as first:
        await first.send(wire.start(call_sid))
        second = await refusal(wire, path)
        return f"{second}, the first hears the bot: {await hears_the_bot(first)}"


async def token_after_the_end(wire: Wire) -> str:
    call_sid = new_sid()
    path = await wire.ring(call_sid)
    await wire.post("/twilio/status", call_sid, CallStatus="completed")
    return await refusal(wire, path)


def first_message(make: Callable[[Wire, str], str]) -> Callable[[Wire], Awaitable[str]]:
    async def probe(wire: Wire) -> str:
        call_sid = new_sid()
        async with wire.stream(await wire.ring(call_sid)) as socket:
            await socket.send(make(wire, call_sid))
            return f"{await closed(socket)} {await after(wire, call_sid)}"

    return probe


async def no_start(wire: Wire) -> str:
    call_sid = new_sid()
    async with wire.stream(await wire.ring(call_sid)) as socket:
        return f"{await closed(socket)} {await after(wire, call_sid)}"


async def media_before_start(wire: Wire) -> str:
    call_sid = new_sid()
    async with wire.stream(await wire.ring(call_sid)) as socket:
        await socket.send(media())
        await socket.send(wire.start(call_sid))
        return f"hears the bot: {await hears_the_bot(socket)}"


def in_mid_call(*messages: str | bytes) -> Callable[[Wire], Awaitable[str]]:
    """Odd messages in a good stream, which the service survives."""

    async def probe(wire: Wire) -> str:
        async with started(wire) as (_, socket):
            for message in messages:
                await socket.send(message)
            return f"hears the bot: {await hears_the_bot(socket)}"

    return probe


async def oversized(wire: Wire) -> str:
    async with started(wire) as (call_sid, socket):
        await socket.send("x" * 1_000_000)
        return f"{await closed(socket)} {await after(wire, call_sid)}"


async def too_much_garbage(wire: Wire) -> str:
    async with started(wire) as (call_sid, socket):
        for _ in range(300):
            await socket.send(media("?"))
        return f"{await closed(socket)} {await after(wire, call_sid)}"


async def abrupt_close(wire: Wire) -> str:
    async with started(wire) as (call_sid, socket):
        await hears_the_bot(socket)
        socket.transport.abort()
    return await after(wire, call_sid)


PROBES: Mapping[str, tuple[Callable[[Wire], Awaitable[str]], str]] = {
    "no signature": (webhook("/twilio/voice", sign=False), "403"),
    "another token's signature": (webhook("/twilio/voice", sign="another token"), "403"),
    "another account's call": (webhook("/twilio/voice", AccountSid="AC" + "f" * 32), "400"),
    "a CallSid that is none": (webhook("/twilio/voice", call_sid="CA<script>"), "400"),
    "a large form": (webhook("/twilio/voice", Padding="x" * 100_000), "413"),
    "a replayed webhook": (replayed_webhook, "same stream"),
    "an unknown call": (unknown_call, "Say lan204"),
    "a made-up stream token": (made_up_token, "403"),
    "a stream without a signature": (unsigned_stream, "403"),
    "a stream token used twice": (token_used_twice, "403, the first hears the bot: True"),
    "a stream after the call's end": (token_after_the_end, "403"),
    "another accountSid in start": (first_message(lambda w, sid: w.start(sid, account="AC1")), "1008 Connect"),
    "another callSid in start": (first_message(lambda w, _: w.start(new_sid())), "1008 Connect"),
    "a wrong rate": (first_message(lambda w, sid: w.start(sid, sampleRate=16000)), "1008 Connect"),
    "a rate as text": (first_message(lambda w, sid: w.start(sid, sampleRate="8000")), "1008 Connect"),
    "a wrong encoding": (first_message(lambda w, sid: w.start(sid, encoding="audio/l16")), "1008 Connect"),
    "two channels": (first_message(lambda w, sid: w.start(sid, channels=2)), "1008 Connect"),
    "stop without start": (first_message(lambda _, sid: stop(sid)), "1008 Connect"),
    "no start": (no_start, "1008 Connect"),
    "media before start": (media_before_start, "hears the bot: True"),
    "a binary message": (in_mid_call(b"\x00\xff" * 80), "hears the bot: True"),
    "no base64": (in_mid_call(media("not base64!")), "hears the bot: True"),
    "an odd payload": (in_mid_call(media(base64.b64encode(b"\x7f" * 37).decode())), "hears the bot: True"),
    "no JSON": (in_mid_call("{", "[]", "null", "", "1e999", "[" * 10_000), "hears the bot: True"),
    "an unknown event": (in_mid_call('{"event": "surprise"}', '{"event": {}}'), "hears the bot: True"),
    "a megabyte": (oversized, "1009 Connect"),
    "garbage without end": (too_much_garbage, "1008 Connect"),
    "an abrupt end": (abrupt_close, "Connect"),
}

GOOD_CALL = Script(
    "is served meanwhile",
    (
        Turn(Sentence("How long does delivery take?", "en"), expect=Expectation(article="delivery-time")),
        Turn(Sentence("Let me talk to a person, please.", "en"), expect=Expectation(transfer="customer_service")),
    ),
)


@dataclass(frozen=True, slots=True)
class Aftermath:
    outcomes: Mapping[str, str]
    good_call: CallReport
    calls_left: int
    streams_left: int
    faults: Mapping[str, int]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def aftermath(models: ModelStore) -> Aftermath:
    async with serving(test_config(max_calls=50)) as service, PhoneNetwork(service.network) as phones:
        wire = Wire(service)
        good = asyncio.create_task(phones.place(GOOD_CALL, caller_voice(service.house.mouth), limit_seconds=120))
        outcomes = await asyncio.gather(*(probe(wire) for probe, _ in PROBES.values()))
        report, _ = await good
        # The probes that hung up without a word are over when their conversations have ended.
        await service.line.close("the test is over", grace_seconds=WAIT_SECONDS)
        counters = service.line.counters
        wrong = {"failed": counters.failed_conversations, "stuck": counters.stuck_conversations}
        return Aftermath(
            dict(zip(PROBES, outcomes, strict=True)), report, service.house.calls, service.line.calls, wrong
        )


@pytest.mark.parametrize("name", PROBES)
async def test_it_is_refused_or_survived_as_it_should_be(aftermath: Aftermath, name: str) -> None:
    assert aftermath.outcomes[name] == PROBES[name][1]


async def test_the_caller_on_the_line_meanwhile_is_served_as_ever(aftermath: Aftermath) -> None:
    assert faults(aftermath.good_call) == []


async def test_nothing_is_left_of_it(aftermath: Aftermath) -> None:
    assert (aftermath.calls_left, aftermath.streams_left) == (0, 0)
    assert aftermath.faults == {"failed": 0, "stuck": 0}
