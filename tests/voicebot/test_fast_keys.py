"""Keys that come faster than the mind answers: each of them counts, in their order."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

from dialog.events import CallerPressed, Decision, Event, Listen, Reply
from speech.ear import Ear
from telephony.call import KeyPressed
from tests.fakes import RATE_HZ, FakeCall, FakeHearing, FakeMind, FakeSpeaking, FakeVad, saying, settle
from voicebot.conversation import Conversation
from voicebot.feed import Feed
from voicebot.metrics import Metrics
from voicebot.rooms import Rooms


class SlowExecutor(Executor):
    """A thread that begins with its work only when the test lets it."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1)
        self.may = threading.Event()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        def work() -> Any:
            assert self.may.wait(10)
            return fn(*args, **kwargs)

        return self._threads.submit(work)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._threads.shutdown(wait, cancel_futures=cancel_futures)


def answer(event: Event) -> Reply:
    """Nothing is said between two keys."""
    quiet = Reply((), Listen("digits", 4.0, (), 6), Decision("keys"))
    return quiet if isinstance(event, CallerPressed) and event.digit != "3" else saying("Thank you.")


async def test_six_keys_at_once_are_six_keys() -> None:
    call, mind, thinking = FakeCall(), FakeMind(answer), SlowExecutor()
    thinking.may.set()
    rooms = Rooms(mind, FakeHearing([]), FakeSpeaking(), thinking, Feed(), Metrics())
    conversation = Conversation(call, rooms, Ear(FakeVad(), RATE_HZ))
    running = asyncio.create_task(conversation.run())
    try:
        async with asyncio.timeout(10):
            while not call.played:
                await settle()
        await call.listen_out()
        thinking.may.clear()
        for digit in "427193":
            call._events.put_nowait(KeyPressed(digit))
        await settle()
        thinking.may.set()
        async with asyncio.timeout(10):
            while "Thank you." not in call.shown("bot"):
                await call.silence(0.02)
        pressed = [event.digit for event in conversation.state.seen if isinstance(event, CallerPressed)]
        assert "".join(pressed) == "427193"
        await call.leave()
        await running
    finally:
        running.cancel()
        thinking.shutdown()
