"""Warm transfers while the carrier is slow, refuses, loses answers and callbacks, or sends them late and twice."""

from collections import deque
from dataclasses import replace

import pytest

from telephony.call import EndReason, NobodyCame
from telephony.simulator import Fate, Mischief
from telephony.simulator.people import presses
from tests.telephony.transfer_scene import ADA, BO, QUICK, Scene, answers, asking, request

RING = r"POST .*/Calls\.json"
BRISK = replace(QUICK, ring=5, answer=-4.0)
"""An order to ring is given up after a second."""
ONE = answers(presses("1", after_seconds=0.1))


def rung(scene: Scene, number: str) -> int:
    return [call.facts.called for call in scene.phones.calls.values()].count(number)


async def bridged(scene: Scene) -> None:
    await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
    await scene.together()


async def test_a_slow_carrier_is_waited_for_and_asked_once() -> None:
    async with asking(request((ADA,)), {ADA.number: ONE}, Mischief(verb_pace=0.2)) as scene:
        scene.rest.trouble.only, scene.rest.trouble.latency_seconds = RING, 0.6
        await bridged(scene)
        assert rung(scene, ADA.number) == 1


async def test_a_carrier_that_will_not_ring_somebody_is_asked_for_the_next() -> None:
    ring = {ADA.number: ONE, BO.number: ONE}
    async with asking(request((ADA,), (BO,)), ring, Mischief(verb_pace=0.2)) as scene:
        scene.rest.trouble.only, scene.rest.trouble.failures = RING, deque([(500, 20500)])
        await bridged(scene)
        assert scene.attempts == [("ada", "failed")]
        assert rung(scene, ADA.number) == 0


async def test_an_order_to_ring_that_was_lost_on_the_way_is_given_up_at_its_deadline() -> None:
    ring = {ADA.number: ONE, BO.number: ONE}
    quick = request((ADA,), (BO,), patience=BRISK)
    async with asking(quick, ring, Mischief(verb_pace=0.2)) as scene:
        scene.rest.trouble.only, scene.rest.trouble.lost_requests = RING, 1
        await bridged(scene)
        assert scene.attempts == [("ada", "failed")]


async def test_a_phone_that_rings_though_the_carrier_never_said_so_is_found_by_its_callbacks() -> None:
    async with asking(request((ADA,)), {ADA.number: ONE}, Mischief(verb_pace=0.2)) as scene:
        scene.rest.trouble.only, scene.rest.trouble.lost_answers = RING, 1
        await bridged(scene)
        assert rung(scene, ADA.number) == 1


async def test_a_carrier_that_is_asked_too_often_is_asked_again_a_little_later() -> None:
    async with asking(request((ADA,)), {ADA.number: ONE}, Mischief(verb_pace=0.2)) as scene:
        scene.rest.trouble.only, scene.rest.trouble.failures = RING, deque([(429, 20429)])
        await bridged(scene)
        assert rung(scene, ADA.number) == 1


async def test_a_caller_who_goes_while_the_carrier_is_asked_again_rings_nobody() -> None:
    async with asking(request((ADA,)), {ADA.number: ONE}) as scene:
        scene.rest.trouble.only, scene.rest.trouble.failures = RING, deque([(429, 20429)] * 3)
        await scene.until(lambda: bool(scene.rest.requests))
        scene.call.handset.hang_up()
        await scene.over()
        assert scene.outcome == "caller_gone"
        assert rung(scene, ADA.number) == 0


@pytest.mark.parametrize(
    "fates",
    [
        [Fate("call", copies=0)],
        [Fate("call", copies=2), Fate("room", copies=2), Fate("document", path="/transfer/", copies=2)],
        [Fate("call", event="in-progress", delay_seconds=0.8), Fate("call", event="ringing", delay_seconds=1.0)],
        [Fate("call", event="ringing", overtaken=True), Fate("room", event="participant-join", overtaken=True)],
    ],
    ids=["lost", "twice", "late", "overtaken"],
)
async def test_callbacks_that_do_not_come_as_they_should_change_nothing(fates: list[Fate]) -> None:
    async with asking(request((ADA,)), {ADA.number: ONE}, Mischief(verb_pace=0.2)) as scene:
        scene.phones.post.fates = fates
        await bridged(scene)
        scene.leg(ADA).handset.hang_up()
        await scene.over()
        assert scene.attempts == [("ada", "connected")]
        assert scene.outcome == "connected"


async def test_a_leg_that_the_carrier_would_not_end_is_told_when_it_answers() -> None:
    ring = {ADA.number: answers(presses("1", after_seconds=5.0), after=0.8)}
    async with asking(request((ADA,)), ring, Mischief(verb_pace=0.2)) as scene:
        await scene.bot.until(lambda: bool(scene.bot.news))
        scene.rest.trouble.failures = deque([(500, 20500)] * 2)
        scene.call.handset.press("9")
        await scene.bot.until(lambda: NobodyCame("caller_stayed") in scene.bot.news)
        agent = scene.leg(ADA)
        assert await agent.handset.until(lambda: agent.over, 10)
        assert "sorry" in " ".join(text for _, text in agent.handset.said_by_network)
        assert len(agent.documents) == 1


async def test_when_nobody_can_be_rung_the_bot_has_the_caller_at_once() -> None:
    async with asking(request((ADA, BO)), {}) as scene:
        scene.rest.trouble.failures = deque([(401, 20003)] * 2)
        await scene.bot.until(lambda: NobodyCame("failed") in scene.bot.news)
