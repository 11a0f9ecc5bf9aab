"""Call events on their way to whoever holds the conversation."""

import asyncio
from typing import Any

import numpy as np
import pytest

from telephony.call import CallEnded, EndReason, FrameReceived, KeyPressed
from telephony.inbox import MOST_FRAMES, MOST_OTHERS, Inbox


def frame(value: int) -> FrameReceived:
    return FrameReceived(np.full(160, value, dtype=np.int16))


async def everything(inbox: Inbox) -> list[Any]:
    return [event async for event in inbox.events()]


async def test_events_come_in_order_and_end_once():
    inbox = Inbox("CA1")
    for event in (KeyPressed("1"), KeyPressed("2"), CallEnded(EndReason.LINE_LOST)):
        inbox.put(event)
    inbox.put(KeyPressed("3"))
    inbox.put(CallEnded(EndReason.WE_HUNG_UP))
    assert await everything(inbox) == [KeyPressed("1"), KeyPressed("2"), CallEnded(EndReason.LINE_LOST)]
    assert inbox.taken == 3


async def test_a_listener_waits_for_what_is_still_to_come():
    inbox = Inbox("CA1")
    listening = asyncio.create_task(everything(inbox))
    await asyncio.sleep(0)
    inbox.put(KeyPressed("1"))
    await asyncio.sleep(0)
    inbox.put(CallEnded(EndReason.CALLER_HUNG_UP))
    assert len(await listening) == 2


async def test_when_full_of_frames_the_oldest_goes_and_keys_stay(caplog):
    inbox = Inbox("CA1")
    inbox.put(KeyPressed("1"))
    for value in range(MOST_FRAMES + 4):
        inbox.put(frame(value))
    inbox.put(CallEnded(EndReason.LINE_LOST))
    key, first, *frames, end = await everything(inbox)
    assert key == KeyPressed("1") and first.pcm[0] == 4 and isinstance(end, CallEnded)
    assert len(frames) == MOST_FRAMES - 1
    assert inbox.dropped == 4
    assert len(caplog.records) == 1, "said once, not four times"


async def test_keys_alone_are_bounded_too():
    inbox = Inbox("CA1")
    for _ in range(MOST_OTHERS + 3):
        inbox.put(KeyPressed("1"))
    inbox.put(CallEnded(EndReason.LINE_LOST))
    assert len(await everything(inbox)) == MOST_OTHERS + 1
    assert inbox.dropped == 3


async def test_events_are_iterated_once():
    inbox = Inbox("CA1")
    inbox.put(CallEnded(EndReason.LINE_LOST))
    await everything(inbox)
    with pytest.raises(RuntimeError):
        await everything(inbox)
