"""Calls to customers on the simulated network, in real time on loopback: the agent's phone and the customer's."""

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from functools import partial

import pytest

from telephony.call import Spoken
from telephony.errors import CarrierRefused
from telephony.simulator import Mischief, Network, PhoneNetwork, RestDouble, Ringing
from telephony.simulator.handset import Handset
from telephony.simulator.people import Person as Behaviour
from telephony.simulator.people import hangs_up, presses, says, voicemail, wait
from telephony.simulator.phone_call import PhoneCall
from telephony.simulator.rest import RestTrouble
from telephony.traffic import TrafficRules
from telephony.twilio import TwilioLine
from telephony.twilio.callback_request import CallbackNews, CallbackRequest, NoCallback
from telephony.twilio.callback_state import CallbackPatience, Outcome, Stage
from tests.telephony.tone_bot import tone
from tests.telephony.transfer_scene import heard
from tests.telephony.twilio_house import ACCOUNT, LIMITLESS, TOKEN, FakeDesk, House, open_house, within

AGENT, CUSTOMER, OURS = "+4722000011", "+4792243711", "+4721000000"
WHISPER, BRIEF = Spoken("Trykk 1 for å ringe kunden.", "nb"), Spoken("Det gjelder en faktura.", "nb")
VOICES = {WHISPER.text: tone(0.3, 350), BRIEF.text: tone(0.4, 500)}
WHISPERED = "whisper|Trykk 1 for"
"""In our voice, or in the carrier's when ours was not quick enough."""

QUICK = CallbackPatience(ring=5, answer=2.0, whisper=8.0, brief=8.0, customer_ring=5, talk=30.0, part=1.0, ask=8.0)
REQUEST = CallbackRequest(
    "c" * 32,
    1,
    AGENT,
    CUSTOMER,
    OURS,
    WHISPER,
    BRIEF,
    Spoken("Det står på skjermen.", "nb"),
    Spoken("Kunden svarte ikke.", "nb"),
    Spoken("Trykk 1 eller 2.", "nb"),
    Spoken("Beklager.", "nb"),
    QUICK,
)


@dataclass
class Scene:
    """An agent's phone, a customer's, and what the house is told of the call between them."""

    house: House
    phones: PhoneNetwork
    rest: RestDouble
    news: list[CallbackNews] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def told(self, news: CallbackNews) -> None:
        self.news.append(news)
        self.changed.set()

    def leg(self, number: str) -> PhoneCall:
        return next(call for call in self.phones.calls.values() if call.facts.called == number)

    def rung(self) -> list[str]:
        return [call.facts.called for call in self.phones.calls.values()]

    async def until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not happened():
                self.changed.clear()
                await self.changed.wait()

    async def outcome(self) -> Outcome:
        """How it ended; nobody's phone is left ringing or talking then."""
        await self.until(lambda: bool(self.news) and self.news[-1].stage is Stage.OVER)
        await within(self.phones.outgoing_over())
        assert [one.outcome for one in self.news].count(None) == len(self.news) - 1, "it ends once"
        outcome = self.news[-1].outcome
        assert outcome is not None
        return outcome


async def forgotten(callback: str, attempt: int) -> CallbackRequest:
    raise NoCallback


@contextlib.asynccontextmanager
async def calling(
    agent: Ringing, customer: Ringing, mischief: Mischief | None = None, traffic: TrafficRules = LIMITLESS
) -> AsyncIterator[Scene]:
    network = Network(ACCOUNT, TOKEN, "https://bot.example.com", "http://127.0.0.1:1")
    ring = {AGENT: agent, CUSTOMER: customer}
    desk = FakeDesk(voices=dict(VOICES))
    async with (
        PhoneNetwork(network, mischief or Mischief(), callee=lambda number: ring[number]) as phones,
        RestDouble(phones) as rest,
        open_house(desk, public_url="https://bot.example.com", api_url=rest.url, traffic=traffic) as house,
    ):
        phones.network = replace(network, connect_to=house.base)
        scene = Scene(house, phones, rest)
        house.line.report_callbacks(scene.told, forgotten)
        try:
            yield scene
        finally:
            for one in phones.calls.values():
                one.handset.hang_up()


def answers(behaviour: Behaviour, after: float = 0.05) -> Ringing:
    return Ringing("answered", after, behaviour)


def has_said(handset: Handset, words: str) -> bool:
    return any(re.search(words, text) for _, text in handset.said_by_network)


def agent_who(*keys: tuple[str, str], after_seconds: float = 0.0) -> Behaviour:
    """Presses a key so long after each sentence, or sound by its address, has begun."""

    async def answer(handset: Handset) -> None:
        for said, key in keys:
            await handset.until(partial(has_said, handset, said), 20)
            await wait(handset, after_seconds)
            handset.press(key)

    return answer


