"""The console's pages in a real browser: nothing a keyboard, a screen reader or a phone's width would stumble over."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from tests.browser import Page, chromium, open_page
from tests.node import node_package
from tests.telephony.web_house import until
from tests.voicebot.web.conftest import Kept
from tests.voicebot.web.office import EVERYBODY, PAGES, open_office

pytestmark = pytest.mark.skipif(chromium() is None, reason="no chromium here: apt install chromium")

OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true; })"
FOUND = """axe.run(document, {resultTypes: ['violations']}).then(found => found.violations
    .filter(one => ['serious', 'critical'].includes(one.impact))
    .map(one => [one.id, one.nodes.slice(0, 3).map(node => node.html.slice(0, 160) + ' ' + node.failureSummary)]))"""


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(10):
            await until(lambda: server.started)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def faults(page: Page, axe: str) -> list[object]:
    """What axe finds serious with everything unfolded, and whether the page is wider than its window."""
    await page.run(OPEN_ALL)
    found = list(json.loads(await page.run(f"{axe};{FOUND}.then(JSON.stringify)")))
    if await page.run("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than the window")
    return found


async def test_every_page_is_there_for_everybody(kept: Kept, tmp_path: Path) -> None:
    """By turns at a desk in light and on a phone in the dark; the fullest ones on both."""
    axe = (node_package("axe-core") / "axe.min.js").read_text(encoding="utf-8")
    office = open_office(kept, tmp_path)
    pages = (*PAGES, "/privacy?language=uk")
    both = (f"/console/conversations/{office.cut_in}", "/console/processing?dpia=1")
    found: dict[tuple[str, str], list[object]] = {}
    async with served(office.app) as address, open_page(f"{address}/privacy", language="nb-NO") as page:
        await page.command("Network.enable")
        token = office.session(*EVERYBODY)
        await page.command("Network.setCookie", name="voicebot-session", value=token, url=address)
        for turn, (scheme, width) in enumerate((("light", 1200), ("dark", 390))):
            await page.size(width, 900, mobile=width < 500)
            await page.prefer(prefers_color_scheme=scheme)
            for path in sorted({*pages[turn::2], *both}):
                await page.open(address + path)
                found[scheme, path] = await faults(page, axe)
        complaints = [one for one in page.complaints if "favicon" not in one]
    assert {where: what for where, what in found.items() if what} == {}
    assert complaints == []


async def test_a_question_is_settled_with_the_keyboard_alone(kept: Kept, tmp_path: Path) -> None:
    office = open_office(kept, tmp_path)
    async with served(office.app) as address, open_page(f"{address}/privacy") as page:
        await page.command("Network.enable")
        token = office.session(*EVERYBODY)
        await page.command("Network.setCookie", name="voicebot-session", value=token, url=address)
        await page.open(f"{address}/console/unanswered")
        await page.press("Tab")
        assert await page.run("document.activeElement.className") == "skip"
        await page.run("document.querySelector('input[name=note]').focus()")
        await page.type("ny artikkel")
        await page.press("Tab")
        assert await page.run("document.activeElement.value") == "done"
        await page.press("Enter")
        await page.until("document.querySelector('[role=status]')?.innerText.includes('3')")
