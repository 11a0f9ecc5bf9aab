"""The bot's own account of a call, as server-sent events."""

import json
from collections.abc import Callable

import httpx

from telephony.simulator.feed import Feed
from telephony.simulator.options import Network
from telephony.simulator.signature import feed_token

NETWORK = Network("AC1", "token", "https://bot.example.com", "http://127.0.0.1:8080")


def told(*kinds: str) -> str:
    return "".join(f"data: {json.dumps({'kind': kind, 'text': kind, 'at_seconds': 1})}\n\n" for kind in kinds)


async def followed(*answers: httpx.Response, over: Callable[[], bool]) -> tuple[Feed, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answers[min(len(seen), len(answers)) - 1]

    feed = Feed(lambda: 8000)
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        await feed.follow(client, NETWORK, "CA1", over)
    return feed, seen


async def test_events_are_read_with_the_calls_own_token():
    feed, seen = await followed(httpx.Response(200, text=told("state", "bot")), over=lambda: True)
    assert [(entry.kind, entry.position) for entry in feed.entries] == [("state", 8000), ("bot", 8000)]
    assert seen[0].headers["authorization"] == f"Bearer {feed_token('token', 'CA1')}"
    assert str(seen[0].url) == "http://127.0.0.1:8080/calls/CA1/feed" and feed.is_there


async def test_a_feed_that_ends_before_the_call_is_asked_for_again_and_nothing_is_told_twice():
    looks = iter([False, True])
    first, second = told("bot", "ended"), told("bot", "ended", "state")
    feed, seen = await followed(
        httpx.Response(200, text=first), httpx.Response(200, text=second), over=lambda: next(looks)
    )
    assert [entry.kind for entry in feed.entries] == ["bot", "ended", "state"] and len(seen) == 2


async def test_events_that_are_not_about_the_call_and_events_that_cannot_be_read():
    text = ": comment\n\nevent: missing\ndata: {}\n\ndata: {\n\ndata: {}\n\n" + told("bot")
    feed, _ = await followed(httpx.Response(200, text=text), over=lambda: True)
    assert [entry.kind for entry in feed.entries] == ["unreadable", "unreadable", "bot"]


async def test_no_feed_is_no_error():
    feed, _ = await followed(httpx.Response(404), over=lambda: True)
    assert not feed.is_there and "404" in feed.missing


async def test_who_is_busy():
    feed, _ = await followed(httpx.Response(200, text=told("state")), over=lambda: True)
    assert not feed.bot_is_busy
    feed.add(json.dumps({"kind": "state", "text": "Speaking"}))
    assert feed.bot_is_busy
    feed.add(json.dumps({"kind": "state", "text": "listening"}))
    assert not feed.bot_is_busy
