"""The page for callers: facts for everybody, and what is kept of a number for who reads its text messages."""

import io
import re
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from dialog.records_rules import RecordingRules
from telephony.errors import TelephonyError
from tests.voicebot.records.talks import MORNING, NUMBER, Said, Talks, small_bot, with_people
from tests.voicebot.web.conftest import Clock, Kept, form_token
from voicebot.config import RecordsConfig, load_config
from voicebot.identity.codes import CodeBook, Codes
from voicebot.records import access_log
from voicebot.records.schema import conversations
from voicebot.web.parts import WebParts
from voicebot.web.rendering import Pages
from voicebot.web.router import add_web

STRANGER = "+4798765432"


@dataclass
class Desk:
    """The page, and the text messages it sends."""

    app: FastAPI
    kept: Kept
    clock: Clock
    sent: list[tuple[str, str]] = field(default_factory=list)
    broken: bool = False

    async def deliver(self, number: str, text: str) -> None:
        if self.broken:
            raise TelephonyError("planned")
        self.sent.append((number, text))

    def browser(self, language: str = "nb") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=True)
        return httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers={"accept-language": language}
        )

    def talks(self) -> int:
        with self.kept.database.reading() as connection:
            return len(connection.execute(conversations.select()).all())


@pytest.fixture
def desk(kept: Kept, tmp_path: Path) -> Desk:
    config = load_config(environ={})
    config = replace(config, records=RecordsConfig(tmp_path / "records", "", (), None, None))
    bot, clock, app = small_bot(), Clock(MORNING), FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    with kept.database.writing() as connection:
        talks = Talks(connection, kept.vault, bot)
        talks.talk(Said("når åpner dere"))
        talks.talk(Said("hvor er pakken"), number="+4741000000")
    desk = Desk(app, kept, clock)
    codes = Codes(CodeBook(), desk.deliver, lambda language, code: code)
    add_web(app, WebParts(config.web, kept, Pages(bot.name), bot, now=clock, settings=config, codes=codes))
    return desk


@pytest.fixture
async def anne(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with desk.browser() as browser:
        yield browser


async def ask(browser: httpx.AsyncClient, number: str) -> httpx.Response:
    """Ask for a code."""
    token = form_token((await browser.get("/privacy")).text)
    return await browser.post("/privacy/code", data={"csrf": token, "number": number})


async def show(browser: httpx.AsyncClient, number: str, code: str) -> httpx.Response:
    """Hand in the code."""
    token = form_token((await browser.get("/privacy")).text)
    return await browser.post("/privacy/mine", data={"csrf": token, "number": number, "code": code})


def proof(page: httpx.Response) -> dict[str, str]:
    found = re.search(r'name="proof" value="([^"]+)"', page.text)
    assert found is not None
    return {"csrf": form_token(page.text), "number": NUMBER, "proof": found[1]}


async def test_that_colleagues_take_over_is_told_where_they_do(desk: Desk, kept: Kept, anne: httpx.AsyncClient) -> None:
    told = ("En kollega som tar over", "Vil du bli ringt opp", "karakter fra 1 til 5")
    alone = (await anne.get("/privacy")).text
    assert not any(words in alone for words in told)
    bot, config = with_people(small_bot()), load_config(environ={})
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_web(app, WebParts(config.web, kept, Pages(bot.name), bot, now=desk.clock, settings=config))
    for language in ("nb", "nn", "en", "uk"):
        async with replace(desk, app=app).browser(language) as browser:
            page = (await browser.get("/privacy")).text
            assert not re.search(r"[{}]|Undefined", page)
            assert language != "nb" or all(words in page for words in told)


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("nb-NO", "Hva vet dere om meg?"),
        ("nn", "Kva veit de om meg?"),
        ("en-GB", "What do you know about me?"),
        ("uk", "Що ви знаєте про мене?"),
        ("fr", "Hva vet dere om meg?"),
    ],
)
async def test_the_facts_are_told_in_the_reader_s_language(desk: Desk, language: str, title: str) -> None:
    async with desk.browser(language) as browser:
        page = await browser.get("/privacy")
        assert title in page.text
        assert not re.search(r"[{}]|Undefined", page.text)
        assert "What do you know about me?" in (await browser.get("/privacy?language=en")).text


