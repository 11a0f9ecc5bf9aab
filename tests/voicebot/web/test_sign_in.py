"""Signing in as people do it, and as people do it who should not get in."""

import httpx
import pyotp
import pytest

from tests.voicebot.web.conftest import PASSWORD, Console, enrol, post, sign_in
from voicebot.records.access_log import shown
from voicebot.web.permissions import Role
from voicebot.web.sign_in import accounts


async def test_a_new_account_begins_with_its_code_and_chooses_a_password(
    console: Console, browser: httpx.AsyncClient
) -> None:
    code = console.account("kari", Role.ANALYST)
    begin = {"name": "Kari", "code": code.lower(), "password": PASSWORD, "again": PASSWORD}
    started = await post(browser, "/console/begin", "/console/begin", **begin)
    assert started.status_code == 303
    home = await browser.get("/console")
    assert home.status_code == 200
    assert "kari" in home.text
    assert "Statistics" in home.text
    assert "Access log" not in home.text
    async with console.browser() as other:
        again = await post(other, "/console/begin", "/console/begin", **begin)
        assert again.status_code == 401, "the code works once"
        assert (await sign_in(other, "kari")).status_code == 303
    with console.kept.database.reading() as connection:
        assert [line.action for line in shown(connection, actor="kari")] == ["sign_in", "sign_in"]


@pytest.mark.parametrize("late", [False, True])
async def test_a_code_is_good_for_three_days(console: Console, browser: httpx.AsyncClient, late: bool) -> None:
    code = console.account("kari", Role.ANALYST)
    console.clock.on(hours=72 if late else 71)
    form = {"name": "kari", "code": code, "password": PASSWORD, "again": PASSWORD}
    started = await post(browser, "/console/begin", "/console/begin", **form)
    assert started.status_code == (401 if late else 303)


@pytest.mark.parametrize("role", [Role.PRIVACY, Role.ADMIN])
async def test_who_can_erase_or_make_accounts_needs_a_second_factor(
    console: Console, browser: httpx.AsyncClient, role: Role
) -> None:
    console.ready_account("ola", role)
    first = await sign_in(browser, "ola")
    assert first.headers["location"].endswith("console/sign-in/second-factor")
    assert (await browser.get("/console")).status_code == 303, "half a sign-in opens nothing"
    key, recovery = await enrol(browser, console.clock)
    assert len(set(recovery)) == 10
    assert (await browser.get("/console")).status_code == 200

    async with console.browser() as other:
        assert (await sign_in(other, "ola")).headers["location"].endswith("console/sign-in/code")
        assert (await other.get("/console")).status_code == 303
        used = pyotp.TOTP(key).at(console.clock.now)
        refused = await post(other, "/console/sign-in/code", "/console/sign-in/code", code=used)
        assert refused.status_code == 401, "the code that set it up is used up"
        console.clock.on(seconds=30)
        good = pyotp.TOTP(key).at(console.clock.now)
        assert (await post(other, "/console/sign-in/code", "/console/sign-in/code", code=good)).status_code == 303
        assert (await other.get("/console")).status_code == 200

    for expected in (303, 401):  # a recovery code works once
        async with console.browser() as other:
            await sign_in(other, "ola")
            path = "/console/sign-in/code"
            assert (await post(other, path, path, code=recovery[3].lower())).status_code == expected


async def test_an_unknown_name_gets_the_same_answer_and_the_same_pauses(console: Console) -> None:
    console.ready_account("kari", Role.ANALYST)
    answers = {}
    for name in ("kari", "nobody"):
        async with console.browser() as browser:
            answers[name] = [await sign_in(browser, name, "wrong wrong wrong") for _ in range(7)]
    known, unknown = answers["kari"], answers["nobody"]
    assert [answer.status_code for answer in known] == [401] * 5 + [429] * 2
    assert [answer.status_code for answer in unknown] == [answer.status_code for answer in known]
    for one, other in zip(known, unknown, strict=True):
        assert _plain(one, "kari") == _plain(other, "nobody")
        assert set(one.headers) == set(other.headers)


