"""A tiny bot for the simulator's tests: it knows the documented protocol only, and answers speech with a tone."""

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from twilio.request_validator import RequestValidator

from telephony.g711 import decode_ulaw, encode_ulaw

ACCOUNT = "AC" + "0" * 32
TOKEN = "12345"
PUBLIC = "https://bot.example.com"

Document = str | Callable[[dict[str, str]], str]


def tone(seconds: float, hz: float = 440.0, level: float = 8000.0) -> "np.ndarray[Any, np.dtype[np.int16]]":
    """Int16, 8 kHz mono."""
    return (level * np.sin(2 * np.pi * hz * np.arange(int(8000 * seconds)) / 8000)).astype(np.int16)


@dataclass
class ToneBot:
    """Says `greeting_seconds` of tone, then a tone for every burst of caller sound that is followed by silence.

    Args:
        documents: TwiML by path; a callable gets the form.
        feed: data of the feed's events, None has no feed.
    """

    documents: dict[str, Document] = field(default_factory=dict)
    greeting_seconds: float = 0.3
    reply_seconds: float = 0.3
    hang_up_after_replies: int = 99
    close_after_key: bool = False
    feed: list[dict[str, Any]] | None = field(default_factory=list)
    public: str = PUBLIC
    forms: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0
    statuses: dict[str, list[int]] = field(default_factory=dict)
    extra_messages: list[str | bytes] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait until what was received makes it true, at most three seconds."""
        async with asyncio.timeout(3):
            while not happened():
                self.news.clear()
                await self.news.wait()

    def app(self) -> FastAPI:
        app = FastAPI()
        validator = RequestValidator(TOKEN)

        @app.get("/calls/{call}/feed", response_model=None)
        async def follow(call: str) -> Response:
            if self.feed is None:
                return Response(status_code=404)
            lines = "".join(f"data: {json.dumps(one)}\n\n" for one in self.feed)
            return StreamingResponse(iter([lines]), media_type="text/event-stream")

        @app.post("/{path:path}")
        async def webhook(path: str, request: Request) -> Response:
            form = await request.form()
            url = self.public + "/" + path
            if not validator.validate(url, form, request.headers.get("x-twilio-signature", "")):
                self.refused += 1
                return Response(status_code=403)
            fields = {key: str(value) for key, value in form.items()}
            self.forms.append(("/" + path, fields, dict(request.headers)))
            self.news.set()
            if (planned := self.statuses.get("/" + path)) and (status := planned.pop(0)) != 200:
                return Response(status_code=status)
            document = self.documents.get("/" + path, self._connect() if path == "twilio/voice" else "<Response/>")
            text = document(fields) if callable(document) else document
            return Response(text, media_type="text/xml")

        @app.websocket("/media/{token}")
        async def media(websocket: WebSocket, token: str) -> None:
            url = "ws" + self.public[4:] + f"/media/{token}"
            signature = websocket.headers.get("x-twilio-signature", "")
            if not validator.validate(url, {}, signature) and not validator.validate(url + "/", {}, signature):
                self.refused += 1
                await websocket.close(1008)
                return
            await websocket.accept()
            with suppress(WebSocketDisconnect):
                await self._talk(websocket)

        return app

    def _connect(self) -> str:
        return (
            f'<Response><Connect action="/after"><Stream url="{"ws" + self.public[4:]}/media/one" name="s"'
            ' statusCallback="/stream-status"><Parameter name="k" value="v"/></Stream></Connect></Response>'
        )

    async def _talk(self, websocket: WebSocket) -> None:
        loud, quiet, replies, sid = False, 0, 0, ""
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                body = json.loads(message.get("text") or "null")
                event = body["event"]
                pcm = (
                    decode_ulaw(base64.b64decode(body["media"]["payload"], validate=True)) if event == "media" else None
                )
            except (ValueError, TypeError, KeyError):
                continue
            if body.get("streamSid") is None and event != "connected":
                continue
            self.received.append(body)
            self.news.set()
            if event == "start":
                sid = body["streamSid"]
                await self._say(websocket, sid, self.greeting_seconds, "greeting")
                for extra in self.extra_messages:
                    await (websocket.send_text(extra) if isinstance(extra, str) else websocket.send_bytes(extra))
            elif event == "dtmf" and self.close_after_key:
                await websocket.close(1000)
                return
            elif event == "stop":
                return
            elif pcm is not None:
                if np.abs(pcm).max(initial=0) > 1000:
                    if not loud and self.reply_seconds:
                        await websocket.send_text(json.dumps({"event": "clear", "streamSid": sid}))
                    loud, quiet = True, 0
                elif loud:
                    quiet += 1
                    if quiet == 5:
                        loud, replies = False, replies + 1
                        await self._say(websocket, sid, self.reply_seconds, f"reply-{replies}")
                        if replies >= self.hang_up_after_replies:
                            await asyncio.sleep(0.3)
                            await websocket.close(1000)
                            return

    async def _say(self, websocket: WebSocket, sid: str, seconds: float, mark: str) -> None:
        payload = encode_ulaw(tone(seconds))
        for at in range(0, len(payload), 160):
            media = {"payload": base64.b64encode(payload[at : at + 160].ljust(160, b"\xff")).decode()}
            await websocket.send_text(json.dumps({"event": "media", "streamSid": sid, "media": media}))
        await websocket.send_text(json.dumps({"event": "mark", "streamSid": sid, "mark": {"name": mark}}))


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The app on a free loopback port; yields its address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, ws="websockets-sansio", lifespan="off")
    server = uvicorn.Server(config)
    # Serving without uvicorn's own signal handlers, which belong to a process, not to a test.
    server.config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listening])
    running = asyncio.create_task(server.main_loop())
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        await server.shutdown(sockets=[listening])
