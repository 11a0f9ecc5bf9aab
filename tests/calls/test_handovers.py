"""The ways a handover goes, in sound and with the real models: whom the caller reaches, and what they hear meanwhile.

The calls are placed side by side at one service; each caller asks for a department of their own, whose people do one
thing each.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio
from sqlalchemy import select

from speech.models import ModelStore
from telephony.simulator import Network, PhoneNetwork, RestDouble, Ringing, Script
from telephony.simulator.feed import Feed
from telephony.simulator.network import Speak
from telephony.simulator.people import Person, hangs_up, presses, voicemail, wait
from telephony.transfer.states import Patience
from tests.calls.offices import Office, with_offices
from tests.calls.stage import Stage
from tests.serving import PUBLIC_URL, serving, test_config
from tests.telephony.tone_bot import tone
from voicebot.agents.board import Board
from voicebot.commands.call import caller_voice
from voicebot.records.reading import ConversationDetail, conversation_detail
from voicebot.records.schema import conversations
from voicebot.records.stores import opened_stores

pytestmark = [pytest.mark.models, pytest.mark.asyncio(loop_scope="module")]

CALLS_AT_ONCE = 5
RING_SECONDS = 6


Story = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Case:
    """One way a handover goes.

    Args:
        office: whom the caller asks for.
        phones: what happens to each phone of the office.
        story: what the caller does, until they hang up.
        attempts: what must be written down of each attempt, in order.
        outcome: what must be written down of the handover.
    """

    office: Office
    phones: tuple[Ringing, ...]
    story: Story
    attempts: tuple[str, ...]
    outcome: str


def takes(after_ring: float = 0.5, then: Person | None = None) -> Ringing:
    """Answers, listens to what it is about, and presses 1."""
    return Ringing("answered", after_ring, presses("1", after_seconds=5.0, then=then))


async def is_taken(stage: Stage, name: str) -> None:
    """The person takes the caller, they talk, and the caller hangs up."""
    await stage.ask_for_person()
    await stage.talk_to(name)
    stage.handset.hang_up()


async def first_to_press(stage: Stage) -> None:
    """Two press 1 at once: the caller comes to one of them."""
    await stage.ask_for_person()
    await stage.come_together()
    await wait(stage.handset, Patience().least_talk)
    stage.handset.hang_up()


async def is_taken_on_the_screen(stage: Stage) -> None:
    """Somebody has the bot say something, and takes the caller on the screen; their phone asks for no key."""
    await stage.ask_for_person()
    board, conversation, olga = stage.at_the_screen("Olga")
    assert (await board.tell_caller(conversation, olga, "The goose is on its way.")).done
    assert (await board.accept(conversation, olga)).done
    await stage.told("goose")
    await stage.talk_to("Olga")
    stage.handset.hang_up()


async def leaves_message(stage: Stage) -> None:
    """Nobody came: the caller says what they wanted."""
    await stage.ask_for_person()
    await stage.told("message")
    await stage.say("I want to leave a message.")
    await stage.answered()
    await stage.say("Please tell them that my washing machine is leaking.")
    await stage.answered()
    for _ in range(3):
        if stage.acted("ask_callback"):
            break
        await stage.say("Yes.")
        await stage.answered()
    assert stage.acted("ask_callback"), stage.spoken
    stage.handset.hang_up()


async def wants_call(stage: Stage) -> None:
    """Nobody came: the caller wants to be called."""
    await stage.ask_for_person()
    await stage.told("call you back")
    await stage.say("Please call me back.")
    await stage.answered()
    for words in ("Yes.", "As soon as possible.", "It is about my invoice.", "Yes.", "Yes."):
        if stage.acted("ask_callback"):
            break
        await stage.say(words)
        await stage.answered()
    assert stage.acted("ask_callback"), stage.spoken
    stage.handset.hang_up()


async def has_waited_enough(stage: Stage) -> None:
    """The caller puts the phone down while the other one rings."""
    await stage.ask_for_person()
    await wait(stage.handset, 3.0)
    stage.handset.hang_up()


async def would_rather_stay(stage: Stage) -> None:
    """The caller takes it back, and is answered by the bot."""
    await stage.ask_for_person()
    await stage.answered()
    await stage.say("Never mind, I would rather go on with you.")
    assert await stage.handset.until(lambda: all(leg.over for leg in stage.legs), 20), "a phone rings on"
    await stage.answered()
    await stage.say("How long does delivery take?")
    await stage.told("working days")
    stage.handset.hang_up()


async def rates_it(stage: Stage) -> None:
    """The person hangs up, the caller stays and says how it was."""
    await stage.ask_for_person()
    leg = await stage.talk_to("Nora")
    leg.hang_up()
    await stage.told("one to five")
    await stage.say("Four.")
    await stage.answered()
    stage.handset.hang_up()


CASES = {
    "busy, and the next one takes the caller": Case(
        Office("repair desk", {"Ada": "+442079460201", "Bo": "+442079460202"}),
        (Ringing("busy"), takes()),
        lambda stage: is_taken(stage, "Bo"),
        ("busy", "connected"),
        "connected",
    ),
    "no answer, and a message": Case(
        Office("garden team", {"Eva": "+442079460203"}),
        (Ringing("no-answer", 60),),
        leaves_message,
        ("no_answer",),
        "no_answer",
    ),
    "voicemail, and a call-back": Case(
        Office("music shop", {"Finn": "+442079460204"}),
        (Ringing("answered", 0.5, voicemail(tone(2.0, 500))),),
        wants_call,
        ("no_key",),
        "no_key",
    ),
    "declined, and another department": Case(
        Office("paint counter", {"Gro": "+442079460205"}, then="night_office"),
        (Ringing("answered", 0.5, presses("2", after_seconds=4.0, then=presses("1", after_seconds=4.0))),),
        lambda stage: is_taken(stage, "Hans"),
        ("declined:busy", "connected"),
        "connected",
    ),
    "hangs up in the brief, and the next one takes the caller": Case(
        Office("book club", {"Ida": "+442079460206", "Jon": "+442079460207"}),
        (takes(then=hangs_up(after_seconds=2.0)), takes()),
        lambda stage: is_taken(stage, "Jon"),
        ("left_in_brief", "connected"),
        "connected",
    ),
    "the caller hangs up while it rings": Case(
        Office("travel agency", {"Kari": "+442079460208"}),
        (Ringing("no-answer", 60),),
        has_waited_enough,
        ("caller_gone",),
        "caller_gone",
    ),
    "the caller would rather stay": Case(
        Office("flower shop", {"Lars": "+442079460209"}),
        (Ringing("no-answer", 60),),
        would_rather_stay,
        ("caller_stayed",),
        "caller_stayed",
    ),
    "two press one at once": Case(
        Office("bicycle workshop", {"Mia": "+442079460210", "Nils": "+442079460211"}, at_once=True),
        (takes(), takes()),
        first_to_press,
        ("another_took_it", "connected"),
        "connected",
    ),
    "a note, and taken on the screen": Case(
        Office("ticket office", {"Olga": "+442079460214"}),
        (Ringing("answered", 8.0),),
        is_taken_on_the_screen,
        ("connected",),
        "connected",
    ),
    "the person hangs up, and the caller says how it was": Case(
        Office("shoe department", {"Nora": "+442079460212"}),
        (takes(),),
        rates_it,
        ("connected",),
        "connected",
    ),
}
NIGHT = Office("night office", {"Hans": "+442079460213"})
PHONES = {
    **{
        number: phone
        for case in CASES.values()
        for number, phone in zip(case.office.people.values(), case.phones, strict=True)
    },
} | {NIGHT.people["Hans"]: takes()}


@dataclass(frozen=True, slots=True)
class Ended:
    """A call that is over.

    Args:
        fault: what went otherwise than the story wants.
        violations: of the protocol.
        legs_over: every phone that was rung has stopped.
        kept: what was written down.
    """

    fault: BaseException | None
    violations: list[str]
    legs_over: bool
    kept: ConversationDetail


async def play(case: Case, phones: PhoneNetwork, voice: Speak, board: Board) -> tuple[Stage, BaseException | None]:
    call = phones.new_call(Script(case.office.name, (), called="+442079460100", caller="+4792243711"))
    stage = Stage(phones, call, voice, case.office, {**case.office.people, **NIGHT.people}, board)
    fault: list[BaseException] = []

    async def talk() -> None:
        try:
            await case.story(stage)
        except Exception as error:  # told by the test of this case; the others go on
            fault.append(error)
            stage.handset.hang_up()

    await phones.hold(call, talk, Feed(call.clock, stage.entries.append), limit_seconds=240)
    return stage, fault[0] if fault else None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ended(models: ModelStore, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Ended]:
    folder = tmp_path_factory.mktemp("handovers")
    offices = [*(case.office for case in CASES.values()), NIGHT]
    callbacks = {"callback": True, "message": True, "deadline_hours": 24, "sms": False}
    bot = with_offices(folder / "bot", offices, callbacks=callbacks, rating=True)
    config = test_config(max_calls=CALLS_AT_ONCE, ring_seconds=RING_SECONDS)
    assert config.twilio is not None
    network = Network(config.twilio.account_sid, config.twilio.auth_tokens[0], PUBLIC_URL, "http://127.0.0.1:1")
    room = asyncio.Semaphore(CALLS_AT_ONCE)
    async with PhoneNetwork(network, callee=lambda number: PHONES[number]) as phones, RestDouble(phones) as rest:
        config = replace(
            config,
            twilio=replace(config.twilio, api_url=rest.url),
            records=replace(config.records, folder=folder / "records"),
        )
        async with serving(config, bot=bot, keep=True) as service:
            phones.network = service.network
            voice = caller_voice(service.house.mouth)

            async def one(case: Case) -> tuple[Stage, BaseException | None]:
                async with room:
                    return await play(case, phones, voice, service.house.board)

            played = await asyncio.gather(*(one(case) for case in CASES.values()))
            await phones.outgoing_over()
    with opened_stores(config.records) as stores, stores.database.reading() as connection:
        rows = {row.call_id: row.id for row in connection.execute(select(conversations.c.call_id, conversations.c.id))}
        details = {
            stage.call.facts.call_sid: conversation_detail(connection, stores.vault, rows[stage.call.facts.call_sid])
            for stage, _ in played
        }
    ended = {}
    for name, (stage, fault) in zip(CASES, played, strict=True):
        detail = details[stage.call.facts.call_sid]
        assert detail is not None
        violations = [*stage.call.violations, *(fault for leg in stage.legs for fault in leg.violations)]
        ended[name] = Ended(fault, violations, all(leg.over for leg in stage.legs), detail)
    return ended


@pytest.mark.parametrize("name", CASES)
async def test_the_caller_is_with_somebody_to_the_end(ended: Mapping[str, Ended], name: str) -> None:
    if (fault := ended[name].fault) is not None:
        raise fault
    assert ended[name].violations == []


@pytest.mark.parametrize("name", CASES)
async def test_no_phone_rings_on(ended: Mapping[str, Ended], name: str) -> None:
    assert ended[name].legs_over


@pytest.mark.parametrize("name", CASES)
async def test_it_is_written_down_by_name(ended: Mapping[str, Ended], name: str) -> None:
    (transfer,) = ended[name].kept.transfers
    attempts = sorted(attempt.outcome for attempt in transfer.attempts)
    assert (attempts, transfer.row.outcome) == (sorted(CASES[name].attempts), CASES[name].outcome)
