"""Signing in through a real provider, and everything that can come back from one that is not what it should be."""

import asyncio
import base64
import hmac
import json
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.browser import chromium, open_page
from tests.node import node_package
from tests.voicebot.web.conftest import CHEAP, PASSWORD, Clock, Console, Kept, sign_in
from voicebot.config_web import OidcConfig, WebConfig
from voicebot.web.parts import WebParts
from voicebot.web.permissions import Role
from voicebot.web.rendering import Pages
from voicebot.web.router import add_web
from voicebot.web.sign_in import accounts
from voicebot.web.sign_in.oidc import Provider
from voicebot.web.sign_in.passwords import Passwords

CALLBACK = "/console/oidc/callback"
ROLES = {"advisors": frozenset({Role.AGENT}), "officers": frozenset({Role.PRIVACY, Role.ANALYST})}


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    """Where the console listens in the test with a browser: the provider has to know the address beforehand."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening


@pytest.fixture(scope="module")
def issuer(listener: socket.socket) -> Iterator[str]:
    """The address of a real provider."""
    uris = [f"http://127.0.0.1{CALLBACK}", f"{address_of(listener)}{CALLBACK}"]
    program = Path(__file__).parent / "provider.mjs"
    with subprocess.Popen(
        ["node", str(program), str(node_package("oidc-provider")), *uris],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def address_of(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def oidc(issuer: str) -> OidcConfig:
    return OidcConfig(issuer, "voicebot", "sec/ret+ =%", "Firmapålogging", "openid profile", "groups", ROLES)


def console_with(kept: Kept, web_config: WebConfig, provider: Provider) -> Console:
    clock = Clock()
    config = replace(web_config, oidc=provider.config)
    parts = WebParts(config, kept, Pages("Nordlys"), now=clock, passwords=Passwords(CHEAP))
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_web(app, parts, provider)
    return Console(app, kept, clock, parts)


async def approve(address: str, login: str) -> str:
    """Sign in at the provider and agree, as its pages ask; the address the browser is sent back to."""
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(address)
        for _ in range(12):
            if answer.is_redirect:
                onward = str(httpx.URL(str(answer.url)).join(answer.headers["location"]))
                if urlsplit(onward).path == CALLBACK:
                    return onward
                answer = await browser.get(onward)
                continue
            action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert action is not None and prompt is not None, answer.text
            answer = await browser.post(action[1], data={"prompt": prompt[1], "login": login, "password": "any"})
    raise AssertionError("the provider never sent the browser back")


async def test_a_real_provider_signs_people_in_with_the_roles_their_groups_give(
    kept: Kept, web_config: WebConfig, issuer: str
) -> None:
    console = console_with(kept, web_config, Provider(oidc(issuer)))
    async with console.browser() as browser:
        away = await browser.get("/console/oidc?next=/console/account")
        asked = parse_qs(urlsplit(away.headers["location"]).query)
        assert asked["code_challenge_method"] == ["S256"]
        back = await approve(away.headers["location"], "ola")
        arrived = await browser.get(back)
        assert (arrived.status_code, arrived.headers["location"]) == (303, "../../console/account")
        assert "privacy officer" in (await browser.get("/console/account")).text
        replayed = await browser.get(back)
        assert replayed.status_code == 401, "state and code are good once"
    async with console.browser() as browser:
        away = await browser.get("/console/oidc")
        back = await approve(away.headers["location"], "stranger")
        refused = await browser.get(back)
        assert refused.status_code == 403
        assert "no role here" in refused.text
    with kept.database.reading() as connection:
        assert [(one.name, one.through) for one in accounts.listed(connection)] == [("ola", "oidc")]


@pytest.mark.skipif(chromium() is None, reason="no chromium: apt install chromium")
async def test_a_real_browser_goes_there_and_comes_back_signed_in(
    kept: Kept, web_config: WebConfig, issuer: str, listener: socket.socket
) -> None:
    console = console_with(kept, web_config, Provider(oidc(issuer)))
    server = uvicorn.Server(uvicorn.Config(console.app, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with open_page(f"{address_of(listener)}/console/sign-in", language="nb-NO") as page:
            await page.click("a.button.primary")
            await page.until("document.querySelector('input[name=login]') !== null")
            await page.click("input[name=login]")
            await page.type("kari")
            await page.click("input[name=password]")
            await page.type("whatever")
            await page.press("Enter")
            await page.until("document.querySelector('input[name=prompt][value=consent]') !== null")
            await page.click("button[type=submit]")
            await page.until("location.pathname === '/console' && document.readyState === 'complete'")
            assert "kundebehandler" in await page.text("main")
            await page.click(".self button")
            await page.until("location.pathname === '/console/sign-in' && document.readyState === 'complete'")
            assert "Logg inn" in await page.text("main"), "the browser sent the form as one of ours"
            assert [one for one in page.complaints if address_of(listener) in one] == []
    finally:
        server.should_exit = True
        await serving


# A provider that lies, as a function.

KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "two", "use": "sig", "alg": "RS256"})
HOUSE = "https://id.example.com"
Lie = Callable[[dict[str, Any]], dict[str, Any]]


class Liar:
    """Answers as a provider does, but for what the test changes."""

    def __init__(self, claims: Lie = dict, key: RSAKey = KEY, published: RSAKey = KEY) -> None:
        self.lie, self.key, self.published = claims, key, published
        self.nonce = ""
        self.forge: Callable[[Liar], str] = Liar.signed
        self.down = False
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.down:
            raise httpx.ConnectError("no route")
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx.Response(
                    200,
                    json={
                        "issuer": HOUSE,
                        "authorization_endpoint": f"{HOUSE}/auth",
                        "token_endpoint": f"{HOUSE}/token",
                        "jwks_uri": f"{HOUSE}/keys",
                    },
                )
            case "/keys":
                return httpx.Response(200, json=KeySet([self.published]).as_dict(private=False))
            case "/token":
                return httpx.Response(200, json={"id_token": self.forge(self), "access_token": "a"})
        return httpx.Response(404)

    def signed(self) -> str:
        now = int(time.time())
        claims = {"iss": HOUSE, "sub": "7", "aud": "voicebot", "iat": now, "exp": now + 300, "nonce": self.nonce}
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, self.lie({**claims, "groups": ["advisors"]}), self.key)


async def come_back(console: Console, liar: Liar, browser: httpx.AsyncClient, **changed: str) -> httpx.Response:
    away = await browser.get("/console/oidc")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away.headers["location"]).query).items()}
    liar.nonce = asked["nonce"]
    return await browser.get(CALLBACK, params={"code": "c", "state": asked["state"], **changed})


def changed(**values: Any) -> Lie:
    return lambda claims: {**claims, **values}


def without(name: str) -> Lie:
    return lambda claims: {key: value for key, value in claims.items() if key != name}


@pytest.mark.parametrize(
    ("lie", "status"),
    [
        pytest.param(dict, 303, id="the truth"),
        pytest.param(lambda claims: {**claims, "exp": claims["iat"] - 30}, 303, id="a clock half a minute behind"),
        pytest.param(lambda claims: {**claims, "exp": claims["iat"] - 90}, 401, id="expired"),
        pytest.param(changed(nonce="another"), 401, id="another nonce"),
        pytest.param(without("nonce"), 401, id="no nonce"),
        pytest.param(changed(aud="somebody-else"), 401, id="another audience"),
        pytest.param(changed(aud=["voicebot", "other"]), 401, id="two audiences and no authorised party"),
        pytest.param(changed(azp="other"), 401, id="another authorised party"),
        pytest.param(changed(iss="https://evil.example.com"), 401, id="another issuer"),
        pytest.param(without("sub"), 401, id="nobody"),
        pytest.param(changed(sub=7), 401, id="a subject that is no text"),
        pytest.param(changed(groups=[]), 403, id="no group"),
        pytest.param(changed(groups={"advisors": True}), 403, id="groups of another shape"),
    ],
)
async def test_only_a_token_that_is_right_in_every_point_signs_in(
    kept: Kept, web_config: WebConfig, lie: Lie, status: int
) -> None:
    liar = Liar(lie)
    console = console_with(kept, web_config, Provider(oidc(HOUSE), httpx.MockTransport(liar)))
    async with console.browser() as browser:
        assert (await come_back(console, liar, browser)).status_code == status
        assert (await browser.get("/console")).status_code == (200 if status == 303 else 303)


async def test_an_answer_for_another_browser_is_refused(kept: Kept, web_config: WebConfig) -> None:
    liar = Liar()
    console = console_with(kept, web_config, Provider(oidc(HOUSE), httpx.MockTransport(liar)))
    async with console.browser() as browser, console.browser() as victim:
        assert (await come_back(console, liar, browser, state="another")).status_code == 401
        assert (await come_back(console, liar, browser, iss="https://evil.example.com")).status_code == 401
        assert (await come_back(console, liar, browser, error="access_denied")).status_code == 401
        away = await browser.get("/console/oidc")
        state = parse_qs(urlsplit(away.headers["location"]).query)["state"][0]
        assert (await victim.get(CALLBACK, params={"code": "c", "state": state})).status_code == 401
        console.clock.on(minutes=11)
        assert (await browser.get(CALLBACK, params={"code": "c", "state": state})).status_code == 401
    assert liar.asked.count("/token") == 0


def _token(liar: Liar, header: dict[str, str], sign: Callable[[bytes], bytes]) -> str:
    """A token whose claims are right in every point."""
    signed = liar.signed().split(".")
    start = f"{_base64(json.dumps(header).encode())}.{signed[1]}"
    return f"{start}.{_base64(sign(start.encode()))}"


def _base64(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def unsigned(liar: Liar) -> str:
    return _token(liar, {"alg": "none"}, lambda start: b"")


def keyed_with_the_public_key(liar: Liar) -> str:
    public = KEY.as_pem(private=False)
    return _token(liar, {"alg": "HS256", "kid": "one"}, lambda start: hmac.digest(public, start, "sha256"))


def signed_by_another(liar: Liar) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, jwt.decode(liar.signed(), KEY).claims, OTHER_KEY)


@pytest.mark.parametrize("forge", [unsigned, keyed_with_the_public_key, signed_by_another, lambda liar: "no.token.x"])
async def test_a_token_without_the_provider_s_signature_is_worth_nothing(
    kept: Kept, web_config: WebConfig, forge: Callable[[Liar], str]
) -> None:
    liar = Liar()
    liar.forge = forge
    console = console_with(kept, web_config, Provider(oidc(HOUSE), httpx.MockTransport(liar)))
    async with console.browser() as browser:
        assert (await come_back(console, liar, browser)).status_code == 401


async def test_new_keys_of_the_provider_are_fetched_once_and_not_for_every_stranger(
    kept: Kept, web_config: WebConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    liar = Liar()
    console = console_with(kept, web_config, Provider(oidc(HOUSE), httpx.MockTransport(liar)))
    later = time.monotonic()
    async with console.browser() as browser:
        assert (await come_back(console, liar, browser)).status_code == 303
        liar.key = liar.published = OTHER_KEY
        monkeypatch.setattr("voicebot.web.sign_in.oidc.time.monotonic", lambda: later + 31)
        assert (await come_back(console, liar, browser)).status_code == 303
        liar.key = RSAKey.generate_key(2048, {"kid": "three"})
        for _ in range(3):
            assert (await come_back(console, liar, browser)).status_code == 401
    assert liar.asked.count("/keys") == 2


async def test_with_the_provider_down_local_accounts_still_work(kept: Kept, web_config: WebConfig) -> None:
    liar = Liar()
    liar.down = True
    console = console_with(kept, web_config, Provider(oidc(HOUSE), httpx.MockTransport(liar)))
    console.ready_account("kari", Role.ANALYST)
    async with console.browser() as browser:
        away = await browser.get("/console/oidc")
        assert away.status_code == 503
        assert "There is no answer from Firmapålogging now" in away.text
        assert (await sign_in(browser, "kari", PASSWORD)).status_code == 303


async def test_roles_taken_away_there_are_gone_here_at_the_next_sign_in(kept: Kept, web_config: WebConfig) -> None:
    liar = Liar()
    console = console_with(kept, web_config, Provider(oidc(HOUSE), httpx.MockTransport(liar)))
    async with console.browser() as first, console.browser() as second:
        await come_back(console, liar, first)
        liar.lie = changed(groups=["officers"])
        await come_back(console, liar, second)
        assert (await first.get("/console")).status_code == 303, "the session with the old roles is over"
        assert "privacy officer" in (await second.get("/console")).text
