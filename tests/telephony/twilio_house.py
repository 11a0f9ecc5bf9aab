"""A house with a Twilio line on a real server on loopback, and the other end of it: signed webhooks, a stream, REST."""

import asyncio
import base64
import contextlib
import hmac
import json
import socket
import time
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError

from telephony.call import Call, Pcm16, Spoken, TransferTarget
from telephony.front_desk import Refusal
from telephony.traffic import TrafficRules
from telephony.transfer.orders import Attempted, Finished
from telephony.transfer.request import Saved, TransferRecord
from telephony.twilio import Patience, TwilioLine, TwilioSettings

ACCOUNT = "AC" + "a" * 32
CALL = "CA" + "b" * 32
STREAM = "MZ" + "c" * 32
TOKEN = "a-token-for-tests"
PERSON = TransferTarget("+4722000001", "Kundeservice", apology=(Spoken("Ingen svarte.", "nb"),))
FALLBACK = Refusal("fault", (Spoken("Beklager.", "nb"), Spoken("Sorry.", "en")), PERSON)
LIMITLESS = TrafficRules(0, 0, 0, 0, 0, 0)

# Long enough for a busy machine; every wait in the tests is for something that comes, so this is never spent.
WAIT = 20.0
QUICK = Patience(start_seconds=0.5, action_seconds=0.3, grace_seconds=0.3, tick_seconds=0.02)


async def within(work: Awaitable[Any]) -> Any:
    """The result, or a failed test instead of one that hangs."""
    return await asyncio.wait_for(work, WAIT)


async def listen(call: Call) -> None:
    """A conversation that says nothing and lasts as long as the call."""
    async for _ in call.events():
        pass


def always() -> asyncio.Event:
    """Something that has happened already."""
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class FakeDesk:
    """A front desk whose conversation is a function of the test's."""

    conversation: Callable[[Call], Awaitable[None]] = listen
    refuses: Refusal | None = None
    remembered: frozenset[str] = frozenset()
    noted: list[Attempted | Finished] = field(default_factory=list)
    saved: dict[str, str] = field(default_factory=dict)
    written: asyncio.Event = field(default_factory=always)
    voices: dict[str, Pcm16] = field(default_factory=dict)
    started: asyncio.Queue[Call] = field(default_factory=asyncio.Queue)
    finished: asyncio.Queue[Call] = field(default_factory=asyncio.Queue)
    calls: list[Call] = field(default_factory=list)

    def refusal(self) -> Refusal | None:
        return self.refuses

    def fallback(self) -> Refusal:
        return FALLBACK

    def remembers(self, call_id: str) -> bool:
        return call_id in self.remembered

    def transfer_noted(self, call_id: str, transfer: str, what: TransferRecord) -> None:
        if isinstance(what, Saved):
            self.saved[transfer] = what.state
        else:
            self.noted.append(what)

    async def transfers_written(self) -> None:
        await self.written.wait()

    def saved_transfers(self) -> Sequence[tuple[str, str]]:
        return tuple((transfer, state) for transfer, state in self.saved.items() if state)

    async def voice(self, spoken: Spoken) -> Pcm16:
        return self.voices[spoken.text]

    async def converse(self, call: Call) -> None:
        self.calls.append(call)
        self.started.put_nowait(call)
        try:
            await self.conversation(call)
        finally:
            self.finished.put_nowait(call)


@dataclass
class FakeApi:
    """Twilio's REST API as far as a call's update goes."""

    status: int = 200
    code: int | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def update(self, request: Request) -> Response:
        body = (await request.body()).decode()
        self.requests.append(
            {
                "path": request.url.path,
                "form": parse_qsl(body, keep_blank_values=True),
                "authorization": request.headers.get("authorization", ""),
            }
        )
        self.arrived.set()
        if self.status >= 400:
            error = {"code": self.code, "message": "no", "more_info": "", "status": self.status}
            return Response(json.dumps(error), self.status, media_type="application/json")
        return Response(json.dumps({"sid": CALL, "status": "in-progress"}), media_type="application/json")


