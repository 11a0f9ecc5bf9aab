"""The agents' desk: what it shows to whom, what may be done, and what open pages are sent."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, update

from tests.voicebot.records.talks import MORNING
from tests.voicebot.web.conftest import Clock, Kept, form_token
from tests.voicebot.web.live_office import ADA, BO, LiveOffice, open_live_office
from tests.voicebot.web.test_pages_in_a_browser import served
from voicebot.agents.live_call import Line, SignedAgent
from voicebot.agents.status import Status
from voicebot.records import schema
from voicebot.records.errors import RecordsUnavailable
from voicebot.web.event_stream import EventStream
from voicebot.web.pages.agent.live import STREAMS_PER_SESSION, LiveDesk
from voicebot.web.pages.agent.pieces import Reading
from voicebot.web.pages.agent.showing import ACTIONS, allowed, difference
from voicebot.web.permissions import Role
from voicebot.web.rendering import Pages
from voicebot.web.router import end_streams
from voicebot.web.sign_in import sessions
from voicebot.web.signed_in import SignedIn, session_rules

WORDS = "hvor blir det av pakken min"
DESK = Reading("nb", "./")
CALL = Reading("nb", "../../")
AS_ADA, AS_BO, AS_EVE = SignedAgent("1", "ada", ADA), SignedAgent("2", "bo", BO), SignedAgent("3", "eve")


@pytest.fixture
def house(kept: Kept, tmp_path: Path) -> LiveOffice:
    return open_live_office(kept, tmp_path)


class CountingPages(Pages):
    """Counts what is rendered."""

    rendered = 0

    def fragment(self, template: str, language: str, root: str, **values: Any) -> str:
        self.rendered += 1
        return super().fragment(template, language, root, **values)


class Browser:
    """What one open page has been sent, kept as its script keeps it."""

    def __init__(self, live: LiveDesk, messages: AsyncIterator[bytes]) -> None:
        self.live = live
        self._messages = messages
        self.pieces: dict[str, str] = {}
        self.own: dict[str, Any] = {}
        self.lines: list[str] = []
        self.events: list[str] = []

    async def until(self, name: str) -> Any:
        """Read until an event of this name; its data."""
        async for message in self._messages:
            if not message.startswith(b"event: "):
                continue
            event, _, data = message.decode().strip().removeprefix("event: ").partition("\ndata: ")
            told = json.loads(data)
            self.events.append(event)
            if event == "pieces":
                self.pieces |= told
            elif event == "own":
                self.own = told
            elif event == "words":
                self.lines = self.lines[told["gone"] :][: told["from"]] + re.findall(
                    r'class="words" lang="nb">(.*?)<', told["html"]
                )
            if event == name:
                return told
        raise AssertionError(f"the stream ended without {name}")


@asynccontextmanager
async def browser(
    live: LiveDesk, agent: SignedAgent = AS_ADA, conversation: str | None = None, session: str = "s"
) -> AsyncIterator[Browser]:
    """An open page of somebody who has signed in."""
    signed_in = SignedIn(agent.account_id, agent.name, frozenset({Role.AGENT}), "nb", "", session)
    reading = CALL if conversation else DESK
    async with live.reading(signed_in, agent, reading, conversation) as reader:
        yield Browser(live, live.events(reader))


def live_desk(house: LiveOffice, pages: Pages | None = None) -> LiveDesk:
    """Open pages, without the waits that spare a real one, and sign-ins looked at when the test says."""
    parts = house.office.parts if pages is None else replace(house.office.parts, pages=pages)
    return LiveDesk(parts, house.board, gather_seconds=0, check_seconds=3600)


# What pages show.


async def test_lists_hold_no_words_and_an_opened_call_is_noted_once_before_they_are_shown(house: LiveOffice) -> None:
    seat, _ = house.caller()
    house.wants(seat)
    async with house.office.somebody(Role.AGENT, name="ada") as ada:
        lists = (await ada.get("/agent")).text
        assert "kundeservice" in lists and "Ba om et menneske" in lists and "Til deg" in lists
        assert WORDS not in lists and house.office.lines() == []
        for _ in range(2):
            call = (await ada.get(f"/agent/calls/{seat.conversation}")).text
            assert f'<span class="words" lang="nb">{WORDS}</span>' in call
            for told in ("ordrestatus", "481516", "sendt 20. november", "Åpningstider", "Forstod ikke"):
                assert told in call, "who, what, why, what has been tried, and what is known"
    assert house.office.lines() == [("conversation.live", seat.conversation)]


async def test_a_call_that_is_over_is_told_as_that(house: LiveOffice) -> None:
    seat, _ = house.caller()
    house.board.calls.close(seat, "goodbye")
    async with house.office.somebody(Role.AGENT, name="ada") as ada:
        page = await ada.get(f"/agent/calls/{seat.conversation}")
    assert page.status_code == 404 and "Samtalen er over" in page.text
    assert house.office.lines() == []


async def test_a_call_that_comes_back_to_an_open_page_is_noted_before_its_words_are_sent(house: LiveOffice) -> None:
    seat, talk = house.caller()
    house.board.calls.close(seat, "goodbye")
    async with browser(live_desk(house), conversation=seat.conversation) as page:
        await page.until("own")
        assert house.office.lines() == [] and page.own["standing"] == "over"
        again = house.board.calls.open(seat.conversation, "CA-again", "twilio", "nb", talk)
        again.said("caller", WORDS)
        await page.until("words")
        assert page.lines == [WORDS]
        assert house.office.lines() == [("conversation.live", seat.conversation)]


async def test_no_words_are_sent_of_which_the_access_log_cannot_tell(
    house: LiveOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat, _ = house.caller()

    async def cannot(*_: object) -> None:
        raise RecordsUnavailable("away", "wait")

    monkeypatch.setattr("voicebot.web.pages.agent.live.note_opened", cannot)
    async with browser(live_desk(house), conversation=seat.conversation) as page:
        await page.until("own")
        house.caller()
        await page.until("pieces")
        assert page.lines == [] and "words" not in page.events and "brief" not in page.pieces


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
async def test_every_state_has_its_page_in_every_language(house: LiveOffice, language: str) -> None:
    talking, waiting, written, taken = (house.caller(language)[0] for _ in range(4))
    written.writes(True)
    house.wants(waiting, "frustrated")
    house.board.calls.rings(waiting, "Ada")
    house.wants(written)
    house.board.calls.together(written, "Ada")
    house.wants(taken)
    house.board.calls.took(taken, "Bo")
    async with house.office.somebody(Role.AGENT, name="ada", language=language) as ada:
        for seat in (talking, waiting, written, taken):
            page = await ada.get(f"/agent/calls/{seat.conversation}")
            assert page.status_code == 200
            assert "connect-src 'self'" in page.headers["content-security-policy"]


# What may be done.


async def test_of_two_who_accept_one_has_the_call_and_the_other_reads_who(house: LiveOffice) -> None:
    seat, talk = house.caller()
    house.wants(seat)
    page = f"/agent/calls/{seat.conversation}"
    async with house.office.somebody(Role.AGENT, name="ada") as ada, house.office.somebody(Role.AGENT, name="bo") as bo:
        forms = {one: {"csrf": form_token((await one.get(page)).text)} for one in (ada, bo)}
        first = await ada.post(f"{page}/accept", data=forms[ada])
        second = await bo.post(f"{page}/accept", data=forms[bo])
        by_script = await bo.post(f"{page}/accept", data=forms[bo], headers={"accept": "application/json"})
    assert (first.status_code, first.headers["location"]) == (
        303,
        f"../../../agent/calls/{seat.conversation}?done=accept",
    )
    assert second.status_code == 409 and "Ada var raskere og har samtalen." in second.text
    assert by_script.json() == {"done": False, "told": "Ada var raskere og har samtalen.", "next": ""}
    assert talk.wanted == [("takes", "Ada")]


async def test_each_form_reaches_the_call_with_its_words_and_reasons(house: LiveOffice) -> None:
    seat, talk = house.caller()
    house.wants(seat)
    path = f"/agent/calls/{seat.conversation}"
    async with house.office.somebody(Role.AGENT, name="ada") as ada:
        form = {"csrf": form_token((await ada.get(path)).text)}

        async def post(action: str, **more: str) -> tuple[int, dict[str, Any]]:
            answer = await ada.post(f"{path}/{action}", data=form | more, headers={"accept": "application/json"})
            return answer.status_code, answer.json()

        assert (await post("tell", text="pakken er funnet"))[0] == 200
        assert (await post("tell", text=" "))[1]["told"] == "Skriv noe først."
        assert (await post("tell", text="x" * 501))[0] == 409
        assert (await post("decline", reason="later"))[0] == 200
        assert (await post("type", text="hei"))[1]["told"].startswith("Det er ikke noe å gjøre her lenger")
        seat.writes(True)
        house.board.calls.together(seat, "Ada")
        assert (await post("type", text="hei"))[0] == 200
        assert (await post("finish"))[1]["next"].endswith(f"/agent/wrap-up/{seat.conversation}")
    assert talk.wanted == [
        ("tells", "Ada", "pakken er funnet"),
        ("declines", "Ada", "later"),
        ("types", "Ada", "hei"),
        ("leaves", "Ada", "finished"),
    ]


async def test_nobody_does_anything_with_a_caller_whom_somebody_else_has(house: LiveOffice) -> None:
    seat, talk = house.caller(line="browser")
    seat.writes(True)
    house.wants(seat)
    house.board.calls.together(seat, "Ada")
    path = f"/agent/calls/{seat.conversation}"
    async with house.office.somebody(Role.AGENT, name="bo") as bo, house.office.somebody(Role.AGENT, name="eve") as eve:
        for one in (bo, eve):
            form = {"csrf": form_token((await one.get(path)).text), "text": "hei, det er Ada", "reason": "busy"}
            for action in ACTIONS:
                answer = await one.post(f"{path}/{action}", data=form)
                assert (answer.status_code, action) == (409, action)
    assert talk.wanted == []
    assert house.board.statuses.of("Bo").status is Status.FREE, "who was refused is kept for nobody"


def test_a_page_offers_what_makes_sense(house: LiveOffice) -> None:
    async def offered(agent: SignedAgent, *, typed: bool = False, state: str = "bot") -> set[str]:
        seat, _ = house.caller()
        seat.writes(typed)
        if state != "bot":
            house.wants(seat)
        if state == "taken":
            house.board.calls.took(seat, "Ada")
        if state == "person":
            house.board.calls.together(seat, "Ada")
        call = house.board.find(seat.conversation)
        assert call is not None
        return set(allowed(call, agent))

    async def all_of_them() -> None:
        assert await offered(AS_ADA) == {"take-over", "tell"}
        assert await offered(AS_EVE) == {"tell"}, "nothing could ring"
        assert await offered(AS_EVE, typed=True) == {"take-over", "tell"}
        assert await offered(AS_ADA, state="waiting") == {"accept", "decline", "tell"}
        assert await offered(AS_EVE, state="waiting") == {"tell"}
        assert await offered(AS_BO, state="taken") == {"tell"}
        assert await offered(AS_ADA, typed=True, state="person") == {"type", "hand-back", "finish"}
        assert await offered(AS_ADA, state="person") == set(), "they talk on the phone"
        assert await offered(AS_BO, typed=True, state="person") == set()

    asyncio.run(all_of_them())


# What open pages are sent.


async def test_a_page_is_sent_what_changes_and_words_only_of_the_call_it_has_open(house: LiveOffice) -> None:
    live = live_desk(house)
    seat, _ = house.caller()
    async with browser(live, AS_ADA) as lists, browser(live, AS_BO, seat.conversation) as open_call:
        await lists.until("own")
        await open_call.until("words")
        assert open_call.lines[-1] == WORDS and open_call.own["actions"] == ["take-over", "tell"]
        assert "ordrestatus" in open_call.pieces["brief"]
        seat.said("caller", "jeg vil snakke", partial=True)
        await open_call.until("words")
        seat.said("caller", "jeg vil snakke med et menneske")
        await open_call.until("words")
        assert open_call.lines[-1] == "jeg vil snakke med et menneske"
        assert "jeg vil snakke" not in open_call.lines
        house.wants(seat)
        await lists.until("pieces")
        assert "Ba om et menneske" in lists.pieces["waiting"]
        await open_call.until("own")
        assert open_call.own["actions"] == ["accept", "decline", "tell"]
        house.board.told("callbacks")
        await lists.until("callbacks")
        house.board.calls.close(seat, "goodbye")
        await open_call.until("own")
        assert open_call.own["standing"] == "over"
    assert "words" not in lists.events and WORDS not in "".join(lists.pieces.values())


async def test_fifty_pages_cost_one_rendering_and_a_stalled_one_nothing(house: LiveOffice) -> None:
    pages = CountingPages("Bokhuset")
    live = live_desk(house, pages)
    seat, _ = house.caller()
    async with AsyncExitStack() as pages_open:
        opened = [await pages_open.enter_async_context(browser(live, session=f"s{number}")) for number in range(50)]
        for one in opened[1:]:  # the first never reads
            await one.until("own")
        pages.rendered = 0
        house.wants(seat)
        for one in opened[1:]:
            await one.until("pieces")
        assert pages.rendered == 4, "each list once, and the callers in them"


async def test_a_lost_page_that_comes_back_has_everything_as_it_is_then(house: LiveOffice) -> None:
    live = live_desk(house)
    seat, _ = house.caller()
    async with browser(live, conversation=seat.conversation) as first:
        await first.until("words")
    seat.said("caller", "er det noen der")
    house.wants(seat)
    async with browser(live, conversation=seat.conversation) as again:
        await again.until("words")
        assert again.lines[-1] == "er det noen der"
        assert "Ba om et menneske" in again.pieces["waiting"]


async def test_who_comes_as_the_last_one_leaves_is_not_sent_away(house: LiveOffice) -> None:
    """As from caller to caller: a page closes its stream and opens another."""
    live = live_desk(house)
    there, leaves = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with browser(live) as page:
            await page.until("own")
            there.set()
            await leaves.wait()

    going = asyncio.create_task(first())
    await there.wait()
    async with house.board.watch() as watch:
        leaves.set()
        async for _ in watch:  # it has gone, and what kept it fresh is ending
            break
    async with browser(live, AS_BO, session="other") as page:
        await going
        await page.until("own")
        house.caller()
        await page.until("pieces")
        assert "over" not in page.events


def signed_in_as(house: LiveOffice, name: str) -> tuple[str, str]:
    """Token and id of a new session."""
    token = house.office.session(Role.AGENT, name=name)
    with house.office.kept.database.reading() as connection:
        found = sessions.look_up(connection, token, session_rules(house.office.parts), house.office.parts.now())
    assert found is not None
    return token, found[0].id


def signs_out(connection: Connection, token: str) -> None:
    sessions.end(connection, token)


def loses_the_role(connection: Connection, token: str) -> None:
    # As another process, or the provider of identities, leaves it: the session itself is as good as it was.
    connection.execute(update(schema.accounts).where(schema.accounts.c.name == "ada").values(roles="analyst"))


def is_disabled(connection: Connection, token: str) -> None:
    connection.execute(update(schema.accounts).where(schema.accounts.c.name == "ada").values(disabled_at=MORNING))


@pytest.mark.parametrize("what_happens", [signs_out, loses_the_role, is_disabled])
async def test_the_stream_of_a_sign_in_that_is_over_ends_and_the_others_go_on(
    house: LiveOffice, what_happens: Callable[[Connection, str], None]
) -> None:
    live = live_desk(house)
    (token, gone), (_, stays) = signed_in_as(house, "ada"), signed_in_as(house, "bo")
    async with browser(live, AS_ADA, session=gone) as first, browser(live, AS_BO, session=stays) as second:
        await first.until("own")
        await second.until("own")
        with house.office.kept.database.writing() as connection:
            what_happens(connection, token)
        await live.check_sessions()
        assert await first.until("over") == {"why": "signed_out"}
        house.caller()
        await second.until("pieces")


async def test_whoever_waits_for_calls_stays_signed_in_and_whoever_is_away_does_not(house: LiveOffice) -> None:
    live, clock = live_desk(house), house.office.parts.now
    assert isinstance(clock, Clock)
    (_, at_work), (_, away) = signed_in_as(house, "ada"), signed_in_as(house, "bo")
    house.board.statuses.set("Bo", Status.AWAY)
    async with browser(live, AS_ADA, session=at_work) as first, browser(live, AS_BO, session=away) as second:
        for _ in range(3):
            clock.on(minutes=20)
            await live.check_sessions()
        assert await second.until("over") == {"why": "signed_out"}
        await first.until("own")
        assert "over" not in first.events


async def test_a_browser_with_too_many_pages_is_told_in_the_oldest(house: LiveOffice) -> None:
    live = live_desk(house)
    async with AsyncExitStack() as pages_open:
        opened = [await pages_open.enter_async_context(browser(live)) for _ in range(STREAMS_PER_SESSION + 1)]
        assert await opened[0].until("over") == {"why": "elsewhere"}
        for one in opened[1:]:
            await one.until("own")
            assert "over" not in one.events


async def test_only_who_has_a_page_open_is_there_to_write(house: LiveOffice) -> None:
    live = live_desk(house)
    seat, _ = house.caller(line="browser")
    seat.writes(True)
    house.wants(seat)

    def may_take() -> tuple[str, ...]:
        call = house.board.find(seat.conversation)
        assert call is not None and call.transfer is not None
        return call.transfer.may_take

    assert may_take() == ()
    async with browser(live) as page:
        await page.until("own")
        assert may_take() == ("Ada",)
    assert may_take() == ()


async def test_a_service_that_ends_is_not_held_up_by_open_pages(house: LiveOffice) -> None:
    cookies = {"voicebot-session": house.office.session(Role.AGENT, name="ada")}
    async with served(house.app) as address, httpx.AsyncClient(base_url=address, cookies=cookies) as ada:
        assert (await ada.get("/agent/events")).status_code == 406, "who asks for no stream would wait for ever"
        async with ada.stream("GET", "/agent/events", headers={"accept": "text/event-stream"}) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.aiter_lines()
            async for line in lines:
                if line == "event: own":
                    break
            end_streams(house.app)
            rest = [line async for line in lines]
    assert [line for line in rest if line][-2:] == ["event: over", 'data: {"why": "closed"}']


async def test_a_browser_that_takes_nothing_is_let_go_and_one_that_leaves_is_noticed() -> None:
    closed: list[str] = []

    async def events(name: str) -> Any:
        try:
            while True:
                yield b"event: beat\ndata: {}\n\n"
                await asyncio.sleep(0)
        finally:
            closed.append(name)

    async def forever(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async def never() -> Any:
        await asyncio.Event().wait()

    async def takes(message: Any) -> None: ...

    async def leaves() -> Any:
        return {"type": "http.disconnect"}

    await EventStream(events("stalled"), send_seconds=0.001)({}, never, forever)
    await EventStream(events("left"))({}, leaves, takes)
    assert closed == ["stalled", "left"]


SAID = st.lists(st.tuples(st.sampled_from(("caller", "bot")), st.booleans()), max_size=12)


@given(rounds=st.lists(SAID, max_size=5), most=st.integers(1, 6))
def test_what_a_page_shows_is_always_what_the_board_has(rounds: list[Any], most: int) -> None:
    """Whatever was said between two looks, and whatever the board forgot of it meanwhile."""
    lines: list[Line] = []
    shown: list[Line] = []
    for said in rounds:
        for who, partial in said:
            if lines and lines[-1].partial and who == "caller":
                lines.pop()
            lines = [*lines, Line(MORNING, who, "ja", partial and who == "caller")][-most:]
        gone, same = difference(tuple(shown), tuple(lines))
        shown = [*shown[gone:][:same], *lines[same:]]
        assert all(one is other for one, other in zip(shown, lines, strict=True))
