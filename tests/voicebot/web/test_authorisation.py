"""Every route of the whole service and every role, nobody included: who gets in and who does not.

The routes come from the application itself. One that is neither on the list of open routes nor in the table below makes
a test fail, as does one that lets in others than the table says.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from dialog import Engine
from tests.serving import test_config
from voicebot.app import build_app
from voicebot.house import House
from voicebot.records.opening import Records
from voicebot.upkeep import keep_records
from voicebot.web.navigation import NAVIGATION
from voicebot.web.open_routes import OPEN_ROUTES, is_open
from voicebot.web.permissions import Role
from voicebot.web.sign_in import accounts, sessions
from voicebot.web.sign_in.sessions import SessionRules, Stage
from voicebot.web.signed_in import Guard

EVERYBODY = "agent content analyst privacy admin"

WHO = {
    "GET /console": EVERYBODY,
    "POST /console/sign-out": EVERYBODY,
    "GET /console/account": EVERYBODY,
    "POST /console/account/language": EVERYBODY,
    "POST /console/account/sessions": EVERYBODY,
    "POST /console/account/password": EVERYBODY,
    "POST /console/account/second-factor": EVERYBODY,
    "GET /console/accounts": "admin",
    "POST /console/accounts": "admin",
    "POST /console/accounts/{account_id}": "admin",
    "GET /console/conversations": "agent privacy",
    "POST /console/conversations/search": "agent privacy",
    "GET /console/conversations/{conversation}": "agent privacy",
    "GET /console/conversations/{conversation}/recording": "privacy",
    "GET /console/unanswered": "content",
    "POST /console/unanswered/settle": "content",
    "GET /console/unanswered.csv": "content",
    "GET /console/statistics": "content analyst admin",
    "GET /console/callers": "privacy",
    "POST /console/callers": "privacy",
    "POST /console/callers/export": "privacy",
    "POST /console/callers/erase": "privacy",
    "GET /console/access-log": "privacy admin",
    "GET /console/forgetting": "privacy",
    "POST /console/forgetting": "privacy",
    "GET /console/processing": "privacy",
    "GET /console/processing.md": "privacy",
    "GET /console/consents": "privacy",
    "GET /console/content": "admin",
    "GET /console/health": "admin",
    "GET /agent": "agent",
    "GET /agent/events": "agent",
    "GET /agent/calls/{conversation}": "agent",
    "POST /agent/calls/{conversation}/accept": "agent",
    "POST /agent/calls/{conversation}/decline": "agent",
    "POST /agent/calls/{conversation}/take-over": "agent",
    "POST /agent/calls/{conversation}/tell": "agent",
    "POST /agent/calls/{conversation}/type": "agent",
    "POST /agent/calls/{conversation}/hand-back": "agent",
    "POST /agent/calls/{conversation}/finish": "agent",
    "GET /agent/callbacks": "agent",
    "GET /agent/callbacks/{callback_id}": "agent",
    "POST /agent/callbacks/next": "agent",
    "POST /agent/callbacks/{callback_id}/take": "agent",
    "POST /agent/callbacks/{callback_id}/release": "agent",
    "POST /agent/callbacks/{callback_id}/call": "agent",
    "POST /agent/callbacks/{callback_id}/settle": "agent",
    "GET /agent/history/{conversation}": "agent",
    "GET /agent/me": "agent",
    "POST /agent/me/status": "agent",
    "POST /agent/me/sound": "agent",
    "GET /agent/wrap-up": "agent",
    "GET /agent/wrap-up/{conversation}": "agent",
    "POST /agent/wrap-up/{conversation}": "agent",
    "POST /agent/wrap-up/{conversation}/skip": "agent",
}
"""Every route behind the sign-in, and the roles that may use it."""


@dataclass
class Service:
    """The whole application, and a way to be somebody in it."""

    app: FastAPI
    records: Records

    def browser(self, *roles: Role, stage: Stage = Stage.FULL) -> tuple[httpx.AsyncClient, str]:
        """A browser of somebody with these roles, and the form token; nobody's without any."""
        client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://127.0.0.1")
        if not roles:
            return client, "none"
        now, rules = datetime.now(UTC), SessionRules(timedelta(hours=1), timedelta(hours=1))
        with self.records.database.writing() as connection:
            name = f"a-{'-'.join(roles)}"
            account = accounts.find(connection, name) or accounts.add(connection, name, roles, "nb", now)[0]
            token = sessions.begin(connection, account.id, stage, "", rules, now)
            found = sessions.look_up(connection, token, rules, now)
        assert found is not None
        client.cookies.set("voicebot-session", token)
        return client, found[0].csrf


