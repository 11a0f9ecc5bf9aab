"""The door by itself: what is too much, too large or too slow goes no further, and whoever waits is not waited for."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import uvicorn
from fastapi import FastAPI, Request

from voicebot.config import load_config
from voicebot.guard import MAX_BODY_BYTES, Guard
from voicebot.metrics import Metrics
from voicebot.server import ImpatientConnection, server_settings

WAIT = 20.0
SHORT = 0.2
"""The deadlines of the door in these tests."""


@asynccontextmanager
async def door(
    monkeypatch: pytest.MonkeyPatch, trusted: str = "127.0.0.1", **limits: int
) -> AsyncIterator[tuple[int, Metrics]]:
    """A served application that tells how much of a body came, and from where; its port, and what was counted."""
    monkeypatch.setattr(ImpatientConnection, "head_seconds", SHORT)
    app, metrics = FastAPI(openapi_url=None), Metrics()

    @app.post("/length")
    async def length(request: Request) -> str:
        return f"{len(await request.body())} from {request.client.host if request.client else None}"

    app.add_middleware(Guard, metrics=metrics, body_seconds=SHORT)
    config = load_config(environ={"VOICEBOT_TRUSTED_PROXIES": trusted})
    config = replace(config, limits=replace(config.limits, **limits))  # type: ignore[arg-type]
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    server = uvicorn.Server(server_settings(app, config))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield listener.getsockname()[1], metrics
    finally:
        server.should_exit = True
        await serving


def refused(metrics: Metrics) -> dict[str, float]:
    samples = [sample for family in metrics.door_refused.collect() for sample in family.samples]
    return {sample.labels["reason"]: sample.value for sample in samples if sample.name.endswith("_total")}


async def said(port: int, *parts: bytes) -> bytes:
    """Everything the server answers to these bytes until it closes the connection."""
    async with asyncio.timeout(WAIT):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()


def post(*headers: bytes, body: bytes = b"") -> bytes:
    lines = [b"POST /length HTTP/1.1", b"Host: bot", b"Connection: close", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def with_length(size: int) -> bytes:
    return b"Content-Length: %d" % size


FORM = b"Content-Type: application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("request_bytes", "status", "reason"),
    [
        (post(with_length(MAX_BODY_BYTES + 1)), b"413", "body_size"),
        (
            post(b"Transfer-Encoding: chunked", body=b"11000\r\n" + b"x" * 0x11000 + b"\r\n0\r\n\r\n"),
            b"413",
            "body_size",
        ),
        (post(with_length(10), body=b"x" * 9), b"408", "body_time"),
        (post(with_length(999), FORM, body=b"a=&" * 333), b"413", "form_fields"),
        (post(b"Content-Type: multipart/form-data; boundary=x", with_length(0)), b"415", "body_type"),
        (b"GET /" + b"x" * 2_100 + b" HTTP/1.1\r\nHost: bot\r\n\r\n", b"414", "target_size"),
        (post(with_length(5), FORM, body=b"a=%00"), b"400", "zero"),
        (b"GET /length%00 HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n", b"400", "zero"),
        (post(*(b"X-%d: y" % number for number in range(120))), b"431", "headers"),
    ],
)
async def test_what_is_too_much_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, request_bytes: bytes, status: bytes, reason: str
) -> None:
    async with door(monkeypatch) as (port, metrics):
        assert (await said(port, request_bytes)).split(b" ")[1] == status
        assert refused(metrics) == {reason: 1.0}


async def test_the_largest_body_there_is_a_use_for_comes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    async with door(monkeypatch) as (port, metrics):
        answer = await said(port, post(with_length(MAX_BODY_BYTES), body=b"x" * MAX_BODY_BYTES))
        assert answer.endswith(b'"65536 from 127.0.0.1"')
        assert refused(metrics) == {}


@pytest.mark.parametrize("sent", [b"", b"POST /length HT", b"POST /length HTTP/1.1\r\nHost: b"])
async def test_whoever_does_not_say_what_he_wants_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    async with door(monkeypatch) as (port, _):
        assert await said(port, sent) == b""


async def test_a_second_request_may_not_be_slow_either(monkeypatch: pytest.MonkeyPatch) -> None:
    async with door(monkeypatch) as (port, _):
        async with asyncio.timeout(WAIT):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /length HTTP/1.1\r\nHost: bot\r\nContent-Length: 0\r\n\r\n")
            await reader.readuntil(b'127.0.0.1"')
            writer.write(b"POST /le")
            assert await reader.read() == b""
            writer.close()


async def test_a_head_without_end_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    async with door(monkeypatch) as (port, _):
        answer = await said(port, b"POST /length HTTP/1.1\r\n", *(b"X: " + b"y" * 8_000 + b"\r\n" for _ in range(3)))
        assert answer == b"" or answer.split(b" ")[1] == b"400"


async def test_whoever_goes_in_the_middle_of_a_body_leaves_no_fault(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with door(monkeypatch) as (port, metrics):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(post(with_length(10), body=b"x"))
        await writer.drain()
        writer.transport.abort()
        # Served after the other has gone: connections are handled in their order.
        assert (await said(port, post(with_length(0)))).endswith(b'"0 from 127.0.0.1"')
        assert refused(metrics) == {}
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_connection_too_many_is_closed_at_once_and_the_others_are_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with door(monkeypatch, connections=1) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /length HTTP/1.1\r\nHost: bot\r\nContent-Length: 0\r\n\r\n")
        assert b"200" in await reader.readline()
        assert await said(port, post(with_length(0))) == b""
        writer.close()


async def test_an_address_is_believed_only_from_a_proxy_that_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    forwarded = post(b"X-Forwarded-For: 192.0.2.7", with_length(0))
    async with door(monkeypatch) as (port, _):
        assert (await said(port, forwarded)).endswith(b'"0 from 192.0.2.7"')
    async with door(monkeypatch, trusted="none") as (port, _):
        assert (await said(port, forwarded)).endswith(b'"0 from 127.0.0.1"')
