"""The web application: the lines, the pages, health, metrics and the feed."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from dialog import Bot
from telephony.browser import BrowserSettings, browser_router
from telephony.call import Spoken
from telephony.traffic import TrafficRules, is_in, is_sip
from telephony.twilio import TwilioLine, TwilioSettings
from voicebot.config import Config, ConfigInvalid, TwilioConfig
from voicebot.feed import feed_router
from voicebot.guard import Guard
from voicebot.house import House
from voicebot.identity.codes import Codes
from voicebot.records.opening import Records
from voicebot.web.monitoring import may_monitor
from voicebot.web.parts import WebParts
from voicebot.web.rendering import Pages
from voicebot.web.router import add_web

NOT_CONNECTED = (
    "No Twilio account is connected: set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and PUBLIC_URL and start again.\n"
)


def build_app(config: Config, house: House) -> tuple[FastAPI, TwilioLine | None]:
    """The application and its phone line, None when no carrier is configured.

    Args:
        config: the whole configuration; with `twilio` set, `server.public_url` must be set too.
        house: who answers.
    """
    app = FastAPI(title="voicebot", docs_url=None, redoc_url=None, openapi_url=None)
    line = None
    if config.twilio is not None and config.server.public_url is not None:
        line = TwilioLine(twilio_settings(config, config.twilio, config.server.public_url, house), house)
        line.restore()
        house.callbacks.connect(line, config.callbacks.sender or config.identity.sender)
        app.include_router(line.router)
        app.include_router(feed_router(house.feed, config.twilio.auth_tokens))
    else:
        app.include_router(_not_connected())
    at_the_page: Counter[str] = Counter()
    app.include_router(browser_router(house, browser_settings(config, house), at_the_page))
    app.include_router(_health(house, line, at_the_page, config.web.metrics_token))
    app.add_middleware(Guard, metrics=house.metrics)
    parts = web_parts(config, house.bot, None if house.kept is None else house.kept.records)
    codes = page_codes(config, house, line)
    add_web(app, replace(parts, codes=codes, board=house.board, callbacks=house.callbacks))
    return app, line


def web_parts(config: Config, bot: Bot, records: Records | None) -> WebParts:
    """What the console must know."""
    pages = Pages(bot.name, bot.languages[0], "Europe/Oslo" if bot.hours is None else bot.hours.timezone)
    return WebParts(
        config.web,
        records,
        pages,
        bot,
        config.server.public_url,
        settings=config,
        ledger=None if records is None else records.ledger,
    )


def page_codes(config: Config, house: House, line: TwilioLine | None) -> Codes | None:
    """Codes for the page where callers see what is kept of them; None when no text message can be sent."""
    sender = config.identity.sender
    if line is None or sender is None:
        return None
    return Codes(house.code_book, lambda number, text: line.send_text(number, sender, text), house.engine.code_text)


def twilio_settings(config: Config, twilio: TwilioConfig, public_url: str, house: House) -> TwilioSettings:
    """What the phone line must know."""
    return TwilioSettings(
        account_sid=twilio.account_sid,
        auth_tokens=twilio.auth_tokens,
        public_url=public_url,
        api_key_sid=twilio.api_key_sid,
        api_key_secret=twilio.api_key_secret,
        region=twilio.region,
        edge=twilio.edge,
        api_url=twilio.api_url,
        call_seconds=min(config.limits.call_seconds, house.bot.limits.call_seconds),
        idle_seconds=config.limits.idle_seconds,
        quiet_seconds=config.limits.quiet_seconds,
        ring_seconds=config.limits.ring_seconds,
        traffic=traffic_rules(config, house),
    )


def traffic_rules(config: Config, house: House) -> TrafficRules:
    """How much the phone line lets through, and whom it may ring: the bot's own departments and nobody else.

    Raises:
        ConfigInvalid: a department sits where calls are not allowed to go.
    """
    limits, departments = config.limits, house.bot.departments
    addresses = {
        number: department.id
        for department in departments
        for number in (department.number, department.out_of_hours, *(one.number for one in department.people))
        if number is not None
    }
    abroad = sorted(
        {place for number, place in addresses.items() if not (is_sip(number) or is_in(number, limits.countries))}
    )
    if abroad:
        cure = "-> add their calling codes to limits.countries (VOICEBOT_COUNTRIES), or mend bot.yaml"
        raise ConfigInvalid(
            (f"departments {', '.join(abroad)}: the number is in a country that may not be rung {cure}",)
        )
    return TrafficRules(
        calls_per_number_minute=limits.calls_per_number_minute,
        calls_per_number_hour=limits.calls_per_number_hour,
        calls_per_minute=limits.calls_per_minute,
        transfers_per_number_hour=limits.transfers_per_number_hour,
        transfers_per_minute=limits.transfers_per_minute,
        texts_per_number_day=limits.texts_per_number_day,
        callbacks_per_hour=limits.callbacks_per_hour,
        callbacks_per_number_day=limits.callbacks_per_number_day,
        countries=limits.countries,
        destinations=frozenset(addresses),
        too_often=tuple(
            Spoken(house.engine.apology("too_often", language), language) for language in house.bot.languages[:1]
        ),
    )


def browser_settings(config: Config, house: House) -> BrowserSettings:
    """What the page must know."""
    return BrowserSettings(
        name=house.bot.name,
        languages=tuple(house.bot.languages),
        privacy=dict(house.bot.privacy),
        privacy_page=house.bot.records.page or "privacy",
        public_url=config.server.public_url,
        enabled=config.browser_enabled,
        call_seconds=min(config.limits.call_seconds, house.bot.limits.call_seconds),
        idle_seconds=config.limits.idle_seconds,
        calls_per_minute=config.limits.try_per_minute,
    )


def _not_connected() -> APIRouter:
    router = APIRouter()

    @router.api_route("/twilio/{path:path}", methods=["GET", "POST"])
    async def refuse(path: str) -> PlainTextResponse:
        return PlainTextResponse(NOT_CONNECTED, status_code=503)

    return router


def _health(house: House, line: TwilioLine | None, at_the_page: Counter[str], token: str | None) -> APIRouter:
    router = APIRouter()

    @router.get("/", include_in_schema=False)
    async def home() -> RedirectResponse:
        return RedirectResponse("try")

    @router.get("/healthz")
    async def healthz() -> JSONResponse:
        """The process is alive."""
        return JSONResponse({"status": "ok", "calls": house.calls})

    @router.get("/readyz")
    async def readyz(request: Request) -> JSONResponse:
        """Whether a caller who rings now is answered by the bot; what is wrong is told to who may see the metrics."""
        reason = house.not_ready()
        body: dict[str, object] = {"status": "ready" if reason is None else reason}
        if may_monitor(request, token):
            body |= {"bot": house.bot.name, "trouble": house.trouble, "records": list(house.troubles)}
        return JSONResponse(body, status_code=200 if reason is None else 503)

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        if not may_monitor(request, token):
            raise HTTPException(403)
        house.metrics.recogniser_waiting.set(house.recogniser.waiting)
        house.metrics.recogniser_busy.set(house.recogniser.busy)
        house.metrics.tasks.set(len(asyncio.all_tasks()))
        for kind, count in at_the_page.items():
            house.metrics.line_events.labels(f"page:{kind}").set(count)
        if line is not None:
            for kind, count in _counted(line):
                house.metrics.line_events.labels(kind).set(count)
        return Response(generate_latest(house.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _counted(line: TwilioLine) -> Iterator[tuple[str, int]]:
    """The line's counters as (kind, count), the ones with keys of their own as "refusals:full"."""
    for field in fields(line.counters):
        value = getattr(line.counters, field.name)
        if isinstance(value, Counter):
            yield from ((f"{field.name}:{key}", count) for key, count in value.items())
        else:
            yield field.name, value