def sign(token: str, url: str, fields: list[tuple[str, str]], digest: str = "sha1") -> str:
    """Twilio's signature, written from its description and not with its SDK: two sides, two codes."""
    names = sorted({name for name, _ in fields})
    text = url
    for name in names:
        for value in sorted({value for other, value in fields if other == name}):
            text += name + value
    return base64.b64encode(hmac.new(token.encode(), text.encode(), digest).digest()).decode()


@dataclass
class House:
    """A running house.

    Args:
        base: its loopback address, which is also its public URL.
        die: lets go of every connection without a word to the line, as a process does that is killed.
    """

    line: TwilioLine
    desk: FakeDesk
    api: FakeApi
    base: str
    http: httpx.AsyncClient
    die: Callable[[], Awaitable[None]]

    async def post(
        self, path: str, fields: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None, **extra: str
    ) -> httpx.Response:
        """A signed webhook about CALL."""
        form = list({**standard_fields(), **(fields or {}), **extra}.items())
        signature = sign(TOKEN, self.base + path, form)
        return await self.http.post(
            self.base + path,
            content=urlencode(form),
            headers={
                "X-Twilio-Signature": signature,
                "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
                **(headers or {}),
            },
        )

    async def document(self, path: str, **fields: str) -> ET.Element:
        """The TwiML that a signed webhook is answered with."""
        response = await self.post(path, fields)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("text/xml")
        return ET.fromstring(response.text)

    @contextlib.asynccontextmanager
    async def stream(self, url: str, start: bool = True) -> AsyncIterator["Line"]:
        """A media stream to an address from TwiML, closed in the end."""
        headers = {"x-twilio-signature": sign(TOKEN, url, [])}
        async with connect(url, additional_headers=headers, compression=None) as connection:
            line = Line(connection)
            if start:
                await line.start()
            yield line

    @contextlib.asynccontextmanager
    async def call(self, **fields: str) -> AsyncIterator["Line"]:
        """A phone that rang, with these fields of the webhook otherwise, and a stream that started."""
        document = await self.document("/twilio/voice", **fields)
        async with self.stream(stream_url(document)) as line:
            yield line


class Line:
    """Twilio's end of a stream."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.chunks = 0
        self.sequence = 0

    async def start(self, **changes: object) -> None:
        """`connected` and `start`."""
        await self.send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        await self.send(start_message(**changes))

    async def send(self, message: dict[str, Any] | str | bytes) -> None:
        await self.connection.send(json.dumps(message) if isinstance(message, dict) else message)

    async def media(self, payload: bytes = b"\xff" * 160) -> None:
        self.chunks += 1
        await self.send(media_message(payload, self.chunks))

    async def dtmf(self, digit: str) -> None:
        await self.send(
            {
                "event": "dtmf",
                "sequenceNumber": "9",
                "streamSid": STREAM,
                "dtmf": {"track": "inbound_track", "digit": digit},
            }
        )

    async def echo(self, name: str) -> None:
        await self.send({"event": "mark", "sequenceNumber": "9", "streamSid": STREAM, "mark": {"name": name}})

    async def stop(self) -> None:
        await self.send(
            {
                "event": "stop",
                "sequenceNumber": "99",
                "streamSid": STREAM,
                "stop": {"accountSid": ACCOUNT, "callSid": CALL},
            }
        )

    async def receive(self) -> dict[str, Any]:
        """The next message of the bot."""
        message: dict[str, Any] = json.loads(await within(self.connection.recv()))
        return message

    async def until(self, event: str) -> dict[str, Any]:
        """The next message of a kind."""
        while True:
            message = await self.receive()
            if message["event"] == event:
                return message

    async def closed(self) -> int | None:
        """Wait for the bot to close; its close code."""
        with contextlib.suppress(ConnectionClosedError):
            async for _ in self.connection:
                pass
        return self.connection.close_code


def start_message(**changes: object) -> dict[str, Any]:
    """`start` as Twilio documents it, with fields of its body exchanged."""
    start = {
        "accountSid": ACCOUNT,
        "callSid": CALL,
        "streamSid": STREAM,
        "tracks": ["inbound"],
        "customParameters": {},
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
    }
    return {"event": "start", "sequenceNumber": "1", "streamSid": STREAM, "start": {**start, **changes}}


def media_message(payload: bytes, chunk: int, timestamp_ms: int | None = None) -> dict[str, Any]:
    """`media` as Twilio documents it: chunk and timestamp are strings."""
    return {
        "event": "media",
        "sequenceNumber": str(chunk + 1),
        "streamSid": STREAM,
        "media": {
            "track": "inbound",
            "chunk": str(chunk),
            "timestamp": str((chunk - 1) * 20 if timestamp_ms is None else timestamp_ms),
            "payload": base64.b64encode(payload).decode(),
        },
    }


def standard_fields() -> dict[str, str]:
    """The fields of a webhook, blank and legacy ones among them."""
    return {
        "CallSid": CALL,
        "AccountSid": ACCOUNT,
        "From": "+4790000001",
        "To": "+4722000000",
        "CallStatus": "ringing",
        "Direction": "inbound",
        "ApiVersion": "2010-04-01",
        "FromCity": "",
        "FromCountry": "NO",
        "ToCity": "Tromsø",
        "Caller": "+4790000001",
        "Called": "+4722000000",
        "SomethingNew": "a + b & c",
    }


def stream_url(document: ET.Element) -> str:
    """The stream's address in a document."""
    stream = document.find("./Connect/Stream")
    assert stream is not None, ET.tostring(document)
    return stream.attrib["url"]


