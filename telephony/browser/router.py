"""The addresses of the browser line: the page, its parts, and the WebSocket a call runs over."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, HTTPException, Request, Response, WebSocket
from starlette.websockets import WebSocketDisconnect

from telephony.browser import messages
from telephony.browser.call import BrowserCall
from telephony.browser.messages import FloodGate, Hello, PageFault, PageMessage
from telephony.browser.page_files import PageFiles
from telephony.browser.settings import BrowserSettings
from telephony.browser.threshold import Threshold
from telephony.call import Caller, EndReason, FrameReceived, LineKind
from telephony.errors import LineClosed
from telephony.front_desk import FrontDesk, Refusal

log = structlog.get_logger(__name__)

HELLO_SECONDS: Final = 10.0
STUCK_SECONDS: Final = 10.0
"""How long the page may leave a message unread, and a conversation may go on after its call has ended."""
FRAMES_PER_SECOND, FRAME_BURST = 60.0, 400.0
"""A page sends 50 frames a second; after a stall on the network, eight seconds may come at once."""
OTHERS_PER_SECOND, OTHERS_BURST = 20.0, 60.0


def browser_router(
    desk: FrontDesk,
    settings: BrowserSettings,
    refused: Counter[str] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> APIRouter:
    """The routes `GET /try`, `GET /try/assets/{name}` and the WebSocket `/try/call`.

    The server in front should cap WebSocket messages too (uvicorn: `ws_max_size`), because it reads a whole message
    before the line can refuse it.

    Args:
        desk: the house that takes the calls.
        settings: see `BrowserSettings`.
        refused: see `Threshold`.
        clock: seconds, monotonic.
    """
    router = APIRouter()
    threshold = Threshold(settings, clock, Counter() if refused is None else refused)
    if not settings.enabled:
        return router
    files = PageFiles(settings)

    @router.get("/try", include_in_schema=False)
    async def page(request: Request) -> Response:
        return files.page(request.headers.get("host", ""))

    @router.get("/try/assets/{name}", include_in_schema=False)
    async def asset(request: Request, name: str) -> Response:
        found = files.asset(name, request.headers.get("if-none-match"))
        if found is None:
            raise HTTPException(404)
        return found

    @router.websocket("/try/call")
    async def call(websocket: WebSocket) -> None:
        if not _same_origin(websocket, settings.public_url):
            log.warning("browser_wrong_origin")
            threshold.refused["origin"] += 1
            await websocket.close(1008)
            return
        try:
            await _answer(websocket, desk, settings, threshold)
        except WebSocketDisconnect:
            log.info("browser_page_vanished")

    return router


def _same_origin(websocket: WebSocket, public_url: str | None) -> bool:
    """Whether the page that opens the socket is ours. Browsers always say where a page comes from."""
    origin = urlsplit(websocket.headers.get("origin", ""))
    if not origin.netloc:
        return False
    ours = {websocket.headers.get("host", "").lower()}
    if public_url is not None:
        ours.add(urlsplit(public_url).netloc.lower())
    return origin.netloc.lower() in ours


async def _answer(websocket: WebSocket, desk: FrontDesk, settings: BrowserSettings, threshold: Threshold) -> None:
    """From the handshake to the closed socket."""
    if not threshold.enter():
        log.warning("browser_sockets_without_hello")
        await websocket.close(1013)
        return
    try:
        await websocket.accept()
        hello = await _hello(websocket)
    except PageFault as fault:
        await _refuse_page(websocket, fault)
        return
    finally:
        threshold.leave()
    refusal = desk.refusal()
    if refusal is None and not threshold.admits_call(websocket.client.host if websocket.client else ""):
        refusal = Refusal("too_often", (), desk.fallback().target)
    if refusal is not None:
        log.info("browser_call_refused", reason=refusal.reason)
        await websocket.send_text(messages.refused(refusal))
        await websocket.close(1013)
        return
    language = hello.language if hello.language in settings.languages else None
    caller = Caller("BR" + secrets.token_hex(16), LineKind.BROWSER, language=language, writes=not hello.microphone)
    call = BrowserCall(caller, asyncio.get_running_loop().time)
    await websocket.send_text(messages.welcome(caller.call_id))
    await _hold(websocket, call, hello, desk, settings)


async def _hello(websocket: WebSocket) -> Hello:
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            message = await _receive(websocket)
    except TimeoutError:
        raise PageFault("bad_message", f"no hello within {HELLO_SECONDS:g} seconds", 1008) from None
    if not isinstance(message, Hello):
        raise PageFault("bad_message", "the first message must be a hello")
    return message


async def _receive(websocket: WebSocket) -> PageMessage:
    received = await websocket.receive()
    if received["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(received.get("code") or 1006)
    payload = received.get("bytes")
    return messages.parse_frame(payload) if payload is not None else messages.parse_text(received["text"])


async def _refuse_page(websocket: WebSocket, fault: PageFault) -> None:
    log.warning("browser_page_fault", reason=fault.reason, what=str(fault))
    await websocket.send_text(messages.error(fault))
    await websocket.close(fault.close_code, fault.reason)


async def _hold(
    websocket: WebSocket, call: BrowserCall, hello: Hello, desk: FrontDesk, settings: BrowserSettings
) -> None:
    """One call: what the page sends, what it is sent, and the conversation, all ended together."""
    call_id = call.caller.call_id
    log.info("browser_call_started", call_id=call_id, microphone=hello.microphone)
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(_read(websocket, call, settings.idle_seconds))
        writing = tasks.create_task(_write(websocket, call))
        if not hello.microphone:
            tasks.create_task(_be_silent(call))
        await _converse(call, desk, settings.call_seconds)
        # Let the last words out; a page that does not read them loses them.
        await asyncio.wait({writing}, timeout=STUCK_SECONDS)
        writing.cancel()
        reading.cancel()
    log.info("browser_call_over", call_id=call_id)
    fault = call.fault
    with suppress(RuntimeError, WebSocketDisconnect):  # the page closed first
        await websocket.close(fault.close_code if fault else 1000, fault.reason if fault else None)


async def _read(websocket: WebSocket, call: BrowserCall, idle_seconds: float) -> None:
    """Hand in what the page sends until the call is over."""
    clock = asyncio.get_running_loop().time
    frames, others = FloodGate(FRAMES_PER_SECOND, FRAME_BURST), FloodGate(OTHERS_PER_SECOND, OTHERS_BURST)
    try:
        while not call.has_ended:
            async with asyncio.timeout(idle_seconds):
                message = await _receive(websocket)
            gate = frames if isinstance(message, FrameReceived) else others
            if not gate.admit(clock()):
                raise PageFault("flood", "more messages than a caller can produce", 1008)
            call.receive(message)
    except PageFault as fault:
        log.warning("browser_page_fault", call_id=call.caller.call_id, reason=fault.reason, what=str(fault))
        call.end_for(fault)
    except WebSocketDisconnect as gone:
        # 1000 and 1001: the page closed the socket or is being left. Anything else is the network.
        call.end(EndReason.CALLER_HUNG_UP if gone.code in (1000, 1001) else EndReason.LINE_LOST)
    except TimeoutError:
        call.end(EndReason.LINE_LOST)


async def _write(websocket: WebSocket, call: BrowserCall) -> None:
    try:
        await call.send_to(websocket)
    except (OSError, RuntimeError, WebSocketDisconnect):
        call.end(EndReason.LINE_LOST)


async def _be_silent(call: BrowserCall) -> None:
    """Silence in real time for a caller without a microphone: who counts samples for time must not stand still."""
    clock = asyncio.get_running_loop().time
    start, sent = clock(), 0
    silence = messages.parse_frame(bytes(messages.FRAME_BYTES))
    while not call.has_ended:
        call.receive(silence)
        sent += 1
        await asyncio.sleep(start + sent * 0.02 - clock())


async def _converse(call: BrowserCall, desk: FrontDesk, call_seconds: float) -> None:
    """The conversation, with its hard cap, an apology for its failures and an end to it when the call has ended."""
    conversation = asyncio.ensure_future(desk.converse(call))
    ended = asyncio.ensure_future(call.wait_ended())
    try:
        await asyncio.wait({conversation, ended}, timeout=call_seconds, return_when=asyncio.FIRST_COMPLETED)
        if not conversation.done():
            call.end(EndReason.TIME_LIMIT)
            await asyncio.wait({conversation}, timeout=STUCK_SECONDS)
    finally:
        ended.cancel()
        if not conversation.done():
            log.error("conversation_outlived_call", call_id=call.caller.call_id)
            conversation.cancel()
            await asyncio.wait({conversation}, timeout=STUCK_SECONDS)
    await _after(call, conversation, desk)


async def _after(call: BrowserCall, conversation: "asyncio.Future[None]", desk: FrontDesk) -> None:
    failure = None if conversation.cancelled() else conversation.exception()
    if failure is None or isinstance(failure, LineClosed):
        call.end(EndReason.WE_HUNG_UP)
        return
    log.error("conversation_failed", call_id=call.caller.call_id, exc_info=failure)
    call.end_with_apology(desk.fallback())
