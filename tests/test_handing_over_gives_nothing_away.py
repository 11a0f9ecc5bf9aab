"""People who take over: no word, number or note of anybody's in a log, a number, a title, an address or a fault, and
nothing in the open in the store; not even while every part breaks, and everything is logged."""

import json
import re
import traceback
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
from prometheus_client import generate_latest

from dialog.events import AgentNote, AgentTyped, CallerSaid, CallerTypedToAgent, Event, Reply
from telephony.call import Pcm16, Spoken
from telephony.errors import CarrierRefused
from telephony.simulator import Ringing
from telephony.simulator.rest import RestTrouble
from telephony.transfer.serial import to_values
from telephony.transfer.states import Patience
from telephony.transfer.transfer import begin
from telephony.twilio.callback_request import CallbackRequest
from telephony.twilio.saved_transfer import SavedUnreadable, from_json
from tests.calls.test_records import bytes_below
from tests.fakes import saying
from tests.logged import kept_log
from tests.telephony.test_callback_calls import REQUEST, calling
from tests.telephony.transfer_scene import ADA
from tests.telephony.twilio_house import ACCOUNT, FakeDesk, open_house
from tests.voicebot.records.talks import MORNING
from tests.voicebot.test_in_writing import ADA as AS_ADA
from tests.voicebot.test_in_writing import PERSON as IN_WRITING
from tests.voicebot.test_in_writing import Office
from tests.voicebot.web.agent_office import AgentOffice, agent_office
from tests.voicebot.web.conftest import Kept, form_token, kept, made_store  # noqa: F401  # two are fixtures
from tests.voicebot.web.test_pages_in_a_browser import served
from voicebot.agents.seat import Reach

ABOUT = "kakaduen sluttet å lyse"
HEARD = "neshornet mitt heter Rumpelstilzkin"
TOLD = "flodhesten kommer klokken ni"
TYPED = "sjiraffen trenger ny fatning"
NOTED = "krokodillen betaler ikke"
NUMBER = "+4798765432"
MARKS = ("kakadue", "neshorn", "rumpelst", "flodhest", "sjiraff", "krokodill", NUMBER[1:], NUMBER[3:])


GOOD = json.dumps(to_values(begin("a" * 32, ((ADA,),), Patience(), 0.0)[0]))
"""A transfer as it is saved; what belongs with it is what breaks."""


DOORS = {
    f"transfer/{'b' * 32}": "hold room caller-left",
    f"transfer/{'b' * 32}/1": "whisper key reason briefed left status",
    f"callback/{'b' * 32}/1": "whisper key briefed customer over told status",
}


def given_away(text: str) -> list[str]:
    return [mark for mark in MARKS if mark in text.lower()]


def breaks(*given: Any, **named: Any) -> NoReturn:
    raise RuntimeError(f"cannot bear {given!r} {named!r} {ABOUT} {HEARD} {NOTED} {NUMBER}")


async def breaks_later(*given: Any, **named: Any) -> NoReturn:
    breaks(*given, **named)


@contextmanager
def breaking(thing: object, name: str, how: Callable[..., Any] = breaks) -> Iterator[None]:
    """A part, broken for a while."""
    whole = getattr(thing, name)
    setattr(thing, name, how)
    try:
        yield
    finally:
        setattr(thing, name, whole)


# The console.