@contextlib.asynccontextmanager
async def open_house(
    desk: FakeDesk | None = None,
    signs_handshakes: bool = False,
    clock: Callable[[], float] = time.monotonic,
    **settings: object,
) -> AsyncIterator[House]:
    """A house on a free port of loopback; checks in the end that nothing is left running.

    Args:
        desk: the front desk.
        clock: the line's; seconds.
        signs_handshakes: sign every WebSocket handshake, for callers that cannot do it themselves.
        settings: changes to the settings of the line.
    """
    # asyncio turns Nagle's delay (40 ms on loopback) off only for sockets that say that they are TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    desk = desk or FakeDesk()
    api = FakeApi()
    given = replace(
        TwilioSettings(ACCOUNT, (TOKEN,), base, api_url=base, traffic=LIMITLESS, patience=QUICK),
        **settings,  # type: ignore[arg-type]
    )
    line = TwilioLine(given, desk, clock)
    app = FastAPI()
    app.include_router(line.router)
    for resource in ("Calls/{call}", "Messages"):
        app.add_api_route(f"/2010-04-01/Accounts/{{account}}/{resource}.json", api.update, methods=["POST"])
    served = signing(app, base) if signs_handshakes else app
    config = uvicorn.Config(served, log_config=None, ws_per_message_deflate=False, ws_max_size=65536, lifespan="off")
    server = uvicorn.Server(config)
    # What `serve` does, without its main loop: that only looks for signals, ten times a second.
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    try:
        async with httpx.AsyncClient(trust_env=False) as http:
            yield House(line, desk, api, base, http, lambda: server.shutdown(sockets=[listener]))
            await within(line.close("the test is over"))
            assert line.calls == 0
            left = [task for task in asyncio.all_tasks() if CALL in task.get_name()]
            assert not left, left
    finally:
        await within(server.shutdown(sockets=[listener]))


def signing(app: ASGIApp, base: str) -> ASGIApp:
    """An application whose WebSocket handshakes arrive signed."""

    async def signed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            url = base.replace("http", "ws", 1) + scope["raw_path"].decode()
            header = (b"x-twilio-signature", sign(TOKEN, url, []).encode())
            scope = {**scope, "headers": [*scope["headers"], header]}
        await app(scope, receive, send)

    return signed
