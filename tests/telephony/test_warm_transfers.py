"""Warm transfers on the simulated network, in real time on loopback: the caller, the people rung, and the room."""

import pytest

from telephony.call import EndReason, NobodyCame, PersonReady, PersonRings, PersonTook
from telephony.simulator import Mischief, Ringing
from telephony.simulator.people import hangs_up, presses, says, voicemail
from tests.telephony.tone_bot import tone
from tests.telephony.transfer_scene import ADA, BO, answers, asking, heard, request


async def test_whisper_key_brief_room_and_both_hear_each_other() -> None:
    ring = {ADA.number: answers(presses("1", after_seconds=0.4))}
    async with asking(request((ADA,)), ring) as scene:
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        assert scene.bot.news == [PersonRings("ada", "service"), PersonTook("ada"), PersonReady("ada")]
        agent = scene.leg(ADA)
        await scene.together()
        agent.handset.say(tone(0.5, 1_100))
        scene.call.handset.say(tone(0.5, 700))
        await scene.until(lambda: heard(scene.call.handset, 1_100) and heard(agent.handset, 700))
        assert heard(agent.handset, 350), "the whisper"
        assert heard(agent.handset, 500), "the brief"
        assert not heard(scene.call.handset, 500), "the caller hears no brief"
        agent.handset.hang_up()
        await scene.over()
        assert scene.attempts == [("ada", "connected")]
        assert scene.outcome == "connected"
        assert not scene.call.violations + agent.violations


@pytest.mark.parametrize(
    ("ringing", "outcome"),
    [
        (Ringing("busy", 0.1), "busy"),
        (Ringing("no-answer", 0.3), "no_answer"),
        (Ringing("failed", 0.0), "failed"),
        (answers(presses("2", then=presses("3", after_seconds=0.5))), "declined:later"),
        (answers(voicemail(tone(1.0, 900), records_seconds=20.0)), "no_key"),
        (answers(hangs_up(after_seconds=0.2)), "no_key"),
        (answers(presses("1", after_seconds=0.3, then=hangs_up(after_seconds=0.2))), "left_in_brief"),
    ],
    ids=["busy", "no answer", "failed", "declines", "voicemail", "hangs up in the whisper", "hangs up in the brief"],
)
async def test_whoever_does_not_take_the_caller_makes_way_for_the_next(ringing: Ringing, outcome: str) -> None:
    ring = {ADA.number: ringing, BO.number: answers(presses("1", after_seconds=0.1))}
    async with asking(request((ADA,), (BO,)), ring, Mischief(verb_pace=0.2, key_pace=0.2)) as scene:
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        await scene.together()
        scene.call.handset.hang_up()
        await scene.over()
        assert sorted(scene.attempts) == [("ada", outcome), ("bo", "connected")]


async def test_nobody_takes_the_caller_who_has_been_with_the_bot_all_the_time() -> None:
    ring = {person.number: Ringing("busy", 0.1) for person in (ADA, BO)}
    async with asking(request((ADA, BO)), ring) as scene:
        await scene.bot.until(lambda: NobodyCame("busy") in scene.bot.news)
        assert len(scene.call.streams) == 1
        assert scene.bot.ends == []
        assert sorted(scene.attempts) == [("ada", "busy"), ("bo", "busy")]


async def test_two_answer_at_once_and_one_gets_the_caller() -> None:
    ring = {person.number: answers(presses("1", after_seconds=0.3)) for person in (ADA, BO)}
    async with asking(request((ADA, BO)), ring, Mischief(verb_pace=0.2)) as scene:
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        await scene.together()
        (room,) = scene.phones.conferences.all
        assert sorted(member.room.label or "" for member in room.members) == ["agent", "caller"]
        scene.call.handset.hang_up()
        await scene.over()
        assert sorted(outcome for _, outcome in scene.attempts) == ["another_took_it", "connected"]


async def test_a_caller_who_hangs_up_while_it_rings_stops_the_ringing() -> None:
    ring = {ADA.number: Ringing("answered", 30.0)}
    async with asking(request((ADA,)), ring) as scene:
        await scene.bot.until(lambda: bool(scene.bot.news))
        scene.call.handset.hang_up()
        await scene.over()
        assert scene.leg(ADA).facts.status == "canceled"
        assert scene.outcome == "caller_gone"


async def test_a_caller_who_would_rather_stay_stops_the_ringing_and_stays() -> None:
    ring = {ADA.number: Ringing("answered", 30.0)}
    async with asking(request((ADA,)), ring) as scene:
        await scene.bot.until(lambda: bool(scene.bot.news))
        scene.call.handset.press("9")
        await scene.bot.until(lambda: NobodyCame("caller_stayed") in scene.bot.news)
        await scene.until(lambda: scene.leg(ADA).over)
        assert not scene.call.over


async def test_the_person_hangs_up_while_the_caller_is_on_the_way_and_the_bot_has_them_back() -> None:
    ring = {ADA.number: answers(presses("1", after_seconds=0.1))}
    async with asking(request((ADA,)), ring, Mischief(verb_pace=0.1)) as scene:
        await scene.bot.until(lambda: PersonReady("ada") in scene.bot.news)
        scene.leg(ADA).handset.hang_up()
        await scene.bot.until(lambda: len(scene.bot.calls) == 2 or EndReason.CALLER_HUNG_UP in scene.bot.ends)
        assert scene.bot.calls[-1].caller.resumed == "no-answer"
        assert scene.outcome in ("agent_left", "connected")


async def test_when_our_voice_is_broken_the_carriers_speaks_and_says_nothing_of_the_caller() -> None:
    ring = {ADA.number: answers(presses("1", after_seconds=0.2))}
    async with asking(request((ADA,)), ring, Mischief(verb_pace=0.1), voices={}) as scene:
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        await scene.together()
        said = [text for _, text in scene.leg(ADA).handset.said_by_network]
        assert said[:2] == ["Trykk 1 for å ta en samtale.", "Sammendraget står på skjermen."]


async def test_nothing_personal_is_in_any_document_and_the_brief_is_for_whoever_took_the_caller() -> None:
    ring = {ADA.number: answers(says(tone(0.1, 300)), after=0.1)}
    async with asking(request((ADA,)), ring, Mischief(verb_pace=0.2)) as scene:
        await scene.until(lambda: len(scene.phones.calls) == 2 and bool(scene.leg(ADA).documents))
        agent = scene.leg(ADA)
        whisper_url = next(url for _, url in agent.handset.said_by_network if "sound" in url)
        path = whisper_url.removeprefix("[recording https://bot.example.com").removesuffix("]")
        assert (await scene.house.http.get(scene.house.base + path)).status_code == 200
        assert (await scene.house.http.get(scene.house.base + path.replace("whisper", "brief"))).status_code == 404
        assert (await scene.house.http.get(scene.house.base + path[:-12] + "x" + path[-11:])).status_code == 404
        for document in agent.documents:
            assert "92243711" not in document
            assert "Trykk" not in document
