"""Our process is killed in the middle of a warm transfer, and the next one goes on with it."""

import pytest

from telephony.call import EndReason, PersonReady, PersonRings, PersonTook
from telephony.simulator import Mischief, Ringing
from telephony.simulator.people import presses
from tests.telephony.transfer_scene import ADA, answers, asking, request


def rung(scene: object, number: str) -> int:
    return [call.facts.called for call in scene.phones.calls.values()].count(number)  # type: ignore[attr-defined]


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
