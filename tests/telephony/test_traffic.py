"""How often, and whom: the limits by themselves, and each of them met by somebody who rings the line."""

from collections import Counter
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.call import Call, KeyPressed, Spoken, TransferTarget
from telephony.errors import CarrierRefused
from telephony.front_desk import Refusal
from telephony.quota import Quota
from telephony.traffic import Traffic, TrafficRules, is_sip
from tests.telephony.twilio_house import FALLBACK, LIMITLESS, PERSON, FakeDesk, House, open_house

CALLER = "+4790000001"
SORRY = (Spoken("Mange anrop.", "nb"),)
OPEN = replace(LIMITLESS, too_often=SORRY)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@given(
    limit=st.integers(1, 5),
    steps=st.lists(st.tuples(st.floats(0, 30), st.sampled_from("abc")), max_size=60),
)
def test_within_any_time_nobody_gets_more_than_a_full_bucket_and_what_ran_in(
    limit: int, steps: list[tuple[float, str]]
) -> None:
    clock = Clock()
    quota = Quota(limit, 60.0, clock)
    taken: dict[str, list[float]] = {"a": [], "b": [], "c": []}
    for pause, who in steps:
        clock.now += pause
        room = quota.has_room(who)
        assert quota.take(who) == room
        if room:
            taken[who].append(clock.now)
    for times in taken.values():
        for first, start in enumerate(times):
            for last in range(first, len(times)):
                assert last - first + 1 <= limit + (times[last] - start) * limit / 60.0 + 1e-6


def test_a_quota_keeps_no_number_and_never_more_than_it_may() -> None:
    clock = Clock()
    quota = Quota(1, 60.0, clock, capacity=100)
    for number in range(1_000):
        clock.now += 0.001
        assert quota.take(f"+47{number:08}")
    assert len(quota) == 100
    assert not quota.take("+4700000999")
    assert "4700000999" not in repr(vars(quota))


@pytest.mark.parametrize(
    ("address", "rules", "kind"),
    [
        ("+4722000002", replace(OPEN, destinations=frozenset({"+4722000001"})), "destination"),
        ("sip:x@evil.example", replace(OPEN, destinations=frozenset({"sip:x@house.example"})), "destination"),
        ("+8821000001", replace(OPEN, countries=("+47", "+46")), "country"),
        ("22000001", OPEN, "destination"),
        ("sip:x@house.example;transport=tcp", OPEN, "destination"),
        ("sip:x@house.example?Route=evil", OPEN, "destination"),
        ("tel:+4722000001", OPEN, "destination"),
    ],
)
def test_only_what_is_listed_may_be_rung(address: str, rules: TrafficRules, kind: str) -> None:
    refused: Counter[str] = Counter()
    assert not Traffic(rules, Clock(), refused).ring(address, CALLER)
    assert +refused == {kind: 1}


def test_a_department_at_a_sip_address_may_be_rung() -> None:
    rules = replace(OPEN, destinations=frozenset({"sip:faults@house.example"}), countries=("+47",))
    assert Traffic(rules, Clock(), Counter()).ring("sip:faults@house.example", None)
    assert is_sip("SIPS:Faults@House.example")


# On the line: a caller over the limit is never met with silence.


async def verbs(house: House, call: int, **fields: str) -> list[str]:
    document = await house.document("/twilio/voice", CallSid=f"CA{call:032x}", **fields)
    return [verb.tag for verb in document]


async def test_who_rings_again_and_again_reaches_a_person_and_others_the_bot() -> None:
    async with open_house(traffic=replace(OPEN, calls_per_number_minute=2)) as house:
        assert [await verbs(house, call) for call in range(4)] == [["Connect"], ["Connect"], ["Dial"], ["Dial"]]
        assert await verbs(house, 5, From="+4790000002") == ["Connect"]
        assert await verbs(house, 6, From="anonymous") == ["Connect"]
        assert +house.line.counters.limited == {"calls_per_number": 2}
        assert house.line.counters.refusals == {"too_often": 2}


async def test_more_calls_than_the_house_lets_in_reach_people_and_then_hear_why_not() -> None:
    rules = replace(OPEN, calls_per_minute=1, transfers_per_minute=1)
    async with open_house(traffic=rules) as house:
        met = [await verbs(house, call, From="anonymous") for call in range(3)]
        assert met == [["Connect"], ["Dial"], ["Say", "Hangup"]]
        assert +house.line.counters.limited == {"calls": 2, "transfers": 1}