async def test_the_agent_hears_what_it_is_about_then_both_hear_each_other() -> None:
    agent = agent_who((WHISPERED, "1"), ("Trykk 1 eller 2.", "1"), after_seconds=0.4)
    async with calling(answers(agent), answers(says(tone(0.8, 700)))) as scene:
        scene.house.line.place_callback(REQUEST)
        await scene.until(lambda: any(one.stage is Stage.TALKING for one in scene.news))
        agent_leg, customer_leg = scene.leg(AGENT), scene.leg(CUSTOMER)
        agent_leg.handset.say(tone(0.8, 1_100))
        assert await agent_leg.handset.until(
            lambda: heard(agent_leg.handset, 700) and heard(customer_leg.handset, 1_100), 10
        )
        assert heard(agent_leg.handset, 350), "the whisper"
        assert heard(agent_leg.handset, 500), "the brief"
        assert not heard(customer_leg.handset, 500), "the customer hears no brief"
        assert customer_leg.facts.caller == OURS
        customer_leg.handset.hang_up()
        assert await scene.outcome() is Outcome.TALKED
        assert not agent_leg.violations + customer_leg.violations
        assert [one.stage for one in scene.news] == [
            Stage.WHISPERING,
            Stage.BRIEFING,
            Stage.CALLING,
            Stage.TALKING,
            Stage.ASKING,
            Stage.OVER,
        ]


@pytest.mark.parametrize(
    ("agent", "customer", "outcome"),
    [
        (Ringing("busy", 0.1), None, Outcome.AGENT_AWAY),
        (Ringing("no-answer", 0.2), None, Outcome.AGENT_AWAY),
        (answers(presses("2", after_seconds=0.0)), None, Outcome.DECLINED),
        (answers(voicemail(tone(0.3, 900), records_seconds=0.5)), None, Outcome.AGENT_AWAY),
        (answers(agent_who((WHISPERED, "1"), ("brief|skjermen", "2"))), None, Outcome.DECLINED),
        (answers(presses("1", after_seconds=0.0, then=hangs_up(after_seconds=0.05))), None, Outcome.AGENT_LEFT),
        (answers(presses("1", after_seconds=0.0)), Ringing("busy", 0.1), Outcome.BUSY),
        (answers(presses("1", after_seconds=0.0)), Ringing("no-answer", 0.2), Outcome.NO_ANSWER),
        (answers(presses("1", after_seconds=0.0)), Ringing("failed", 0.0), Outcome.FAILED),
        (
            answers(agent_who((WHISPERED, "1"), ("Trykk 1 eller 2.", "2"))),
            answers(voicemail(tone(0.3, 900), records_seconds=0.3)),
            Outcome.VOICEMAIL,
        ),
        (answers(presses("1", after_seconds=0.0)), answers(hangs_up(after_seconds=0.1)), Outcome.SHORT),
    ],
    ids=[
        "the agent is busy",
        "the agent does not answer",
        "the agent declines",
        "the agent's voicemail",
        "declined in the brief",
        "the agent hangs up in the brief",
        "the customer is busy",
        "the customer does not answer",
        "the number is dead",
        "the customer's voicemail",
        "a talk of which the agent says nothing",
    ],
)
async def test_every_way_out_leaves_nobody_on_the_line(
    agent: Ringing, customer: Ringing | None, outcome: Outcome
) -> None:
    async with calling(agent, customer or Ringing(), Mischief(verb_pace=0.1, key_pace=0.05)) as scene:
        scene.house.line.place_callback(REQUEST)
        assert await scene.outcome() is outcome
        assert (CUSTOMER in scene.rung()) == (customer is not None), "the customer is rung after the key only"


async def test_star_ends_the_customers_leg_and_the_agent_says_that_it_was_a_machine() -> None:
    async def meets_a_machine(handset: Handset) -> None:
        await agent_who((WHISPERED, "1"))(handset)
        await handset.until(lambda: heard(handset, 900), 20)
        handset.press("*")
        await agent_who(("Trykk 1 eller 2.", "2"))(handset)

    machine = voicemail(tone(1.0, 900), records_seconds=60.0)
    async with calling(answers(meets_a_machine), answers(machine), Mischief(verb_pace=0.1, key_pace=0.1)) as scene:
        scene.house.line.place_callback(REQUEST)
        assert await scene.outcome() is Outcome.VOICEMAIL


@pytest.mark.parametrize(
    "mischief",
    [
        Mischief(verb_pace=0.1, key_pace=0.05, callback_copies=2, repeat_webhooks=True),
        Mischief(verb_pace=0.1, key_pace=0.05, shuffle_callbacks=True, trailing_slash=True),
        Mischief(verb_pace=0.1, key_pace=0.05, no_dial_bridged=True),
    ],
    ids=["everything twice", "callbacks overtake", "the carrier does not say whether they were connected"],
)
async def test_webhooks_that_come_twice_or_late_or_say_less_change_nothing(mischief: Mischief) -> None:
    agent = agent_who((WHISPERED, "1"), ("Trykk 1 eller 2.", "1"))
    async with calling(answers(agent), answers(hangs_up(after_seconds=0.2)), mischief) as scene:
        scene.house.line.place_callback(REQUEST)
        assert await scene.outcome() is Outcome.TALKED
        assert scene.rung() == [AGENT, CUSTOMER]


