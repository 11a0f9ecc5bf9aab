"""A customer on the page who types, and a person at the console who answers: with the real mind and a real browser."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from speech.models import ModelStore
from tests.browser import Page, chromium, open_page
from tests.calls.offices import Office, with_offices
from tests.serving import serving, test_config
from voicebot.agents.live_call import LiveCall, SignedAgent, agent_of
from voicebot.house import House

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(chromium() is None, reason="no chromium here: apt install chromium"),
]


async def write(page: Page, words: str) -> None:
    await page.run("document.querySelector('#words').focus()")
    await page.type(words)
    await page.press("Enter")


async def reads(page: Page, words: str) -> None:
    await page.until(f"document.querySelector('#transcript').innerText.includes({json.dumps(words)})", seconds=60)


async def waiting(house: House, agent: SignedAgent) -> LiveCall:
    """The caller who waits, as the agent's page learns of them."""
    async with house.board.watch(agent) as watch:
        async for _ in watch:
            for call in house.board.live():
                if call.transfer is not None and agent.person in call.transfer.may_take:
                    return call
    raise AssertionError("the board has closed")


async def test_a_typed_conversation_goes_to_a_person_and_back(models: ModelStore, tmp_path: Path) -> None:
    config = test_config()
    config = replace(config, records=replace(config.records, folder=tmp_path / "records"))
    bot = with_offices(tmp_path / "bot", [Office("service team", {"Ada": "+442079460111"})])
    async with (
        serving(config, bot, keep=True) as service,
        open_page(f"{service.base_url}/try", microphone=False) as page,
    ):
        board = service.house.board
        ada = agent_of(service.house.bot, "1", "Ada")
        assert ada.callee is not None
        async with board.watch(ada):
            await page.click("#start-typing")
            await page.until("document.querySelectorAll('#transcript li').length > 0")
            await write(page, "How long does delivery take?")
            await reads(page, "two to three working days")
            await write(page, "I want to talk to a person")
            call = await waiting(service.house, ada)
            brief = await board.brief(call.conversation, "en")
            assert brief is not None
            assert "deliver" in brief.paragraph.lower()
            assert (await board.accept(call.conversation, ada)).done
            await reads(page, "You are now writing with Ada")
            await board.type(call.conversation, ada, "Hello, which parcel is it?")
            await reads(page, "Hello, which parcel is it?")
            await write(page, "the blue one")
            await page.until("document.querySelectorAll('#transcript .caller').length === 3")
            await page.screenshot(tmp_path / "writing.png")
            assert (await board.hand_back(call.conversation, ada)).done
            await reads(page, "Ada has left")
            await page.click("#end")
            await page.until("document.body.dataset.phase === 'over'")
            assert page.complaints == []
        assert board.to_wrap_up(ada) == (call.conversation,)
