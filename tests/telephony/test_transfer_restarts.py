"""Our process is killed in the middle of a warm transfer, and the next one goes on with it."""

from dataclasses import replace

import pytest

from telephony.call import EndReason, PersonReady, PersonRings, PersonTook
from telephony.simulator import Fate, Mischief, Ringing
from telephony.simulator.people import presses
from tests.telephony.transfer_scene import ADA, BO, Scene, answers, asking, request


def rung(scene: Scene, number: str) -> int:
    return [call.facts.called for call in scene.phones.calls.values()].count(number)


@pytest.mark.parametrize(
    ("ringing", "news"),
    [
        (answers(presses("1", after_seconds=0.1), after=1.0), PersonRings("ada", "service")),
        (answers(presses("1", after_seconds=1.0), after=0.1), PersonRings("ada", "service")),
        (answers(presses("1", after_seconds=0.1), after=0.1), PersonTook("ada")),
    ],
    ids=["ringing", "whispering", "briefing"],
)
async def test_the_transfer_goes_on_and_the_caller_is_told_again(ringing: Ringing, news: object) -> None:
    async with asking(request((ADA,)), {ADA.number: ringing}, Mischief(verb_pace=1.0)) as scene:
        await scene.bot.until(lambda: news in scene.bot.news)
        await scene.restart()
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        assert scene.bot.calls[0].caller.resumed == "reconnect"
        assert scene.bot.news[0] == PersonRings("ada", "service")
        assert scene.bot.news[-2:] == [PersonTook("ada"), PersonReady("ada")]
        await scene.together()
        assert rung(scene, ADA.number) == 1
        scene.leg(ADA).handset.hang_up()
        await scene.over()
        assert scene.attempts == [("ada", "connected")]
        assert not any(state for state in scene.house.desk.saved.values()), "nothing is left to be taken up"


@pytest.mark.parametrize("after", [False, True], ids=["the end", "a word from the bot"])
async def test_two_who_talk_are_left_in_peace_and_their_end_is_known(after: bool) -> None:
    ring = {ADA.number: answers(presses("1", after_seconds=0.1))}
    async with asking(replace(request((ADA,)), after=after), ring, Mischief(verb_pace=0.2)) as scene:
        await scene.together()
        await scene.restart()
        await scene.until(lambda: scene.house.line.counters.rest_requests["look at a call"] == 2)
        assert len(scene.call.streams) == 1, "nobody is fetched out of the room"
        scene.leg(ADA).handset.hang_up()
        if after:
            await scene.bot.until(lambda: bool(scene.bot.calls))
            assert scene.bot.calls[0].caller.resumed == "after-person"
            scene.call.handset.hang_up()
        await scene.over()
        assert scene.attempts == [("ada", "connected")]
        assert scene.outcome == "connected"


async def test_a_phone_that_was_given_up_while_nobody_of_us_was_there_makes_way_for_the_next() -> None:
    ring = {ADA.number: Ringing("busy", 1.0), BO.number: answers(presses("1", after_seconds=0.1))}
    async with asking(request((ADA,), (BO,)), ring, Mischief(verb_pace=0.2)) as scene:
        scene.phones.post.fates = [Fate("call", event="busy", copies=0)]
        await scene.bot.until(lambda: bool(scene.bot.news))
        await scene.until(lambda: scene.leg(ADA).over)
        await scene.restart()
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        assert scene.attempts == [("ada", "busy")]


async def test_a_caller_who_hung_up_while_nobody_of_us_was_there_stops_the_ringing() -> None:
    async with asking(request((ADA,)), {ADA.number: Ringing("answered", 30.0)}) as scene:
        await scene.bot.until(lambda: bool(scene.bot.news))
        kept = dict(scene.house.desk.saved)
        await scene.rest.__aexit__()  # the old process can do nothing any more
        scene.call.handset.hang_up()
        await scene.running
        scene.house.desk.saved = kept
        await scene.restart()
        await scene.over()
        assert scene.leg(ADA).facts.status == "canceled"
        assert scene.outcome == "caller_gone"


async def test_what_was_saved_by_another_version_is_given_up_and_forgotten() -> None:
    async with asking(request((ADA,)), {ADA.number: Ringing("answered", 30.0)}) as scene:
        await scene.bot.until(lambda: bool(scene.bot.news))
        scene.house.desk.saved["a" * 32] = '{"version": 0}'
        await scene.restart()
        assert scene.house.desk.saved == {"a" * 32: ""}


async def test_no_phone_rings_that_the_next_process_would_know_nothing_of() -> None:
    async with asking(request((ADA,)), {ADA.number: Ringing("answered", 30.0)}) as scene:
        written = scene.house.desk.written
        written.clear()
        await scene.until(lambda: bool(scene.house.desk.saved))
        assert rung(scene, ADA.number) == 0
        written.set()
        await scene.until(lambda: rung(scene, ADA.number) == 1)