@pytest.mark.parametrize(
    ("trouble", "outcome", "rung"),
    [
        (RestTrouble(failures=deque([(429, 20429)])), Outcome.TALKED, [AGENT, CUSTOMER]),
        (RestTrouble(failures=deque([(500, 20500)])), Outcome.AGENT_AWAY, []),
        (RestTrouble(lost_answers=1), Outcome.TALKED, [AGENT, CUSTOMER]),
    ],
    ids=["too often", "refused", "done but not answered"],
)
async def test_a_carrier_that_refuses_or_does_not_answer_rings_nobody_twice(
    trouble: RestTrouble, outcome: Outcome, rung: list[str]
) -> None:
    agent = agent_who((WHISPERED, "1"), ("Trykk 1 eller 2.", "1"))
    mischief = Mischief(verb_pace=0.1, key_pace=0.05)
    async with calling(answers(agent), answers(hangs_up(after_seconds=0.1)), mischief) as scene:
        scene.rest.trouble = trouble
        scene.house.line.place_callback(REQUEST)
        assert await scene.outcome() is outcome
        assert scene.rung() == rung


async def test_nobody_is_rung_beyond_the_limits_or_outside_the_countries_or_twice_at_once() -> None:
    rules = TrafficRules(callbacks_per_hour=2, callbacks_per_number_day=1, countries=("+47",))
    async with calling(Ringing("busy", 0.0), Ringing(), traffic=rules) as scene:
        place = scene.house.line.place_callback
        for refused in (replace(REQUEST, customer="+881600000000"), replace(REQUEST, customer="not a number")):
            with pytest.raises(CarrierRefused):
                place(refused)
        place(REQUEST)
        with pytest.raises(CarrierRefused):
            place(REQUEST)
        await scene.outcome()
        with pytest.raises(CarrierRefused):
            place(replace(REQUEST, attempt=2))
        assert scene.rung() == [AGENT]


async def test_nothing_of_the_customer_is_in_any_address_and_the_brief_needs_the_key() -> None:
    async with calling(answers(says(tone(0.1, 300))), Ringing(), Mischief(verb_pace=0.2, key_pace=0.5)) as scene:
        scene.house.line.place_callback(REQUEST)
        await scene.until(lambda: bool(scene.news))
        agent = scene.leg(AGENT)
        assert await agent.handset.until(lambda: bool(agent.handset.said_by_network), 5)
        whisper_url = next(url for _, url in agent.handset.said_by_network if "sound" in url)
        path = whisper_url.removeprefix("[recording https://bot.example.com").removesuffix("]")
        assert (await scene.house.http.get(scene.house.base + path)).status_code == 200
        assert (await scene.house.http.get(scene.house.base + path.replace("whisper", "brief"))).status_code == 404
        assert (await scene.house.http.get(scene.house.base + path[:-12] + "x" + path[-11:])).status_code == 404
        assert not any(CUSTOMER[1:] in document for document in agent.documents)


@pytest.mark.parametrize("when", [Stage.WHISPERING, Stage.CALLING, Stage.TALKING], ids=str)
async def test_after_a_restart_the_call_goes_on_from_what_is_remembered(when: Stage) -> None:
    agent = agent_who((WHISPERED, "1"), ("Trykk 1 eller 2.", "1"))
    customer = Ringing("answered", 0.3, hangs_up(after_seconds=0.4))
    async with calling(answers(agent), customer, Mischief(verb_pace=0.5, key_pace=0.1)) as scene:
        scene.house.line.place_callback(REQUEST)
        await scene.until(lambda: any(one.stage is when for one in scene.news))
        scene.news.clear()
        async with open_house(
            FakeDesk(voices=dict(VOICES)), public_url="https://bot.example.com", api_url=scene.rest.url
        ) as after:
            recalled: list[tuple[str, int]] = []

            async def recall(callback: str, attempt: int) -> CallbackRequest:
                recalled.append((callback, attempt))
                return replace(REQUEST, agent="")

            scene.house.line.report_callbacks(lambda news: None, forgotten)
            after.line.report_callbacks(scene.told, recall)
            scene.phones.network = replace(scene.phones.network, connect_to=after.base)
            assert await scene.outcome() is Outcome.TALKED
            assert set(recalled) == {(REQUEST.callback, REQUEST.attempt)}
            assert scene.rung() == [AGENT, CUSTOMER]


async def test_what_nobody_remembers_ends_and_rings_no_customer() -> None:
    async with calling(answers(presses("1", after_seconds=0.5)), Ringing()) as scene:
        lost = replace(REQUEST, callback="d" * 32)
        line: TwilioLine = scene.house.line
        line.place_callback(lost)
        await scene.until(lambda: bool(scene.news))
        async with open_house(
            FakeDesk(voices=dict(VOICES)), public_url="https://bot.example.com", api_url=scene.rest.url
        ) as after:
            after.line.report_callbacks(lambda news: None, forgotten)
            scene.phones.network = replace(scene.phones.network, connect_to=after.base)
            await within(scene.phones.outgoing_over())
        assert scene.rung() == [AGENT]
