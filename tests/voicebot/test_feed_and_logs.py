"""Who may watch a call, what they see, and what never reaches a log."""

import asyncio
import json
import logging

import pytest
import structlog
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from telephony.call import Caption
from tests.logged import kept_log
from voicebot.feed import Feed, feed_router, feed_token
from voicebot.logs import PRIVATE, mask_private, tell_unseen_fault
from voicebot.playback import Playback, Sentence


async def test_a_listener_gets_every_caption_from_the_first_to_the_end() -> None:
    feed = Feed()
    await feed.publish("CA1", Caption("state", "speaking"))
    following = asyncio.create_task(collect(feed, "CA1"))
    await asyncio.sleep(0)
    await feed.publish("CA1", Caption("bot", "Hello.", {"article": None}))
    await feed.publish("CA1", Caption("ended", "goodbye"))
    captions = await asyncio.wait_for(following, 5)
    assert [caption["kind"] for caption in captions] == ["state", "bot", "ended"]


async def test_a_call_that_never_begins_is_given_up() -> None:
    with pytest.raises(TimeoutError):
        async for _ in Feed().follow("CA-none", patience_seconds=0.01):
            pass


async def test_the_words_of_a_call_are_forgotten_soon_after_its_end() -> None:
    feed = Feed(kept_seconds=0.0)
    await feed.publish("CA1", Caption("caller", "hei"))
    await feed.publish("CA1", Caption("ended", "goodbye"))
    await asyncio.sleep(0.001)
    with pytest.raises(TimeoutError):
        async for _ in feed.follow("CA1", patience_seconds=0.01):
            pass


async def collect(feed: Feed, call_id: str) -> list[dict[str, object]]:
    return [caption async for caption in feed.follow(call_id)]


async def test_only_the_calls_own_token_opens_its_feed() -> None:
    feed = Feed()
    await feed.publish("CA1", Caption("caller", "hei på deg"))
    await feed.publish("CA1", Caption("ended", "goodbye"))
    app = FastAPI()
    app.include_router(feed_router(feed, ("secret", "next")))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://bot") as client:
        for header in ("", "Bearer x", f"Bearer {feed_token('secret', 'CA2')}"):
            refused = await client.get("/calls/CA1/feed", headers={"Authorization": header})
            assert refused.status_code == 401
        for token in ("secret", "next"):
            headers = {"Authorization": f"Bearer {feed_token(token, 'CA1')}"}
            response = await client.get("/calls/CA1/feed", headers=headers)
            lines = [json.loads(line[6:]) for line in response.text.splitlines() if line.startswith("data: ")]
            assert [line["text"] for line in lines] == ["hei på deg", "goodbye"]


def test_what_callers_say_is_masked_in_every_private_field() -> None:
    masked = mask_private(None, "info", {"event": "x", **dict.fromkeys(PRIVATE, "12345678")})
    assert "12345678" not in str(masked)


def test_a_json_log_line_is_json_and_holds_no_word() -> None:
    with kept_log("info", "json") as stream:
        structlog.get_logger("voicebot.test").info("heard", text="mitt nummer er 92243711", call_id="CA1")
        logging.getLogger("a.library").warning("from the standard library")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["heard", "from the standard library"]
    assert "92243711" not in stream.getvalue()


def choke() -> None:
    try:
        int("mitt nummer er 92243711")
    except ValueError as error:
        raise ExceptionGroup("kundens ord: 92243711", [OSError(28, "92243711"), error]) from error


@pytest.mark.parametrize("format_", ["json", "console"])
def test_an_exceptions_own_words_are_not_logged_but_its_kind_and_place_are(format_: str) -> None:
    with kept_log("debug", format_) as stream:
        try:
            choke()
        except ExceptionGroup:
            logging.getLogger("telephony.line").exception("the conversation failed")
            structlog.get_logger("voicebot.test").exception("again")
    logged = stream.getvalue()
    assert "92243711" not in logged
    for told in ("the conversation failed", "ExceptionGroup", "OSError 28", "ValueError", "in choke"):
        assert told in logged


async def test_a_fault_that_nobody_waited_for_is_told_without_its_words() -> None:
    loop = asyncio.get_running_loop()
    with kept_log("debug", "json") as stream:
        loop.set_exception_handler(tell_unseen_fault)
        try:
            loop.call_soon(int, "mitt nummer er 92243711")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        finally:
            loop.set_exception_handler(None)
    assert "Exception in callback" in stream.getvalue()
    assert "ValueError" in stream.getvalue()
    assert "92243711" not in stream.getvalue()


def test_playback_counts_as_heard_only_what_came_back_before_the_cut() -> None:
    playback = Playback((Sentence("a", "One.", "en"), Sentence("b", "Two.", "en", interruptible=False)))
    assert not playback.interruptible
    playback.played("a")
    playback.cut()
    playback.played("b")
    assert [one.mark for one in playback.heard] == ["a"]
    assert [one.mark for one in playback.unheard] == ["b"]
    assert not playback.all_heard.is_set()


def test_a_reply_without_words_is_heard_at_once() -> None:
    assert Playback(()).all_heard.is_set()