async def test_a_limit_without_anybody_to_ring_is_told_in_words() -> None:
    class Empty(FakeDesk):
        def fallback(self) -> Refusal:
            return replace(FALLBACK, target=None)

    async with open_house(Empty(), traffic=replace(OPEN, calls_per_minute=1)) as house:
        assert [await verbs(house, call) for call in range(2)] == [["Connect"], ["Say", "Hangup"]]


async def test_the_same_answer_given_twice_rings_once() -> None:
    rules = replace(OPEN, calls_per_minute=1, transfers_per_number_hour=1)
    async with open_house(traffic=rules) as house:
        await verbs(house, 1)
        assert [await verbs(house, 2), await verbs(house, 2)] == [["Dial"], ["Dial"]]
        assert house.line.counters.transfers == 1
        assert await verbs(house, 3) == ["Say", "Hangup"]


@pytest.mark.parametrize(
    ("rules", "target", "kind"),
    [
        (replace(OPEN, destinations=frozenset({PERSON.number})), TransferTarget("+4782000000", "fraud"), "destination"),
        (replace(OPEN, countries=("+46",)), PERSON, "country"),
        (replace(OPEN, transfers_per_number_hour=1), PERSON, "transfers_per_number"),
        (replace(OPEN, transfers_per_minute=1), PERSON, "transfers"),
    ],
)
async def test_a_conversation_that_may_not_ring_goes_on(rules: TrafficRules, target: TransferTarget, kind: str) -> None:
    outcome: list[str] = []

    async def pass_on(call: Call) -> None:
        async for event in call.events():
            if isinstance(event, KeyPressed):
                try:
                    await call.transfer(target)
                except CarrierRefused as refused:
                    outcome.append(str(refused))
                    await call.hang_up()

    async with open_house(FakeDesk(pass_on), traffic=rules) as house:
        if kind.startswith("transfers"):
            # Somebody has used the limit up: an unknown call's stream end rings a person.
            await house.document("/twilio/stream-ended", CallSid="CA" + "0" * 32, CallStatus="in-progress")
        async with house.call() as line:
            await line.dtmf("0")
            await line.closed()
            assert [verb.tag for verb in await house.document("/twilio/stream-ended")] == ["Hangup"]
        assert +house.line.counters.limited == {kind: 1}
    assert outcome == ["the carrier refused to ring a person: the limits do not allow it: HTTP 0, code None"]


@pytest.mark.parametrize(
    ("rules", "sent"), [(replace(OPEN, texts_per_number_day=2), 2), (replace(OPEN, countries=("+46",)), 0)]
)
async def test_messages_to_one_number_have_an_end(rules: TrafficRules, sent: int) -> None:
    refused: list[int] = []

    async def tell(call: Call) -> None:
        for _ in range(3):
            try:
                await call.send_text("Hei")
            except CarrierRefused as error:
                refused.append(error.status)

    async with open_house(FakeDesk(tell), traffic=rules) as house:
        async with house.call() as line:
            await line.closed()
            await house.document("/twilio/stream-ended")
        assert len([one for one in house.api.requests if one["path"].endswith("Messages.json")]) == sent
    assert refused == [0] * (3 - sent)


async def test_an_old_request_sent_again_opens_nothing() -> None:
    clock = Clock()
    async with open_house(clock=clock, traffic=OPEN) as house:
        await verbs(house, 1)
        await house.post("/twilio/status", CallSid=f"CA{1:032x}", CallStatus="completed")
        clock.now += 700.0
        await verbs(house, 2)
        assert await verbs(house, 1) == ["Hangup"]
        assert house.line.counters.limited["replayed"] == 1


async def test_sockets_that_do_not_say_who_they_are_have_an_end() -> None:
    async with open_house(max_sockets=1) as house:
        first = await house.document("/twilio/voice", CallSid=f"CA{1:032x}")
        second = await house.document("/twilio/voice", CallSid=f"CA{2:032x}")
        urls = [stream.attrib["url"] for document in (first, second) for stream in document.iter("Stream")]
        async with house.stream(urls[0], start=False):
            with pytest.raises(Exception, match="403"):
                async with house.stream(urls[1]):
                    pass
        assert house.line.counters.limited["sockets"] == 1