def _plain(answer: httpx.Response, name: str) -> str:
    token = answer.request.content.decode().partition("csrf=")[2].partition("&")[0]
    return answer.text.replace(name, "NAME").replace(token, "TOKEN")


async def test_a_pause_holds_even_for_the_right_password_and_grows(
    console: Console, browser: httpx.AsyncClient
) -> None:
    console.ready_account("kari", Role.ANALYST)
    for _ in range(5):
        await sign_in(browser, "kari", "wrong wrong wrong")
    assert (await sign_in(browser, "kari")).status_code == 429
    console.clock.on(seconds=31)
    assert (await sign_in(browser, "kari", "wrong wrong wrong")).status_code == 401
    console.clock.on(seconds=31)
    assert (await sign_in(browser, "kari")).status_code == 429, "the second pause is twice as long"
    console.clock.on(seconds=30)
    assert (await sign_in(browser, "kari")).status_code == 303


async def test_one_address_cannot_try_every_name(console: Console, browser: httpx.AsyncClient) -> None:
    statuses = [(await sign_in(browser, f"name{n}", "wrong wrong wrong")).status_code for n in range(22)]
    assert statuses == [401] * 20 + [429] * 2


async def test_a_disabled_account_is_out_at_once_and_stays_out(console: Console, browser: httpx.AsyncClient) -> None:
    console.ready_account("kari", Role.ANALYST)
    await sign_in(browser, "kari")
    assert (await browser.get("/console")).status_code == 200
    with console.kept.database.writing() as connection:
        account = accounts.find(connection, "kari")
        assert account is not None
        accounts.disable(connection, account, console.clock.now)
    assert (await browser.get("/console")).status_code == 303
    assert (await sign_in(browser, "kari")).status_code == 401


async def test_a_session_ends_unused_and_in_any_case(console: Console, browser: httpx.AsyncClient) -> None:
    console.ready_account("kari", Role.ANALYST)
    await sign_in(browser, "kari")
    console.clock.on(minutes=29)
    assert (await browser.get("/console")).status_code == 200
    console.clock.on(minutes=31)
    assert (await browser.get("/console")).status_code == 303
    await sign_in(browser, "kari")
    for _ in range(24):
        console.clock.on(minutes=25)
        last = await browser.get("/console")
    assert last.status_code == 303, "ten hours are over, used or not"


async def test_signing_out_everywhere_leaves_no_session(console: Console, browser: httpx.AsyncClient) -> None:
    console.ready_account("kari", Role.ANALYST)
    async with console.browser() as other:
        for one in (browser, other):
            await sign_in(one, "kari")
        ended = await post(browser, "/console/account", "/console/account/sessions", session="all")
        assert ended.status_code == 303
        for one in (browser, other):
            assert (await one.get("/console")).status_code == 303


async def test_a_new_password_ends_the_other_sessions(console: Console, browser: httpx.AsyncClient) -> None:
    console.ready_account("kari", Role.ANALYST)
    new = "sju sinte sild svømmer"
    async with console.browser() as other:
        for one in (browser, other):
            await sign_in(one, "kari")
        path = "/console/account"
        refused = await post(browser, path, f"{path}/password", old="not this one", password=new, again=new)
        same = await post(browser, path, f"{path}/password", old=PASSWORD, password=PASSWORD, again=PASSWORD)
        assert (refused.status_code, same.status_code) == (422, 422)
        changed = await post(browser, path, f"{path}/password", old=PASSWORD, password=new, again=new)
        assert changed.status_code == 303
        assert (await browser.get("/console")).status_code == 200
        assert (await other.get("/console")).status_code == 303
        assert (await sign_in(other, "kari")).status_code == 401
        assert (await sign_in(other, "kari", new)).status_code == 303
