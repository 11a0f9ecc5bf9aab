"""A bot's own functions, run away from the calls: what comes back in time, late, wrong or never."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialog.actions import load_actions
from dialog.events import Act, ActionDone, ActionFailed
from tests.logged import kept_log
from voicebot.acting import THREADS, Acting

ACTIONS = """
import asyncio
import threading
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dialog.actions import action

gate = threading.Event()
tried = []


@dataclass(frozen=True)
class Order:
    arrives: date
    price: Decimal
    paid: bool
    note: str | None = None


@action()
def find(order: str) -> Order:
    return Order(date(2026, 11, 26), Decimal("59.50"), True)


@action()
async def find_later(order: str) -> Order:
    await asyncio.sleep(0)
    return Order(date(2026, 11, 26), Decimal("59.50"), False)


@action(timeout_seconds=0.05)
def stuck() -> None:
    gate.wait(10)


@action(timeout_seconds=0.05)
async def stuck_async() -> None:
    await asyncio.sleep(10)


@action(attempts=3)
def shaky() -> None:
    tried.append(1)
    if len(tried) < 3:
        raise ConnectionError("the caller said 40271")


@action(attempts=3)
def wrong(order: str) -> None:
    tried.append(1)
    raise ValueError(f"no such order: {order}")


@action()
def counted() -> Order:
    return Order(date(2026, 11, 26), Decimal(len(tried)), True)


@action()
async def let_go() -> None:
    gate.set()
"""


@pytest.fixture
async def acting(tmp_path: Path) -> AsyncIterator[Acting]:
    (tmp_path / "actions.py").write_text(ACTIONS)
    acting = Acting(load_actions(tmp_path, []))
    yield acting
    await acting(Act("let_go", {}, 0))
    acting.close()


@pytest.mark.parametrize(("name", "paid"), [("find", "yes"), ("find_later", "no")])
async def test_a_function_gets_its_arguments_and_its_result_comes_back_as_texts(
    acting: Acting, name: str, paid: str
) -> None:
    came = await acting(Act(name, {"order": "402713"}, 7))
    assert came == ActionDone(7, {"arrives": "2026-11-26", "price": "59.50", "paid": paid})


@pytest.mark.parametrize("name", ["stuck", "stuck_async"])
async def test_what_does_not_come_back_in_time_has_failed(acting: Acting, name: str) -> None:
    assert await acting(Act(name, {}, 1)) == ActionFailed(1, "timeout")


async def test_a_lost_connection_is_tried_again_as_often_as_the_function_allows(acting: Acting) -> None:
    assert isinstance(await acting(Act("shaky", {}, 1)), ActionDone)


async def test_another_exception_is_not_tried_again_and_the_log_has_none_of_its_words(acting: Acting) -> None:
    with kept_log("debug", "json") as log:
        assert await acting(Act("wrong", {"order": "402713"}, 1)) == ActionFailed(1, "error")
    counted = await acting(Act("counted", {}, 2))
    assert isinstance(counted, ActionDone)
    assert counted.result["price"] == "1"
    assert "ValueError" in log.getvalue()
    assert "402713" not in log.getvalue()


@pytest.mark.parametrize(
    ("act", "reason"), [(Act("nothing", {}, 3), "unavailable"), (Act("find", {"parcel": "1"}, 3), "error")]
)
async def test_what_cannot_be_asked_for_has_failed(acting: Acting, act: Act, reason: str) -> None:
    assert await acting(act) == ActionFailed(3, reason)


async def test_functions_that_never_return_use_up_their_threads_and_no_call_waits_for_them(acting: Acting) -> None:
    stuck = await asyncio.gather(*(acting(Act("stuck", {}, number)) for number in range(THREADS)))
    assert {failed.reason for failed in stuck if isinstance(failed, ActionFailed)} == {"timeout"}
    assert await acting(Act("find", {"order": "1"}, 9)) == ActionFailed(9, "unavailable")
    assert isinstance(await acting(Act("find_later", {"order": "1"}, 10)), ActionDone)
