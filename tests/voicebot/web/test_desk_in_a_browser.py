"""The agents' desk in a real browser: its script, the keyboard, and nothing that anybody would stumble over."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.browser import Page, chromium, open_page
from tests.node import node_package
from tests.telephony.web_house import until
from tests.voicebot.web.conftest import Kept
from tests.voicebot.web.live_office import LiveOffice, open_live_office
from tests.voicebot.web.test_pages_in_a_browser import faults, served
from voicebot.web.permissions import Role
from voicebot.web.sign_in import sessions

pytestmark = pytest.mark.skipif(chromium() is None, reason="no chromium here: apt install chromium")

COUNT_SOUNDS = """window.sounds = 0; const made = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.sounds += 1; return made.call(this); };"""


@asynccontextmanager
async def at_the_desk(house: LiveOffice, token: str, path: str = "/agent") -> AsyncIterator[tuple[Page, str]]:
    """Ada's browser, and the address of the service."""
    async with served(house.app) as address, open_page(f"{address}/privacy", language="nb-NO") as page:
        await page.command("Network.enable")
        await page.command("Network.setCookie", name="voicebot-session", value=token, url=address)
        await page.open(address + path)
        yield page, address


async def test_a_caller_is_heard_of_found_and_taken_with_the_keyboard(kept: Kept, tmp_path: Path) -> None:
    house = open_live_office(kept, tmp_path)
    seat, talk = house.caller()
    async with at_the_desk(house, house.office.session(Role.AGENT, name="ada")) as (page, _):
        await page.run(COUNT_SOUNDS)
        await page.press("Tab")  # a browser is silent before somebody touches the page
        await page.press("Enter")
        assert await page.run("document.activeElement.id") == "main", "the link past the frame"
        house.wants(seat)
        await page.until("document.title.startsWith('(1) ') && window.sounds > 0")
        assert await page.text("#announcer") == "Ny kunde venter: kundeservice. Ba om et menneske."
        await page.press("j")
        await page.press("Enter")
        await page.until(
            f"location.pathname.endsWith('{seat.conversation}') && document.activeElement.id === 'call-title'"
        )
        await page.until("document.querySelector('#words').ariaLive === 'off'")  # it is said to the bot
        await page.press("b")
        await page.type("pakken er")
        seat.said("caller", "jeg vil snakke", partial=True)
        seat.stands("nb", 1.0, ("fed_up",))
        await page.until("document.querySelector('#words .partial') && document.querySelector('.caller-mood')")
        await page.type(" funnet")
        assert talk.wanted == [], "letters in a field are no keys"
        await page.press("Enter")
        await page.until("document.querySelector('#told').innerText.startsWith('Sendt.')")
        assert await page.run("document.querySelector('#tell').value") == ""
        await page.run("document.querySelector('#keys').click(); document.activeElement.blur()")
        await page.press("d")
        await page.run("document.querySelector('#keys').click(); document.activeElement.blur()")
        assert not await page.run("document.querySelector('#declining').open"), "keys can be turned off"
        await page.press("a")
        await page.until("document.querySelector('#told').innerText === 'Samtalen er din.'")
        await page.until("document.querySelector('[data-when=accept]').hidden && document.title.startsWith('Kunder')")
        assert await page.run("window.sounds") == 2, "two tones, once: moving about is no new work"
    assert talk.wanted == [("tells", "Ada", "pakken er funnet"), ("takes", "Ada")]


async def test_a_page_comes_back_by_itself_and_leaves_when_its_sign_in_is_over(kept: Kept, tmp_path: Path) -> None:
    house = open_live_office(kept, tmp_path)
    token = house.office.session(Role.AGENT, name="ada")
    async with at_the_desk(house, token) as (page, _):
        await until(lambda: house.board.calls.consoles.there("Ada"))
        house.app.state.live_desk.close()
        seat, _ = house.caller()
        await page.until(f"document.querySelector('[data-call=\"{seat.conversation}\"]')")
        with kept.database.writing() as connection:
            sessions.end(connection, token)
        await page.until("location.pathname === '/console/sign-in' && location.search === '?next=/agent'")


async def test_everybody_can_use_it(kept: Kept, tmp_path: Path) -> None:
    """A written call in nynorsk on a small phone in the dark, one that waits on a desk in English, and the lists."""
    axe = (node_package("axe-core") / "axe.min.js").read_text(encoding="utf-8")
    house = open_live_office(kept, tmp_path)
    written, talk = house.caller("nn", line="browser")
    written.writes(True)
    house.wants(written)
    house.board.calls.together(written, "Ada")
    waiting, _ = house.caller("en")
    waiting.stands("en", 2.0, ("fed_up", "no_match"))
    house.wants(waiting, "frustrated")
    house.board.calls.rings(waiting, "Ada")
    views = (
        ("nn", 320, "dark", f"/agent/calls/{written.conversation}"),
        ("en", 1280, "light", f"/agent/calls/{waiting.conversation}"),
        ("nb", 375, "light", "/agent"),
    )
    found = {}
    async with at_the_desk(house, house.office.session(Role.AGENT, name="ada", language="nn")) as (page, address):
        for language, width, scheme, path in views:
            token = house.office.session(Role.AGENT, name=f"{language}-ada", language=language)
            if language == "nn":
                token = house.office.session(Role.AGENT, name="ADA", language=language)
            await page.command("Network.setCookie", name="voicebot-session", value=token, url=address)
            await page.size(width, 900, mobile=width < 500)
            await page.prefer(prefers_color_scheme=scheme)
            await page.open(address + path)
            await page.until("/^[0-9]+:[0-9]+$/.test(document.querySelector('time[data-since]').textContent)")
            found[language] = await faults(page, axe)
            if language == "nn":
                await page.run("document.querySelector('#type').focus()")
                await page.type("eg ser på det")
                await page.press("Enter")
                await page.until("document.querySelector('#type').value === ''")
                assert await page.run("document.querySelector('#words').ariaLive") == "polite", "it is written to Ada"
        assert found == {"nn": [], "en": [], "nb": []}
        assert page.complaints == []
    assert talk.wanted == [("types", "Ada", "eg ser på det")]