async def test_the_facts_are_those_of_the_bot(kept: Kept) -> None:
    config, bot = load_config(environ={}), small_bot()
    recording = RecordingRules({"nb": "å lære opp nye kolleger."}, {}, "1")
    rules = replace(bot.records, keep="facts", recording=recording, days={**bot.records.days, "conversations": 17})
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_web(app, WebParts(config.web, None, Pages(bot.name), replace(bot, records=rules)))
    async with Desk(app, kept, Clock()).browser() as browser:
        page = (await browser.get("/privacy")).text
        assert "å lære opp nye kolleger." in page
        assert "Vi lagrer ikke hva du sier" in page
        assert "17 dager" in page
        assert "<form" not in page, "no text messages, no question"
        token = {"csrf": browser.cookies["voicebot-form"]}
        assert (await browser.post("/privacy/code", data={**token, "number": NUMBER})).status_code == 404


async def test_who_reads_the_code_sees_what_is_kept_gets_it_and_erases_it(desk: Desk, anne: httpx.AsyncClient) -> None:
    await ask(anne, "922 43 711")
    assert [number for number, _ in desk.sent] == [NUMBER]
    mine = await show(anne, NUMBER, desk.sent[0][1])
    assert "når åpner dere" in mine.text
    assert "hvor er pakken" not in mine.text
    file = await anne.post("/privacy/mine/download", data=proof(mine))
    assert {"readable.md", "data.json"} <= set(zipfile.ZipFile(io.BytesIO(file.content)).namelist())
    wrong = await anne.post("/privacy/mine/erase", data={**proof(mine), "confirm": "nei"})
    assert "Ingenting er slettet" in wrong.text
    assert desk.talks() == 2
    done = await anne.post("/privacy/mine/erase", data={**proof(wrong), "confirm": "SLETT"})
    assert "Vi har kontrollert det" in done.text
    assert desk.talks() == 1
    with desk.kept.database.reading() as connection:
        lines = access_log.shown(connection)
    assert {(line.actor, line.subject) for line in lines} == {("caller", lines[0].subject)}
    assert NUMBER[3:] not in repr(lines)


async def test_nobody_learns_whether_a_number_is_known(desk: Desk, anne: httpx.AsyncClient) -> None:
    answers = [await ask(anne, number) for number in (NUMBER, STRANGER)]
    plain = [re.sub(r'value="[^"]*"', "", answer.text) for answer in answers]
    assert plain[0] == plain[1]
    assert [number for number, _ in desk.sent] == [NUMBER, STRANGER]
    wrong = [await show(anne, number, "000000x") for number in (NUMBER, STRANGER)]
    assert re.sub(r'value="[^"]*"', "", wrong[0].text) == re.sub(r'value="[^"]*"', "", wrong[1].text)
    assert desk.talks() == 2


async def test_a_code_holds_for_the_browser_that_asked_and_a_proof_for_its_number_and_ten_minutes(
    desk: Desk, anne: httpx.AsyncClient
) -> None:
    await ask(anne, NUMBER)
    async with desk.browser() as other:
        assert "når åpner dere" not in (await show(other, NUMBER, desk.sent[0][1])).text
        mine = await show(anne, NUMBER, desk.sent[0][1])
        stolen = {**proof(mine), "csrf": form_token((await other.get("/privacy")).text)}
        assert (await other.post("/privacy/mine/download", data=stolen)).status_code == 403
    for changed in ({"number": "+4741000000"}, {"proof": "9999999999:" + "0" * 64}, {"proof": "x"}):
        assert (await anne.post("/privacy/mine/download", data={**proof(mine), **changed})).status_code == 403
    desk.clock.on(minutes=11)
    assert (await anne.post("/privacy/mine/erase", data={**proof(mine), "confirm": "slett"})).status_code == 403
    assert desk.talks() == 2


async def test_what_cannot_be_sent_is_said_in_plain_words(desk: Desk, anne: httpx.AsyncClient) -> None:
    assert "ikke et telefonnummer" in (await ask(anne, "hei")).text
    assert "kan ikke ta imot SMS" in (await ask(anne, "22 33 44 55")).text
    desk.broken = True
    assert "kunne ikke sendes" in (await ask(anne, NUMBER)).text
    desk.broken = False
    told = [(await ask(anne, f"+479876543{n}")).status_code for n in range(5)]
    assert told == [200, 200, 200, 200, 422], "five an hour from one address, the one that failed counted"
    assert len(desk.sent) == 4


async def test_nothing_happens_without_the_form_s_own_token(desk: Desk, anne: httpx.AsyncClient) -> None:
    for path in ("/privacy/code", "/privacy/mine", "/privacy/mine/download", "/privacy/mine/erase"):
        assert (await anne.post(path, data={"number": NUMBER, "confirm": "slett"})).status_code == 403
    assert desk.sent == []
