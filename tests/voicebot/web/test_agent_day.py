"""An agent's whole day in a real browser on the whole service: real models, records, board and lines.

`pytest tests/voicebot/web/test_agent_day.py --screenshots FOLDER` leaves a picture of every step.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from speech.models import ModelStore
from telephony.simulator import Network, PhoneNetwork, RestDouble, Ringing, Script
from telephony.simulator.feed import Feed
from telephony.simulator.handset import Handset
from tests.browser import Page, chromium, open_page
from tests.serving import NORDLYS, PUBLIC_URL, Service, serving, test_config
from tests.voicebot.web.conftest import CHEAP, PASSWORD
from voicebot.records import access_log
from voicebot.records.entries import CallbackAsked, new_id
from voicebot.records.reading import Wanted, conversation_page
from voicebot.web.permissions import Role
from voicebot.web.sign_in import accounts

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(chromium() is None, reason="no chromium here: apt install chromium"),
]

NUMBERS = {"Ada": "+442079460111", "Bo": "+442079460112"}
SEEN = "(({top, bottom}) => top >= 0 && bottom <= innerHeight)(document.querySelector('#told').getBoundingClientRect())"
CUSTOMER = "+4792243711"
Shot = Callable[[Page, str], Awaitable[None]]


def with_agents(folder: Path) -> Path:
    """Nordlys, open at any hour, whose customer service has Ada and Bo, who have accounts."""
    shutil.copytree(NORDLYS, folder)
    path = folder / "bot.yaml"
    bot = yaml.safe_load(path.read_text(encoding="utf-8"))
    bot["hours"] = {"timezone": "Europe/Oslo", "weekly": {"mon-sun": "00:00-24:00"}}
    people = [{"name": name, "number": number, "account": name.lower()} for name, number in NUMBERS.items()]
    for name, department in bot["departments"].items():
        department.pop("people", None)
        if name == "customer_service":
            department |= {"people": people, "ring": "in_order"}
    path.write_text(yaml.safe_dump(bot, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder


@dataclass
class Day:
    """The service, and the phones of the city."""

    service: Service
    phones: PhoneNetwork
    rang: list[str]
    """Numbers that were rung."""

    def account(self, name: str, language: str) -> None:
        kept = self.service.house.kept
        assert kept is not None
        with kept.records.database.writing() as connection:
            account, _ = accounts.add(connection, name, (Role.AGENT,), language, datetime.now(UTC))
            accounts.set_password(connection, account.id, CHEAP.hash(PASSWORD))

    async def signed_in(self, page: Page, name: str) -> None:
        """Through the sign-in page, with the keyboard."""
        await page.open(f"{self.service.base_url}/console/sign-in")
        await page.run("document.querySelector('#name, input[name=name]').focus()")
        await page.type(name)
        await page.press("Tab")
        await page.type(PASSWORD)
        await page.press("Enter")
        await page.until("location.pathname === '/agent'")

    @asynccontextmanager
    async def caller(self) -> AsyncIterator[Handset]:
        """Somebody rings the service and presses 0 for a person; the call ends with the block."""
        call, over = self.phones.new_call(Script("wants a person", (), called="+442079460100")), asyncio.Event()

        async def talk() -> None:
            assert await call.handset.until(lambda: bool(call.handset.heard.runs), 20)
            call.handset.press("0")
            await over.wait()
            call.handset.hang_up()

        holding = asyncio.create_task(
            self.phones.hold(call, talk, Feed(call.clock, lambda entry: None), limit_seconds=120)
        )
        try:
            yield call.handset
        finally:
            over.set()
            await holding

    def looked(self) -> list[str]:
        """The actions in the access log."""
        kept = self.service.house.kept
        assert kept is not None
        with kept.records.database.reading() as connection:
            return [line.action for line in access_log.shown(connection, most=100)]

    def asks_to_be_called(self) -> None:
        """Somebody has asked for a callback in the conversation that was the first of the day."""
        kept = self.service.house.kept
        assert kept is not None
        with kept.records.database.reading() as connection:
            row = conversation_page(connection, Wanted()).rows[-1]
        now = datetime.now(UTC)
        about, until = "lampen kom aldri fram", now + timedelta(hours=1)
        kept.records.ledger.note(
            CallbackAsked(row.id, new_id(), CUSTOMER, about, "nb", "customer_service", None, until, now)
        )


@pytest.fixture
async def day(models: ModelStore, tmp_path: Path) -> AsyncIterator[Day]:
    config = test_config()
    assert config.twilio is not None
    network = Network(config.twilio.account_sid, config.twilio.auth_tokens[0], PUBLIC_URL, "http://127.0.0.1:1")
    rang: list[str] = []

    async def listens(handset: Handset) -> None:
        await handset.until(lambda: False, 60)

    def rings(number: str) -> Ringing:
        rang.append(number)
        return Ringing("answered", 30.0, listens)

    async with PhoneNetwork(network, callee=rings) as phones, RestDouble(phones) as rest:
        config = replace(
            config,
            twilio=replace(config.twilio, api_url=rest.url),
            records=replace(config.records, folder=tmp_path / "records"),
        )
        async with serving(config, bot=with_agents(tmp_path / "bot"), keep=True) as service:
            phones.network = service.network
            yield Day(service, phones, rang)


async def test_the_whole_day(day: Day, shot: Shot) -> None:
    """One after the other, as a day goes: starting the service once is most of what this takes."""
    for name, language in (("ada", "nb"), ("bo", "nn")):
        day.account(name, language)
    address = day.service.base_url
    async with open_page(f"{address}/privacy", language="nb-NO") as ada:
        await ada.size(1280, 900)
        await day.signed_in(ada, "ada")
        await shot(ada, "01-desk")
        async with open_page(f"{address}/try", language="nb-NO", microphone=False) as customer:
            await a_customer_who_types(ada, customer, shot)
        await writes_it_down(ada, shot)
        async with open_page(f"{address}/privacy", language="nn-NO") as bo:
            await bo.size(390, 844, mobile=True)
            await day.signed_in(bo, "bo")
            winner, loser = await two_want_the_same_call(day, ada, bo, shot)
            assert loser is not None
            await nobody_is_rung_who_is_away(day, winner, loser, shot)
        day.asks_to_be_called()
        await calls_back(ada, shot)
        # The browser itself tells of an answer that says "somebody was quicker".
        assert [one for one in ada.complaints if "409" not in one] == []
    looked = day.looked()
    assert looked.count("conversation.live") >= 3, "every agent who opened a caller"
    assert {"callback.read", "sign_in"} <= set(looked)


async def a_customer_who_types(ada: Page, customer: Page, shot: Shot) -> None:
    await customer.click("#start-typing")
    await customer.until("document.querySelectorAll('#transcript li').length > 0")
    await says(customer, "jeg vil snakke med et menneske")
    await ada.until("document.title.startsWith('(1)')")
    await shot(ada, "02-somebody-waits")
    await ada.press("j")
    await ada.press("Enter")
    await ada.until("location.pathname.startsWith('/agent/calls/')")
    await shot(ada, "03-opened")
    await ada.press("a")
    await ada.until("!document.querySelector('#type').closest('[hidden]')")
    await ada.press("b")
    await ada.type("Hei, dette er Ada. Hva gjelder det?")
    await ada.press("Enter")
    await customer.until("document.querySelector('#transcript').innerText.includes('dette er Ada')")
    await says(customer, "lampen min kom aldri fram")
    await ada.until("document.querySelector('#words').innerText.includes('lampen min')")
    await shot(ada, "04-writing")
    await shot(customer, "05-customer")
    await ada.run("document.querySelector('form[action$=hand-back] button').focus()")
    await ada.press("Enter")
    await customer.until("!document.querySelector('#status-words').innerText.includes('menneske')")
    await says(customer, "når åpner dere")
    await customer.until("document.querySelector('#transcript').lastElementChild.innerText.length > 5")
    await shot(customer, "06-the-bot-again")
    await shot(ada, "07-handed-back")


async def says(customer: Page, words: str) -> None:
    await customer.run("document.querySelector('#words').focus()")
    await customer.type(words)
    await customer.press("Enter")


async def writes_it_down(agent: Page, shot: Shot, outcome: str = "follow_up") -> None:
    """From the desk to the form of the first wrap-up there is, and save it, with the keyboard alone."""
    await agent.until("!document.querySelector('#wrap-ups').hidden")
    await agent.run("document.querySelector('#wrap-ups a').focus()")
    await agent.press("Enter")
    await agent.until("location.pathname === '/agent/wrap-up'")
    await shot(agent, "08-wrap-ups")
    await agent.run("document.querySelector('main .card').focus()")
    await agent.press("Enter")
    await agent.until("document.querySelector('textarea[name=note]')")
    await agent.run(f"document.querySelector('input[value={outcome}]').focus()")
    await agent.press(" ")
    await agent.run("document.querySelector('textarea[name=note]').focus()")
    await agent.type("Sender ny lampe i morgen.")
    await shot(agent, "09-wrap-up")
    await agent.press("Tab")
    await agent.press("Enter")
    await agent.until("document.querySelector('[role=status].good')")
    await shot(agent, "10-saved")
    await agent.open(await agent.run("new URL('/agent', location).href"))


async def two_want_the_same_call(day: Day, ada: Page, bo: Page, shot: Shot) -> tuple[Page, Page]:
    """Both see who waits; Ada has the bot say something; both press "accept" at once. Who got the call, and who not."""
    async with day.caller():
        for agent in (ada, bo):
            await agent.until("document.querySelector('#waiting a.caller')")
            await agent.run("document.querySelector('#waiting a.caller').click()")
            await agent.until("document.querySelector('#do-accept') && document.querySelector('#brief dl')")
        await shot(ada, "11-brief")
        await shot(bo, "12-brief-on-a-phone")
        await ada.press("b")
        await ada.type("Ada er der om et halvt minutt.")
        await ada.press("Enter")
        await ada.until("document.querySelector('#words').innerText.includes('halvt minutt')")
        await shot(ada, "13-note-said")
        await ada.run("document.activeElement.blur()")
        for agent in (ada, bo):
            await agent.run("document.querySelector('#told').textContent = ''")
        await asyncio.gather(*(agent.run("document.querySelector('#do-accept').click()") for agent in (ada, bo)))
        for agent in (ada, bo):
            await agent.until("document.querySelector('#told').innerText")
        told = [await agent.text("#told") for agent in (ada, bo)]
        await shot(ada, "14-accept-ada")
        await shot(bo, "15-accept-bo")
    got = [text in ("Samtalen er din.", "Samtalen er din no.") for text in told]
    assert sorted(got) == [False, True], told
    assert await (bo if got[0] else ada).run(SEEN), "who was too late sees it without looking for it"
    return (ada, bo) if got[0] else (bo, ada)


async def nobody_is_rung_who_is_away(day: Day, free: Page, away: Page, shot: Shot) -> None:
    for agent, status in ((away, "away"), (free, "free")):
        await agent.open(await agent.run("new URL('/agent', location).href"))
        await agent.run(f"document.querySelector('.status button[value={status}]').focus()")
        await agent.press("Enter")
        await agent.until(f"document.querySelector('.status button[value={status}]').ariaPressed === 'true'")
    before = len(day.rang)
    async with day.caller():
        await free.until("document.querySelector('#waiting a.caller')")
        await free.run("document.querySelector('#waiting a.caller').click()")
        await free.until("document.querySelector('#declining') && !document.querySelector('#declining').hidden")
        await free.press("d")
        await shot(free, "16-declining")
        await free.press("Enter")
        await free.until("!document.querySelector('#waiting a.caller')")
        await shot(free, "17-declined")
    assert len(set(day.rang[before:])) <= 1, "the other one is away"


async def calls_back(ada: Page, shot: Shot) -> None:
    await ada.open(await ada.run("new URL('/agent/callbacks', location).href"))
    await ada.until("document.querySelector('#take-next')")
    await shot(ada, "18-callbacks")
    await ada.run("document.querySelector('#take-next').focus()")
    await ada.press("Enter")
    await ada.until("document.querySelector('a[href^=tel]')")
    await shot(ada, "19-callback")
    await ada.run("document.querySelector('input[value=done]').focus()")
    await ada.press(" ")
    await ada.run("document.querySelector('form[action$=settle] button.primary').focus()")
    await ada.press("Enter")
    await ada.until("location.pathname === '/agent/callbacks' && document.querySelector('.empty')")
    await shot(ada, "20-all-done")
    await ada.open(await ada.run("new URL('/agent/me', location).href"))
    await shot(ada, "21-me")
