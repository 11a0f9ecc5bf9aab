"""The agents' pages besides the desk in a real browser: for every eye, hand and width, in each of their languages."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.browser import Page, chromium, open_page
from tests.node import node_package
from tests.voicebot.records.talks import MORNING
from tests.voicebot.web.agent_office import AgentOffice, agent_office
from tests.voicebot.web.conftest import Kept, form_token
from tests.voicebot.web.test_pages_in_a_browser import faults, served
from voicebot.web.permissions import Role

pytestmark = pytest.mark.skipif(chromium() is None, reason="no chromium here: apt install chromium")

NOON = MORNING + timedelta(hours=2)
WINDOWS = (("nb", "light", 1280), ("nn", "dark", 375), ("en", "light", 320))
Shot = Callable[[Page, str], Awaitable[None]]


async def sits_down(office: AgentOffice, page: Page, address: str, name: str, language: str = "nb") -> None:
    token = office.session(Role.AGENT, name=name, language=language)
    await page.command("Network.enable")
    await page.command("Network.setCookie", name="voicebot-session", value=token, url=address)


async def test_every_page_is_there_for_everybody(kept: Kept, tmp_path: Path, shot: Shot) -> None:
    """With everything on them: somebody waits, callbacks of every kind, wrap-ups to write and written. All of them at a
    desk, half of them on a phone, and the others on a narrow one."""
    axe = (node_package("axe-core") / "axe.min.js").read_text(encoding="utf-8")
    found: dict[tuple[str, int], list[object]] = {}
    async with agent_office(kept, tmp_path) as office, served(office.app) as address:
        mine = office.asks(NOON - timedelta(minutes=5))
        office.asks(NOON + timedelta(hours=1), kind="message")
        office.asks(NOON + timedelta(days=1), wanted=NOON + timedelta(hours=20), until=NOON + timedelta(hours=22))
        office.talked("Ada", office.cut_in)
        office.talked("Ada", office.earlier)
        office.board.calls.wrap_ups.begin("Ada", office.cut_in)
        async with open_page(f"{address}/privacy", language="nb-NO") as page:
            for place, (language, scheme, width) in enumerate(WINDOWS):
                await sits_down(office, page, address, ("ada", "bo", "cecilie")[place], language)
                if place == 0:
                    await page.open(f"{address}/agent/callbacks/{mine}")
                    await page.run("document.querySelector('form[action$=take] button').click()")
                    await page.until("document.querySelector('form[action$=settle]')")
                await page.size(width, 900, mobile=width < 500)
                await page.prefer(prefers_color_scheme=scheme)
                if place == 1:
                    office.waiting()
                    office.talked("Bo", office.earlier)
                paths = ["callbacks", f"callbacks/{mine}", "wrap-up", f"history/{office.cut_in}", "me"]
                if place == 0:
                    paths.append(f"wrap-up/{office.cut_in}")
                elif place == 1:
                    paths = [*paths[0::2], f"wrap-up/{office.earlier}"]
                else:
                    paths = [paths[0], *paths[1::2]]
                for path in paths:
                    await page.open(f"{address}/agent/{path}")
                    found[path, width] = await faults(page, axe)
                    await shot(page, f"{path.replace('/', '-')[:12]}-{width}-{language}")
            complaints = page.complaints
    assert {where: what for where, what in found.items() if what} == {}
    assert complaints == []


async def test_a_list_that_is_open_shows_what_happens_elsewhere(kept: Kept, tmp_path: Path) -> None:
    """Bo takes one while Ada looks at the list; a caller who waits is told of on every page, by sound and title too."""
    async with agent_office(kept, tmp_path) as office, served(office.app) as address:
        taken = office.asks(NOON + timedelta(hours=1))
        async with open_page(f"{address}/privacy", language="nb-NO") as page, office.agent("bo") as bo:
            await sits_down(office, page, address, "ada")
            await page.open(f"{address}/agent/callbacks")
            await page.until("document.querySelector('#take-next')")
            await bo.post(f"/agent/callbacks/{taken}/take", data={"csrf": await token_of(bo)})
            await page.until("!document.querySelector('#take-next') && document.querySelector('#others')")
            assert "Tatt av Bo" in await page.text("#queue")
            office.waiting()
            await page.until("document.title.startsWith('(1)')")
            assert "Venter på et menneske 1" in await page.text("#waiting")
            assert "Ny kunde venter" in await page.text("#announcer")
            await page.run("document.querySelector('#waiting a.caller').click()")
            await page.until("location.pathname.startsWith('/agent/calls/') && document.querySelector('#do-accept')")
            assert page.complaints == []


async def token_of(browser: httpx.AsyncClient) -> str:
    return form_token((await browser.get("/agent/me")).text)
