"""An agent's pages besides the desk: callbacks, wrap-ups, a caller's earlier conversations, and their own page."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args

import httpx
import pytest

from dialog.hours import Hours
from tests.voicebot.records.talks import MORNING, NUMBER
from tests.voicebot.web.agent_office import AgentOffice, agent_office
from tests.voicebot.web.conftest import Clock, Kept, form_token
from voicebot.agents.live_call import SignedAgent, agent_of
from voicebot.agents.status import Status
from voicebot.callbacks.placing import WhyNot
from voicebot.records.agents import wrap_up
from voicebot.records.callbacks import CallbackRow, callback
from voicebot.web.pages.agent.callbacks import TOLD, sorted_out
from voicebot.web.pages.agent.mine import masked, week
from voicebot.web.texts import LANGUAGES, load_texts

NOON = MORNING + timedelta(hours=2)


@pytest.fixture
async def office(kept: Kept, tmp_path: Path) -> AsyncIterator[AgentOffice]:
    async with agent_office(kept, tmp_path) as office:
        yield office


async def press(browser: httpx.AsyncClient, page: str, path: str, **form: str) -> httpx.Response:
    """Send a form of a page, and go where it leads."""
    token = form_token((await browser.get(page)).text)
    return await browser.post(path, data={"csrf": token, **form}, follow_redirects=True)


def row_of(office: AgentOffice, callback_id: str) -> CallbackRow:
    with office.kept.database.reading() as connection:
        found = callback(connection, office.kept.vault, callback_id)
    assert found is not None
    return found


# Callbacks.


async def test_the_list_gives_nobody_away_and_one_is_opened_with_a_line(office: AgentOffice) -> None:
    asked = office.asks(NOON + timedelta(hours=1))
    async with office.ada() as ada:
        listed = (await ada.get("/agent/callbacks")).text
        assert asked in listed
        assert NUMBER not in listed
        assert "lampen" not in listed
        assert office.lines() == []
        opened = (await ada.get(f"/agent/callbacks/{asked}")).text
    assert f'href="tel:{NUMBER}"' in opened
    assert "lampen min lyser ikke" in opened
    assert office.lines() == [("callback.read", office.cut_in)]


async def test_of_two_who_take_the_same_one_is_told_who_was_quicker(office: AgentOffice) -> None:
    asked = office.asks(NOON + timedelta(hours=1))
    async with office.ada() as ada, office.agent("bo") as bo:
        tokens = [form_token((await one.get("/agent/callbacks")).text) for one in (ada, bo)]
        pages = await asyncio.gather(
            *(
                one.post(f"/agent/callbacks/{asked}/take", data={"csrf": token}, follow_redirects=True)
                for one, token in zip((ada, bo), tokens, strict=True)
            )
        )
    winner = row_of(office, asked).taken_by
    told = ["Den er din." in page.text for page in pages]
    assert sorted(told) == [False, True]
    assert f"{winner} var raskere" in pages[told.index(False)].text
    assert 'name="outcome"' not in pages[told.index(False)].text, "only who has it can settle it"


async def test_one_that_lies_with_somebody_who_has_gone_can_be_taken(office: AgentOffice) -> None:
    asked = office.asks(NOON + timedelta(days=1))
    path = f"/agent/callbacks/{asked}"
    async with office.ada() as ada, office.agent("bo") as bo:
        await press(ada, path, f"{path}/take")
        assert isinstance(office.parts.now, Clock)
        office.parts.now.on(minutes=121)
        bo.cookies.set("voicebot-session", office.session(name="bo"))
        page = await press(bo, "/agent/callbacks", f"{path}/take")
    assert "Den er din." in page.text
    assert row_of(office, asked).taken_by == "Bo"


async def test_the_most_urgent_is_taken_first_and_nobody_is_called_before_they_wish(office: AgentOffice) -> None:
    office.asks(NOON + timedelta(hours=9), wanted=NOON + timedelta(hours=3))
    soon = office.asks(NOON + timedelta(hours=1))
    overdue = office.asks(NOON - timedelta(minutes=5), wanted=NOON + timedelta(hours=1))
    async with office.ada() as ada:
        for expected in (overdue, soon):
            page = await press(ada, "/agent/callbacks", "/agent/callbacks/next")
            assert page.url.path == f"/agent/callbacks/{expected}"
        page = await press(ada, "/agent/callbacks/" + soon, "/agent/callbacks/next")
    assert "Ingen venter akkurat nå." in page.text


async def test_one_that_was_tried_comes_back_when_it_is_time(office: AgentOffice) -> None:
    asked = office.asks(NOON + timedelta(days=2))
    async with office.ada() as ada:
        path = f"/agent/callbacks/{asked}"
        await press(ada, path, f"{path}/take")
        await press(ada, path, f"{path}/settle", outcome="no_answer", again="next")
        row = row_of(office, asked)
        assert (row.status, row.tries) == ("open", 1)
        assert row.next_at == MORNING.replace(hour=7) + timedelta(days=1), "opens at eight the next morning"
        page = await press(ada, "/agent/callbacks/" + asked, "/agent/callbacks/next")
        assert page.url.path == "/agent/callbacks"
        await press(ada, path, f"{path}/take")
        await press(ada, path, f"{path}/settle", outcome="talked")
    assert (row_of(office, asked).status, row_of(office, asked).outcome) == ("done", "talked")


@pytest.mark.parametrize("deed", ["settle", "release"])
async def test_nobody_settles_lets_go_of_or_calls_what_another_has_taken(office: AgentOffice, deed: str) -> None:
    asked = office.asks(NOON + timedelta(hours=1))
    async with office.ada() as ada, office.agent("bo") as bo:
        path = f"/agent/callbacks/{asked}"
        await press(ada, path, f"{path}/take")
        page = await press(bo, path, f"{path}/{deed}", outcome="done")
    assert "Ta den først." in page.text
    assert (row_of(office, asked).status, row_of(office, asked).taken_by) == ("taken", "Ada")


async def test_call_now_rings_the_agent_and_leaves_a_line(office: AgentOffice) -> None:
    asked = office.asks(NOON + timedelta(hours=1))
    path = f"/agent/callbacks/{asked}"
    async with office.ada() as ada, office.agent("bo") as bo:
        await press(ada, path, f"{path}/take")
        assert "Ta den først." in (await press(bo, path, f"{path}/call")).text
        assert office.phones.asked == []
        page = await press(ada, path, f"{path}/call")
    assert "Telefonen din ringer nå." in page.text
    assert [request.agent for request in office.phones.asked] == ["+4722000011"]
    assert office.lines().count(("callback.call", office.cut_in)) == 1


async def test_everybody_who_looks_at_the_list_is_told_of_a_change(office: AgentOffice) -> None:
    asked = office.asks(NOON + timedelta(hours=1))
    async with office.ada() as ada, office.board.watch() as watch:
        await press(ada, "/agent/callbacks", f"/agent/callbacks/{asked}/take")
        async with asyncio.timeout(5):
            assert (await anext(watch)).what == "callbacks"


# Wrap-ups.


async def test_a_wrap_up_is_written_sealed_and_can_be_corrected(office: AgentOffice) -> None:
    office.talked("Ada", office.cut_in)
    office.board.calls.wrap_ups.begin("Ada", office.cut_in)
    path = f"/agent/wrap-up/{office.cut_in}"
    async with office.ada() as ada:
        assert path.removeprefix("/agent/") in (await ada.get("/agent/wrap-up")).text
        page = await press(ada, path, path, outcome="follow_up", brief="partly", note="Ringer 92 24 37 11 i morgen")
        assert "Lagret." in page.text
        assert office.board.to_wrap_up(agent(office)) == ()
        again = (await ada.get(path)).text
        await press(ada, path, path, outcome="solved", brief="yes", note="")
    assert re.search(r'value="follow_up" checked', again)
    assert "Ringer" in again
    assert "92 24 37 11" not in again, "redacted before it is stored"
    assert ("wrap_up.read", office.cut_in) in office.lines()
    with office.kept.database.reading() as connection:
        written = wrap_up(connection, office.kept.vault, office.cut_in)
    assert written is not None
    assert (written.outcome, written.brief_right, written.note) == ("solved", "yes", None)
    assert written.transfer is not None


async def test_only_who_had_the_caller_writes_of_them_and_only_the_same_day(office: AgentOffice) -> None:
    office.talked("Ada", office.cut_in)
    path = f"/agent/wrap-up/{office.cut_in}"
    office.board.calls.wrap_ups.begin("Ada", office.cut_in)
    async with office.ada() as ada, office.agent("bo") as bo:
        assert (await bo.get(path)).status_code == 404
        await press(bo, "/agent/me", f"{path}/skip")
        assert office.board.to_wrap_up(agent(office)) == (office.cut_in,), "it is not his to skip"
        await press(ada, path, path, outcome="solved")
        assert (await bo.get(path)).status_code == 404
        assert isinstance(office.parts.now, Clock)
        token = form_token((await bo.get("/agent/me")).text)
        assert (await bo.post(path, data={"csrf": token, "outcome": "other"})).status_code == 404
        office.parts.now.on(hours=14)
    async with office.ada() as ada:
        assert (await ada.get(path)).status_code == 404


async def test_without_an_outcome_nothing_is_saved_and_nothing_typed_is_lost(office: AgentOffice) -> None:
    office.board.calls.wrap_ups.begin("Ada", office.cut_in)
    path = f"/agent/wrap-up/{office.cut_in}"
    async with office.ada() as ada:
        page = await press(ada, path, path, note="en lang historie")
        assert page.status_code == 422
        assert "en lang historie" in page.text
        assert office.board.to_wrap_up(agent(office)) == (office.cut_in,)
        await press(ada, path, f"{path}/skip")
    assert office.board.to_wrap_up(agent(office)) == ()


def agent(office: AgentOffice) -> SignedAgent:
    return agent_of(office.bot, "", "ada")


# Earlier conversations.


async def test_earlier_conversations_of_this_caller_and_of_nobody_else(office: AgentOffice) -> None:
    async with office.ada() as ada:
        page = (await ada.get(f"/agent/history/{office.cut_in}")).text
    found = re.findall(r"console/conversations/([0-9a-f]{32})", page)
    assert found == [office.earlier]
    assert "kundeservice" in page
    assert office.lines() == [("caller.history", office.cut_in)]


async def test_where_the_rules_keep_earlier_conversations_from_agents_nothing_is_read(
    kept: Kept, tmp_path: Path
) -> None:
    async with agent_office(kept, tmp_path, "records:\n  history: false\n") as office, office.ada() as ada:
        page = await ada.get(f"/agent/history/{office.cut_in}")
        assert office.earlier not in page.text
        assert "uten tidligere samtaler" in page.text
        assert office.lines() == []


# Their own page.


async def test_a_status_is_said_and_comes_back_where_it_was_said(office: AgentOffice) -> None:
    async with office.ada() as ada:
        page = await press(ada, "/agent/me", "/agent/me/status", status="away", next="/agent")
        assert page.url.path == "/agent"
        assert office.board.statuses.of("Ada").status is Status.AWAY
        page = await press(ada, "/agent/me", "/agent/me/status", status="gone fishing")
        assert office.board.statuses.of("Ada").status is Status.AWAY
    assert '<h2 id="status">Borte</h2>' in page.text


async def test_their_page_shows_their_own_figures_and_no_number_that_can_be_rung(office: AgentOffice) -> None:
    office.talked("Ada", office.cut_in)
    office.talked("Bo", office.earlier)
    async with office.ada() as ada:
        await press(ada, f"/agent/wrap-up/{office.cut_in}", f"/agent/wrap-up/{office.cut_in}", outcome="solved")
        page = (await ada.get("/agent/me")).text
    assert re.findall(r"<dd><strong>(\d+)</strong></dd>", page) == ["1", "1", "0", "1", "0"]
    assert "+4722000011" not in page
    assert "08:00–15:00" in page


async def test_an_account_that_bot_yaml_does_not_name_is_told_so(office: AgentOffice) -> None:
    async with office.agent("cecilie") as browser:
        assert "ikke knyttet til noen" in (await browser.get("/agent/me")).text


async def test_sound_is_remembered_by_the_browser(office: AgentOffice) -> None:
    async with office.ada() as ada:
        page = await press(ada, "/agent/me", "/agent/me/sound", sound="off")
        assert ada.cookies["voicebot-sound"] == "off"
    assert "Lyd: av" in page.text


def test_a_number_is_known_again_and_cannot_be_rung() -> None:
    assert masked("+4722000011") == "•••••••••11"
    assert masked("sip:ada@desk.example") == "…@desk.example"


def test_a_week_of_hours_is_told_day_by_day() -> None:
    hours = Hours("Europe/Oslo", (((480, 960),), ((1320, 1800),), (), (), (), (), ((0, 1440),)))
    assert week(hours)[0] == [("08:00", "16:00")]
    assert week(hours)[1] == [("22:00", "06:00")]
    assert week(hours)[6] == [("00:00", "24:00")]


def test_a_deadline_that_has_passed_does_not_wait_for_a_wanted_time() -> None:
    row = CallbackRow(
        *("1", None, "callback", "desk", "nb", "", "", NOON + timedelta(hours=1), None, NOON, "open", 0),
        *(None, "", MORNING, True, "", ""),
    )
    assert sorted_out([row], "Ada", NOON - timedelta(hours=1)).later == [row]
    assert sorted_out([row], "Ada", NOON).now == [row]
    taken = replace(row, status="taken", taken_by="Ada")
    assert sorted_out([taken], "Ada", NOON).mine == [taken]
    assert sorted_out([taken], "Bo", NOON).others == [taken]


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_may_come_of_an_action_can_be_told(language: str) -> None:
    told = load_texts()[language]["callback_page"]["told"]
    assert {*TOLD, *get_args(WhyNot)} - {"", "taken"} <= {*told}