class Browser:
    """Ada's, and everything of it that others can come to read: where it went, titles, headers, pages of faults."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.shown: list[str] = []

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return self._seen(await self._client.get(path, **more))

    async def post(self, path: str, page: str = "/agent/me", **form: str) -> httpx.Response:
        token = form_token((await self._client.get(page)).text)
        return self._seen(await self._client.post(path, data={"csrf": token, **form}))

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        # Where it was sent from here; where it went is what the test asked for.
        self.shown += [
            str(answer.headers),
            *re.findall(r"<title>.*?</title>|(?:href|action|src)=\"[^t]\S*", answer.text),
        ]
        if answer.status_code in (403, 404, 500, 503):
            self.shown.append(answer.text)
        return answer


@asynccontextmanager
async def at_the_console(store: Kept, folder: Path) -> AsyncIterator[tuple[AgentOffice, Browser]]:
    async with agent_office(store, folder) as office, served(office.app) as address:
        cookies = {"voicebot-session": office.ada().cookies["voicebot-session"]}
        async with httpx.AsyncClient(base_url=address, cookies=cookies, trust_env=False) as client:
            yield office, Browser(client)


async def work_through(office: AgentOffice, ada: Browser) -> None:
    """A callback, a caller and a wrap-up, with each part broken once on the way."""
    asked = office.asks(MORNING + timedelta(days=1), about=ABOUT, number=NUMBER)
    one, call, wrap_up = (
        f"/agent/callbacks/{asked}",
        f"/agent/calls/{office.cut_in}",
        f"/agent/wrap-up/{office.cut_in}",
    )
    assert given_away((await ada.get("/agent/callbacks")).text) == []
    assert ABOUT in (await ada.get(one)).text
    assert (await ada.post(f"{one}/call")).headers["location"].endswith("not_yours")
    await ada.post(f"{one}/take")
    with breaking(office.phones, "place_callback", refuses):
        assert (await ada.post(f"{one}/call")).headers["location"].endswith("closed")
    with breaking(office.kept.vault.master, "unwrap"):
        assert (await ada.get(one)).status_code == 500
    await ada.post(f"{one}/settle", outcome=ABOUT)
    await ada.post(f"{one}/settle", outcome="no_answer", again=NUMBER)

    seat = office.waiting()
    seat.said("caller", HEARD)
    assert given_away((await ada.get("/agent")).text) == []
    reach: Reach = seat.reach
    with breaking(reach, "brief", breaks_later):
        assert HEARD in (await ada.get(call)).text, "a brief that cannot be made keeps nobody from the call"
    with breaking(reach, "tell_caller"):
        assert (await ada.post(f"{call}/tell", text=TOLD)).status_code == 500
    assert (await ada.post(f"{call}/tell", text=TOLD)).status_code == 303
    assert (await ada.post(f"{call}/type", text=TYPED)).status_code == 409
    assert (await ada.post(f"{call}/tell", text=TOLD * 20)).status_code == 409
    assert (await ada.post(f"{call}/decline", reason=TOLD)).status_code == 303

    office.talked("Ada", office.cut_in)
    office.board.calls.wrap_ups.begin("Ada", office.cut_in)
    seal = office.kept.vault.seal
    with breaking(office.kept.vault, "seal", lambda *given: breaks(*given) if NOTED in str(given) else seal(*given)):
        await ada.post(wrap_up, outcome="solved", note=NOTED)
    assert office.ledger.lost == 1, "what cannot be written is set aside"
    await ada.post(wrap_up, outcome="solved", note=NOTED)
    assert NOTED in (await ada.get(wrap_up)).text
    await ada.post("/agent/me/status", status=TOLD, next=f"//{TOLD}")


async def knock(office: AgentOffice, ada: Browser) -> None:
    """Words where none belong."""
    words = HEARD.replace(" ", "-")
    for path in ("calls", "callbacks", "history", "wrap-up"):
        assert (await ada.get(f"/agent/{path}/{words}")).status_code == 404
        assert (await ada.post(f"/agent/{path}/{words}")).status_code in (404, 405)
    for path in ("/agent/callbacks", "/agent/wrap-up", "/agent/me"):
        page = await ada.get(path, params={"told": TYPED, "done": TYPED, "conversation": NUMBER})
        assert given_away(page.text) == []
    assert (await ada.get("/agent/events", params={"call": HEARD}, headers={"accept": "text/event-stream"})).status_code


def refuses(request: CallbackRequest) -> None:
    raise CarrierRefused(400, 21211, "call somebody back")


async def test_the_console_tells_nobody_but_who_reads_it(
    kept: Kept,  # noqa: F811
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with kept_log("debug", "json") as log:
        async with at_the_console(kept, tmp_path) as (office, ada):
            await work_through(office, ada)
            await knock(office, ada)
            lines = office.lines()
    assert {action for action, _ in lines} == {"callback.read", "callback.call", "conversation.live", "wrap_up.read"}
    assert "RuntimeError" in log.getvalue() and "a customer was not called back" in log.getvalue()
    printed = capfd.readouterr()
    stored = bytes_below(tmp_path).decode("latin-1")
    places = {"log": log.getvalue(), "shown": "\n".join(ada.shown), "printed": printed.out + printed.err}
    assert {place: given_away(text) for place, text in {**places, "store": stored}.items() if given_away(text)} == {}


# Conversations.


def thinks(event: Event) -> Reply:
    match event:
        case CallerSaid(text="a person please"):
            return saying("One moment.", IN_WRITING)
        case AgentNote() | AgentTyped() | CallerTypedToAgent():
            breaks(event)
    return saying("An answer.")


async def notes(office: Office, conversation: str) -> None:
    await office.board.tell_caller(conversation, AS_ADA, TOLD)


async def writes(office: Office, conversation: str) -> None:
    await office.board.accept(conversation, AS_ADA)
    await office.call.silence(0.1)
    await office.board.type(conversation, AS_ADA, TYPED)


async def reads(office: Office, conversation: str) -> None:
    await office.board.accept(conversation, AS_ADA)
    await office.call.silence(0.1)
    await office.call.type(HEARD)


@pytest.mark.parametrize("does", [notes, writes, reads])
async def test_a_mind_that_breaks_over_what_people_write_repeats_none_of_it(
    does: Callable[[Office, str], Awaitable[None]], capfd: pytest.CaptureFixture[str]
) -> None:
    with kept_log("debug", "json") as log:
        office = Office()
        office.story.mind.answer = thinks
        async with office.waiting(AS_ADA) as conversation:
            await does(office, conversation)
            await office.call.silence(0.1)
            await office.call.listen_out()
            await office.call.silence(0.1)
            with_person = [call.with_person for call in office.board.live()]
    assert with_person == ([] if does is notes else ["Ada"]), "two who write go on without the bot's mind"
    assert "RuntimeError" in log.getvalue()
    counted = generate_latest(office.story.metrics.registry).decode()
    assert given_away(log.getvalue() + counted + "".join(capfd.readouterr())) == []


# The carrier.


async def cannot_speak(spoken: Spoken) -> Pcm16:
    breaks(spoken)


async def test_a_carrier_that_repeats_the_number_is_not_repeated(capfd: pytest.CaptureFixture[str]) -> None:
    why = f"{NUMBER} is not a number, {ABOUT}"
    refusing = RestTrouble(failures=deque([(400, 21211, why)] * 2))  # type: ignore[list-item]
    request = replace(REQUEST, customer=NUMBER, brief=Spoken(ABOUT, "nb"))
    with kept_log("debug", "json") as log:
        async with calling(Ringing("busy", 0.0), Ringing()) as scene:
            scene.house.desk.voice = cannot_speak  # type: ignore[method-assign]
            scene.rest.trouble = refusing
            scene.house.line.place_callback(request)
            await scene.outcome()
            with pytest.raises(CarrierRefused) as refused:
                await scene.house.line.send_text(NUMBER, "+4721000000", ABOUT)
            counted = repr(scene.house.line.counters)
    assert "an agent could not be rung" in log.getvalue()
    told = "".join(traceback.format_exception(refused.value)) + repr(request)
    assert given_away(log.getvalue() + counted + told + "".join(capfd.readouterr())) == []
    assert ACCOUNT not in log.getvalue()


async def test_doors_for_people_repeat_nothing_that_the_carrier_sends_and_a_start_nothing_that_was_saved(
    capfd: pytest.CaptureFixture[str],
) -> None:
    marked = {"Digits": NUMBER, "CallStatus": HEARD, "SequenceNumber": ABOUT, "DialCallStatus": TYPED, "From": NUMBER}
    marked |= {
        "StatusCallbackEvent": NOTED,
        "ParticipantLabel": HEARD,
        "ReasonConferenceEnded": TOLD,
        "Rumpelst": HEARD,
    }
    told = []
    with kept_log("debug", "json") as log:
        async with open_house(FakeDesk(saved={"a" * 32: HEARD})) as house:
            house.line.restore()
            house.line.report_callbacks(breaks, breaks_later)
            for door, kinds in DOORS.items():
                for kind in kinds.split():
                    told.append(await house.post(f"/twilio/{door}/{kind}", marked))
            counted = repr(house.line.counters)
    assert "cannot be taken up again" in log.getvalue() and "RuntimeError" in log.getvalue()
    shown = "".join(f"{answer.headers}{answer.text}" for answer in told)
    assert given_away(log.getvalue() + counted + shown + "".join(capfd.readouterr())) == []


@pytest.mark.parametrize(
    "saved",
    [
        HEARD,
        f'["{HEARD}"]',
        f'{{"version": "{HEARD}"}}',
        f'{{"version": 1, "transfer": "{HEARD}"}}',
        f'{{"version": 1, "transfer": {{"{HEARD}": 1}}}}',
        f'{{"version": 1, "transfer": {GOOD}, "words": "{HEARD}"}}',
        f'{{"version": 1, "transfer": {GOOD}, "words": {{"{HEARD}": ["{HEARD}", "{NUMBER}", 3]}}}}',
    ],
)
def test_a_saved_transfer_that_cannot_be_read_is_told_of_without_what_is_in_it(saved: str) -> None:
    with pytest.raises(SavedUnreadable) as fault:
        from_json(saved)
    assert given_away("".join(traceback.format_exception(fault.value))) == []
