"""Warm transfers that people take and decline on their screens, what they hear, and what comes after the talk."""

import asyncio
from dataclasses import replace

import pytest

from telephony.call import EndReason, PersonGone, PersonReady, PersonRings, PersonTook
from telephony.front_desk import Refusal
from telephony.simulator import Mischief, Ringing
from telephony.simulator.people import hangs_up, presses
from telephony.transfer.happenings import Person
from tests.telephony.transfer_scene import ADA, BO, Scene, answers, asking, heard, request

SILENT = answers(hangs_up(after_seconds=20.0))
"""Somebody who picks up and presses nothing."""


async def test_whoever_takes_it_while_their_phone_rings_is_asked_no_key_and_hears_nothing_personal() -> None:
    ring = {ADA.number: answers(hangs_up(after_seconds=20.0), after=1.0), BO.number: Ringing("answered", 30.0)}
    async with asking(request((ADA, BO)), ring) as scene:
        await scene.bot.until(lambda: len(scene.bot.news) == 2)
        (call,) = scene.bot.calls
        assert [call.person_takes("ada"), call.person_takes("bo"), call.person_takes("ada")] == [True, False, True]
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        assert PersonGone("bo", "another_took_it") in scene.bot.news
        await scene.together()
        assert heard(scene.leg(ADA).handset, 410), "that it is the call they took"
        assert not heard(scene.leg(ADA).handset, 350) and not heard(scene.leg(ADA).handset, 500)
        assert scene.leg(BO).facts.status == "canceled"


async def test_whoever_takes_it_before_their_turn_is_rung_at_once() -> None:
    ring = {ADA.number: Ringing("answered", 30.0), BO.number: SILENT}
    async with asking(request((ADA,), (BO,)), ring, Mischief(verb_pace=0.2)) as scene:
        await scene.bot.until(lambda: bool(scene.bot.news))
        assert scene.bot.calls[0].person_takes("bo")
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        assert scene.bot.news[-3:] == [PersonRings("bo", "service"), PersonTook("bo"), PersonReady("bo")]


async def test_whoever_hears_the_question_has_to_press_the_key_though_they_took_it_on_the_screen() -> None:
    ring = {ADA.number: answers(presses("1", after_seconds=0.8))}
    async with asking(request((ADA,)), ring) as scene:
        await scene.until(lambda: bool(scene.rest.requests) and heard(scene.leg(ADA).handset, 350))
        assert scene.bot.calls[0].person_takes("ada")
        assert PersonTook("ada") not in scene.bot.news
        await scene.bot.until(lambda: PersonReady("ada") in scene.bot.news)


async def test_a_key_and_a_screen_at_once_have_one_winner() -> None:
    ring = {person.number: answers(presses("1", after_seconds=0.2)) for person in (ADA, BO)}
    async with asking(request((ADA, BO)), ring, Mischief(verb_pace=0.2)) as scene:
        await scene.bot.until(lambda: PersonTook("ada") in scene.bot.news or PersonTook("bo") in scene.bot.news)
        (winner,) = [news.person for news in scene.bot.news if isinstance(news, PersonTook)]
        took = {person.id: scene.bot.calls[0].person_takes(person.id) for person in (ADA, BO)}
        assert took == {"ada": winner == "ada", "bo": winner == "bo"}


async def test_declining_on_the_screen_stops_the_phone_and_keeps_the_reason() -> None:
    ring = {ADA.number: Ringing("answered", 30.0), BO.number: answers(presses("1", after_seconds=0.1))}
    async with asking(request((ADA,), (BO,)), ring, Mischief(verb_pace=0.2)) as scene:
        await scene.bot.until(lambda: bool(scene.bot.news))
        assert scene.bot.calls[0].person_declines("ada", "not_mine")
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        assert scene.attempts[0] == ("ada", "declined:not_mine")
        assert not scene.bot.calls[0].person_declines("bo", "later"), "they have the caller"


async def test_taking_over_at_once_rings_that_one_person() -> None:
    ring = {ADA.number: SILENT}
    wanted = replace(request((ADA, BO)), taken_by="ada")
    async with asking(wanted, ring, Mischief(verb_pace=0.2)) as scene:
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        await scene.together()
        assert {call.facts.called for call in scene.phones.calls.values()} == {"+4721000000", ADA.number}


async def test_whoever_has_another_caller_by_now_is_not_rung() -> None:
    ring = {BO.number: answers(presses("1", after_seconds=0.1))}
    wanted = replace(request((ADA,), (BO,)), may_ring=lambda person: person != "ada")
    async with asking(wanted, ring, Mischief(verb_pace=0.2)) as scene:
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        assert scene.attempts[0] == ("ada", "busy")


async def leaves(scene: Scene) -> None:
    scene.call.handset.hang_up()


async def stays(scene: Scene) -> None:
    scene.call.handset.press("9")


@pytest.mark.parametrize("goes", [leaves, stays])
async def test_whoever_listens_to_the_brief_of_a_caller_who_does_not_come_hears_so(goes: object) -> None:
    ring = {ADA.number: answers(presses("1", after_seconds=0.1))}
    async with asking(request((ADA,)), ring) as scene:
        await scene.bot.until(lambda: PersonTook("ada") in scene.bot.news)
        await goes(scene)  # type: ignore[operator]
        async with asyncio.timeout(10):
            await scene.phones.outgoing_over()
        assert heard(scene.leg(ADA).handset, 600), "that the caller does not come"


async def test_a_bot_that_has_gone_meanwhile_is_not_given_the_caller_after_the_talk() -> None:
    ring = {ADA.number: answers(presses("1", after_seconds=0.1))}
    async with asking(replace(request((ADA,)), after=True), ring, Mischief(verb_pace=0.2)) as scene:
        await scene.together()
        scene.house.desk.refuses = Refusal("not_ready", (), None)
        scene.leg(ADA).handset.hang_up()
        await scene.over()
        assert len(scene.bot.calls) == 1


async def test_whoever_declines_is_asked_why_in_our_voice_and_thanked() -> None:
    ring = {ADA.number: answers(presses("2", then=presses("1", after_seconds=0.5)))}
    async with asking(request((ADA,)), ring) as scene:
        agent: Person = ADA
        await scene.until(lambda: len(scene.phones.calls) == 2 and scene.leg(agent).over)
        assert heard(scene.leg(ADA).handset, 800) and heard(scene.leg(ADA).handset, 950)
        await scene.until(lambda: bool(scene.attempts))
        assert scene.attempts == [("ada", "declined:busy")]


@pytest.mark.parametrize("after", [False, True])
async def test_when_the_person_has_hung_up_the_bot_has_the_caller_back_if_it_wants_to(after: bool) -> None:
    ring = {ADA.number: answers(presses("1", after_seconds=0.1))}
    async with asking(replace(request((ADA,)), after=after), ring, Mischief(verb_pace=0.2)) as scene:
        await scene.together()
        scene.leg(ADA).handset.hang_up()
        if after:
            await scene.bot.until(lambda: len(scene.bot.calls) == 2)
            assert scene.bot.calls[-1].caller.resumed == "after-person"
            assert not scene.call.over
        else:
            await scene.over()
        assert scene.outcome == "connected"
