"""Call events on their way to the conversation."""

import asyncio
from typing import Any

import numpy as np
import pytest

from telephony.call import CallEnded, EndReason, FrameReceived, KeyPressed
from telephony.twilio.event_queue import EventQueue


def frame(value: int) -> FrameReceived:
    return FrameReceived(np.full(160, value, dtype=np.int16))


async def everything(queue: EventQueue) -> list[Any]:
    return [event async for event in queue.events()]


async def test_events_come_in_order_and_end_once():
    queue = EventQueue("CA1")
    for event in (KeyPressed("1"), KeyPressed("2"), CallEnded(EndReason.LINE_LOST)):
        queue.put(event)
    queue.put(KeyPressed("3"))
    queue.put(CallEnded(EndReason.WE_HUNG_UP))
    assert await everything(queue) == [KeyPressed("1"), KeyPressed("2"), CallEnded(EndReason.LINE_LOST)]
    assert queue.taken == 3


async def test_a_listener_waits_for_what_is_still_to_come():
    queue = EventQueue("CA1")
    listening = asyncio.create_task(everything(queue))
    await asyncio.sleep(0)
    queue.put(KeyPressed("1"))
    await asyncio.sleep(0)
    queue.put(CallEnded(EndReason.CALLER_HUNG_UP))
    assert len(await asyncio.wait_for(listening, 5)) == 2


async def test_when_full_the_oldest_frame_goes_and_keys_stay(caplog):
    queue = EventQueue("CA1", max_events=3)
    queue.put(KeyPressed("1"))
    for value in range(5):
        queue.put(frame(value))
    queue.put(CallEnded(EndReason.LINE_LOST))
    key, last, end = await everything(queue)
    assert key == KeyPressed("1") and last.pcm[0] == 4 and isinstance(end, CallEnded)
    assert queue.dropped == 4
    assert len(caplog.records) == 1


async def test_keys_alone_are_bounded_too():
    queue = EventQueue("CA1", max_events=3)
    for digit in "123456":
        queue.put(KeyPressed(digit))
    queue.put(CallEnded(EndReason.LINE_LOST))
    assert await everything(queue) == [KeyPressed("5"), KeyPressed("6"), CallEnded(EndReason.LINE_LOST)]


async def test_events_are_iterated_once():
    queue = EventQueue("CA1")
    queue.put(CallEnded(EndReason.LINE_LOST))
    await everything(queue)
    with pytest.raises(RuntimeError):
        await everything(queue)
