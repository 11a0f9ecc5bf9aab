"""The doors themselves: headers, cookies, where a sign-in may lead, what an error page tells, and passwords."""

import asyncio
import string
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from dialog import Engine
from tests.serving import test_config
from tests.voicebot.web.conftest import CHEAP, PASSWORD, Console, Kept, enrol, form_token, post, sign_in
from voicebot.app import build_app
from voicebot.config_web import WebConfig
from voicebot.house import House
from voicebot.web.links import HOME, safe_next
from voicebot.web.parts import WebParts
from voicebot.web.permissions import Role
from voicebot.web.rendering import Pages
from voicebot.web.router import add_web
from voicebot.web.sign_in.arriving import device_of
from voicebot.web.sign_in.passwords import Passwords, weakness
from voicebot.web.texts import LANGUAGES, load_texts, pick_language

ALWAYS = ("content-security-policy", "x-content-type-options", "referrer-policy", "permissions-policy", "cache-control")


async def test_every_answer_says_what_a_browser_may_do_with_it(engine: Engine) -> None:
    config = test_config()
    app, _ = build_app(config, House(config, engine.bot, engine))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        paths = (
            *("/", "/try", "/try/assets/main.js", "/healthz", "/metrics", "/console"),
            *("/console/static/console.css", "/nothing", "/console/nothing", "/twilio/voice"),
        )
        answers = [await client.get(path) for path in paths]
    for answer in answers:
        assert [name for name in ALWAYS if name not in answer.headers] == [], answer.url
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["strict-transport-security"] == "max-age=31536000", "the configured address is https"
    page = answers[1]
    assert "microphone=(self)" in page.headers["permissions-policy"], "the page /try keeps what it needs"
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert answers[6].headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("headers", "client", "status"),
    [
        ({}, "127.0.0.1", 200),
        ({}, "10.0.0.7", 403),
        ({"x-forwarded-for": "203.0.113.9"}, "127.0.0.1", 403),
        ({"authorization": "Bearer s3cret"}, "10.0.0.7", 200),
        ({"authorization": "Bearer other"}, "10.0.0.7", 403),
    ],
)
async def test_numbers_are_for_this_machine_or_for_the_token(
    engine: Engine, headers: dict[str, str], client: str, status: int
) -> None:
    config = test_config()
    config = replace(config, twilio=None, web=replace(config.web, metrics_token="s3cret"))
    app, _ = build_app(config, House(config, engine.bot, engine))
    transport = httpx.ASGITransport(app, client=(client, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot", headers=headers) as browser:
        assert (await browser.get("/metrics")).status_code == status
        ready = await browser.get("/readyz")
        assert ("trouble" in ready.json()) == (status == 200)


EVIL = (
    "https://evil.example.com", "//evil.example.com", "/\\evil.example.com", "\\\\evil.example.com",
    "javascript:alert(1)",
    "/console/..//evil.example.com", "/console/../../evil", "/console@evil.example.com", "/consolation", "console",
    "/console/%2e%2e/%2e%2e/evil", "/console/%2f%2fevil.example.com",
    "/console/\r\nSet-Cookie: a=b", "/console/sign-out", "/console/oidc/callback?code=1", "/try", "http:///console",
)  # fmt: skip


@pytest.mark.parametrize("wanted", EVIL)
async def test_a_sign_in_leads_nowhere_else(console: Console, browser: httpx.AsyncClient, wanted: str) -> None:
    console.ready_account("kari", Role.ANALYST)
    page = f"/console/sign-in?next={quote(wanted, safe='')}"
    shown = await browser.get(page)
    assert shown.status_code == 200
    arrived = await browser.post(
        "/console/sign-in",
        data={"csrf": form_token(shown.text), "name": "kari", "password": PASSWORD, "next": wanted},
    )
    assert arrived.status_code == 303
    assert _landing(arrived) == "/console"
    assert "a" not in browser.cookies


def _landing(answer: httpx.Response) -> str:
    return httpx.URL(str(answer.request.url)).join(answer.headers["location"]).path


@given(
    st.text(alphabet=string.printable + "æøå\u2044\u200b", max_size=40), st.sampled_from(["", "/console", "/console/"])
)
def test_wherever_a_sign_in_leads_is_a_page_of_the_console(wanted: str, start: str) -> None:
    led = safe_next(start + wanted)
    resolved = urlsplit(str(httpx.URL("https://bot.example.com/console/sign-in").join(led)))
    assert resolved.netloc == "bot.example.com"
    assert resolved.path == HOME or resolved.path.startswith(f"{HOME}/")
    assert safe_next(led) in (led, HOME)


async def test_the_page_that_was_asked_for_comes_after_the_sign_in(
    console: Console, browser: httpx.AsyncClient
) -> None:
    console.ready_account("kari", Role.ANALYST)
    sent = await browser.get("/console/account?done=language")
    page = httpx.URL("http://127.0.0.1/console/account").join(sent.headers["location"])
    shown = await browser.get(page)
    form = {"csrf": form_token(shown.text), "name": "kari", "password": PASSWORD, "next": page.params["next"]}
    arrived = await browser.post("/console/sign-in", data=form)
    assert _landing(arrived) == "/console/account"
    assert "done=language" in arrived.headers["location"]


async def test_a_token_somebody_else_has_planted_is_never_taken_over(
    console: Console, browser: httpx.AsyncClient
) -> None:
    console.ready_account("kari", Role.ANALYST)
    browser.cookies.set("voicebot-session", "planted" * 6)
    await sign_in(browser, "kari")
    given_token = browser.cookies.get("voicebot-session", domain="127.0.0.1")
    assert given_token not in (None, "planted" * 6)
    async with console.browser() as attacker:
        attacker.cookies.set("voicebot-session", "planted" * 6)
        assert (await attacker.get("/console")).status_code == 303


async def test_the_token_changes_at_every_step_and_the_old_one_is_dead(
    console: Console, browser: httpx.AsyncClient
) -> None:
    console.ready_account("ola", Role.ADMIN)
    await sign_in(browser, "ola")
    half_way = browser.cookies["voicebot-session"]
    await enrol(browser, console.clock)
    assert browser.cookies["voicebot-session"] != half_way
    async with console.browser() as other:
        other.cookies.set("voicebot-session", half_way)
        assert (await other.get("/console/sign-in/second-factor")).status_code == 303


@pytest.mark.parametrize(
    ("base", "name", "secure"),
    [("http://127.0.0.1", "voicebot-session", False), ("https://bot.example.com", "__Host-voicebot-session", True)],
)
async def test_the_cookie_is_for_this_host_only_and_not_for_scripts(
    console: Console, base: str, name: str, secure: bool
) -> None:
    console.ready_account("kari", Role.ANALYST)
    transport = httpx.ASGITransport(console.app)
    async with httpx.AsyncClient(transport=transport, base_url=base) as browser:
        arrived = await sign_in(browser, "kari")
    cookie = next(value for value in arrived.headers.get_list("set-cookie") if value.startswith(f"{name}="))
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "path=/", "samesite=lax"} <= parts
    assert ("secure" in parts) == secure
    assert not any(part.startswith(("domain", "max-age", "expires")) for part in parts)


async def test_nobody_types_a_password_into_a_page_that_can_be_read_on_the_way(console: Console) -> None:
    transport = httpx.ASGITransport(console.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.example.com") as browser:
        page = await browser.get("/console/sign-in")
    assert "https" in page.text
    assert "password" not in page.text


async def test_the_stored_session_is_of_no_use_to_who_reads_the_database(
    console: Console, browser: httpx.AsyncClient
) -> None:
    console.ready_account("kari", Role.ANALYST)
    await sign_in(browser, "kari")
    token = browser.cookies["voicebot-session"].encode()
    folder = console.kept.database.file
    assert folder is not None
    assert [path for path in folder.parent.rglob("*") if path.is_file() and token in path.read_bytes()] == []


def faulty(kept: Kept | None, web_config: WebConfig) -> FastAPI:
    """A console with a page that breaks in several ways."""
    router = APIRouter()

    @router.get("/console/broken")
    async def broken() -> None:
        raise RuntimeError("the words of a caller")

    @router.get("/console/away")
    async def away() -> None:
        raise OperationalError("SELECT secret", {}, Exception("host db.internal"))

    @router.get("/console/number/{number}")
    async def number(number: int) -> None:
        return None

    app = FastAPI()
    app.include_router(router)
    add_web(app, WebParts(web_config, kept, Pages("Nordlys"), passwords=Passwords(CHEAP)))
    return app


@pytest.mark.parametrize(
    ("path", "status"),
    [("broken", 500), ("away", 503), ("number/12345678", 200), ("number/abc", 422), ("nothing", 404)],
)
async def test_error_pages_tell_nothing_of_the_machine(
    kept: Kept, web_config: WebConfig, path: str, status: int
) -> None:
    transport = httpx.ASGITransport(faulty(kept, web_config), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as browser:
        answer = await browser.get(f"/console/{path}")
    assert answer.status_code == status
    assert not any(word in answer.text for word in ("caller", "Runtime", "SELECT", "db.internal", "Traceback", "abc"))
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_without_a_store_the_console_says_so(web_config: WebConfig) -> None:
    transport = httpx.ASGITransport(faulty(None, web_config))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as browser:
        for path in ("/console", "/console/sign-in"):
            answer = await browser.get(path)
            assert answer.status_code == 503
            assert "Konsollen er ikke i bruk" in answer.text


async def test_a_switched_off_console_is_not_there(web_config: WebConfig, kept: Kept) -> None:
    app = faulty(kept, replace(web_config, enabled=False))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as browser:
        assert (await browser.get("/console/sign-in")).status_code == 404


async def test_sign_ins_wait_for_one_thread_and_not_without_end(console: Console) -> None:
    async with console.browser() as browser:
        page = await browser.get("/console/sign-in")
        form = {"csrf": form_token(page.text), "password": "wrong wrong wrong"}
        sent = [browser.post("/console/sign-in", data={**form, "name": f"n{number}"}) for number in range(30)]
        statuses = [answer.status_code for answer in await asyncio.gather(*sent)]
        assert set(statuses) <= {401, 429, 503}
        console.clock.on(hours=25)
        console.ready_account("kari", Role.ANALYST)
        assert (await post(browser, "/console/sign-in", "/console/sign-in", name="kari", password=PASSWORD)).is_redirect


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("kort", "short"),
        ("x" * 129, "long"),
        ("passord12345", "common"),
        ("Sommeren2026!", "common"),
        ("velkommenvelkommen", "common"),
        ("Qwertyuiop123", "common"),
        ("123456789012", "common"),
        ("aaaaaaaaaaaaaaaa", "common"),
        ("Nordlys2026!!", "name"),
        ("kari.nordmann1", "name"),
        ("fire fisker flyr forbi", None),
        ("riktig hest batteri stift", None),
        ("V7#kq0!zLm2pX", None),
        ("Ærlig talt, en elg!", None),
    ],
)
def test_passwords_that_are_easy_to_guess_are_refused(password: str, fault: str | None) -> None:
    assert weakness(password, ("kari.nordmann", "Nordlys")) == fault


def test_every_text_is_there_in_every_language() -> None:
    texts = load_texts()
    wanted = _keys(texts["en"])
    for language in LANGUAGES:
        missing = set(wanted) ^ set(found := _keys(texts[language]))
        assert missing == set(), language
        other = {key for key in wanted if found[key] != wanted[key] and not key.endswith(".one")}
        assert other == set(), f"{language}: other places are filled than in English"


def _keys(texts: Mapping[str, Any], prefix: str = "") -> dict[str, list[str]]:
    """Every text by its dotted key, as the sorted names that are filled into it."""
    found: dict[str, list[str]] = {}
    for key, value in texts.items():
        if isinstance(value, Mapping):
            found |= _keys(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = sorted(
                {name for _, name, _, _ in string.Formatter().parse(str(value)) if name is not None}
            )
    return found


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("nb-NO,nb;q=0.9,no;q=0.8,nn;q=0.7,en-US;q=0.6", "nb"),
        ("nn", "nn"),
        ("no", "nb"),
        ("en;q=0.5, nn;q=0.9", "nn"),
        ("de, en;q=0", "nb"),
        ("", "nb"),
        (";;;q=x,,é=1", "nb"),
    ],
)
def test_readers_get_their_language(header: str, language: str) -> None:
    assert pick_language(header, LANGUAGES, "nb") == language


def test_a_device_is_named_as_its_owner_would() -> None:
    edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) (KHTML, like Gecko) Chrome/131 Safari/537.36 Edg/131"
    assert device_of(edge) == "Edge · Windows"
    assert device_of("curl/8") == ""