@pytest.fixture
async def service(tmp_path: Path, engine: Engine) -> AsyncIterator[Service]:
    config = test_config()
    config = replace(
        config,
        records=replace(config.records, folder=tmp_path / "records"),
        speech=replace(config.speech, cache_folder=tmp_path / "cache"),
    )
    async with keep_records(config.records, engine.bot) as kept:
        app, _ = build_app(config, House(config, engine.bot, engine, kept))
        yield Service(app, kept.records)


def routes(app: FastAPI) -> Iterator[tuple[str, str, Any]]:
    """Method ("WS" for a WebSocket), path and dependencies of every route, however deep routers are nested."""
    for route in iter_route_contexts(app.routes):
        for method in sorted(route.methods or {"WS"}):
            yield method, route.path or "", route.dependant


def guards(dependant: Any) -> Iterator[Guard]:
    for one in dependant.dependencies:
        if isinstance(one.call, Guard):
            yield one.call
        yield from guards(one)


async def test_every_route_is_open_on_purpose_or_guarded(service: Service) -> None:
    found = list(routes(service.app))
    guarded = {f"{method} {path}" for method, path, dependant in found if any(guards(dependant))}
    unguarded = {path for method, path, dependant in found if not any(guards(dependant))}
    assert {path for path in unguarded if not is_open(path)} == set(), "neither guarded nor on the list of open routes"
    assert guarded == set(WHO), "the table of roles is not the routes there are"
    assert {key for key in guarded if is_open(key.split()[1])} == set(), "guarded, and on the list of open routes"


async def test_every_open_route_on_the_list_exists(service: Service) -> None:
    paths = {path for _, path, _ in routes(service.app)}
    optional = {"/console/oidc", "/console/oidc/*"}  # with a provider only
    stale = [
        entry for entry in OPEN_ROUTES if not any(path == entry or path.startswith(entry.rstrip("*")) for path in paths)
    ]
    assert set(stale) <= optional


async def test_every_role_gets_in_where_it_may_and_nowhere_else(service: Service) -> None:
    wrong = []
    for role in Role:
        browser, csrf = service.browser(role)
        async with browser:
            for key in sorted(WHO, key=lambda key: "sign-out" in key):  # that one last
                method, path = key.split()
                url = path.replace("{", "").replace("}", "")
                allowed = WHO[key]
                answer = await browser.request(method, url, data={"csrf": csrf} if method == "POST" else None)
                let_in = not (answer.status_code == 403 or _asks_to_sign_in(answer))
                if let_in != (role in allowed.split()) or answer.status_code >= 500:
                    wrong.append((key, role, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("stage", [None, Stage.CODE, Stage.ENROL])
async def test_nobody_and_somebody_half_way_get_in_nowhere(service: Service, stage: Stage | None) -> None:
    browser, csrf = service.browser() if stage is None else service.browser(*Role, stage=stage)
    async with browser:
        for key in WHO:
            method, path = key.split()
            url = path.replace("{", "").replace("}", "")
            answer = await browser.request(method, url, data={"csrf": csrf} if method == "POST" else None)
            assert _asks_to_sign_in(answer), key


@pytest.mark.parametrize("given", [{}, {"csrf": ""}, {"csrf": "x" * 43}, {"csrf": "å"}])
async def test_no_form_is_taken_without_its_token(service: Service, given: dict[str, str]) -> None:
    browser, _ = service.browser(*Role)
    async with browser:
        for key in WHO:
            method, path = key.split()
            if method == "POST":
                answer = await browser.post(path.replace("{", "").replace("}", ""), data=given)
                assert answer.status_code == 403, key
        assert (await browser.get("/console")).status_code == 200, "and nobody was signed out"


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example.com"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
async def test_no_form_is_taken_from_another_site(service: Service, headers: dict[str, str]) -> None:
    browser, csrf = service.browser(Role.ANALYST)
    async with browser:
        for expected, sent in ((403, headers), (303, {"origin": "http://127.0.0.1", "sec-fetch-site": "same-origin"})):
            answer = await browser.post(
                "/console/account/language", data={"csrf": csrf, "language": "nn"}, headers=sent
            )
            assert answer.status_code == expected


async def test_the_navigation_leads_to_pages_for_just_those_who_may_see_them(service: Service) -> None:
    by_path = {
        path: {guard.permission for guard in guards(dependant)}
        for method, path, dependant in routes(service.app)
        if method == "GET"
    }
    for item in NAVIGATION:
        assert by_path.get(item.path) == {item.permission}, item.path


def _asks_to_sign_in(answer: httpx.Response) -> bool:
    """Signing out leads to the same page, but takes the cookie back."""
    leads_there = answer.status_code == 303 and "console/sign-in" in answer.headers["location"]
    return leads_there and "set-cookie" not in answer.headers
